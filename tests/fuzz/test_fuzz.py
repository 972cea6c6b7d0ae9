"""Every service asked whatever its own OpenAPI lets one ask, over real servers."""

import os

import pytest

from deploy.embedded.runtime import SERVICES
from tests.fuzz.asking import Asker
from tests.fuzz.town import Town

QUESTIONS = int(os.environ.get("FUZZ_QUESTIONS", "6"))
"""Of each operation. Where nobody says how many they are the same each time."""


@pytest.mark.long
@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_asked_is_answered_as_described_and_what_is_refused_stores_nothing(
    service: str, town: Town
):
    asker = Asker(town, service, QUESTIONS, repeatable="FUZZ_QUESTIONS" not in os.environ)

    assert [] == asker.defects()
