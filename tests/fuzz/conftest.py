"""One town for all questions, on servers and services of its own."""

from collections.abc import Iterator

import pytest

from tests.fuzz.town import Town
from tests.system.processes import Processes


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return the town. What is asked changes it, and no test counts what is there."""
    with Processes(tmp_path_factory.mktemp("town"), districts=["QUANG-YEN"]) as province:
        town = Town(province)
        town.found()
        yield town
        town.close()
