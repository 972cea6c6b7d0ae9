"""These tests need a Docker engine and half a minute for each image: `make test-containers` runs them."""

import os

import pytest

from tests.containers.engine import NO_ENGINE, engine_answers

ASKED_FOR = os.environ.get("FOURGOOD_TEST_RUNTIME") == "containers"


def pytest_collection_modifyitems(items):
    """Skip what needs an engine where none answers, or where nobody asked for it."""
    waiting = [item for item in items if item.get_closest_marker("containers")]
    if not waiting or (ASKED_FOR and engine_answers()):
        return
    reason = NO_ENGINE if ASKED_FOR else "skipped: make test-containers runs these"
    for item in waiting:
        item.add_marker(pytest.mark.skip(reason=reason))
