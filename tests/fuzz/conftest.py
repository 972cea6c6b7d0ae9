"""One town for all questions, on servers and services of its own."""

from base64 import b64encode
from collections.abc import Iterator

import pytest

from tests.fuzz.town import Town
from tests.system.processes import Processes

EXAMPLES_KEY = b64encode(bytes(range(32))).decode()
"""The MASTER_KEY of the registry's examples: a district has signed one of them."""


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return the town. What is asked changes it, and no test counts what is there."""
    data = tmp_path_factory.mktemp("town")
    (data / "keys").mkdir()
    (data / "keys" / "master.key").write_text(EXAMPLES_KEY)
    with Processes(data, districts=["QUANG-YEN"]) as province:
        town = Town(province)
        town.found()
        yield town
        town.close()
