"""A real NATS for every test of a file; what is on it is forgotten between two of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from contracts.publisher import Credentials
from deploy.cli.district import credentials_of
from deploy.embedded.keys import Keys
from deploy.embedded.nats import NatsServer
from deploy.embedded.process import free_port
from tests.publisher.province import CODE, Province


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[NatsServer]:
    folder = tmp_path_factory.mktemp("publisher")
    keys = Keys(folder / "keys")
    server = NatsServer(folder / "nats", free_port(), keys=keys, districts=[CODE], log=folder / "nats.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def province(server: NatsServer) -> AsyncIterator[Province]:
    """Return a province that has heard nothing yet, and answers."""
    async with Province(server) as province:
        yield province
    if server.alive:
        server.stop()
    # Nobody on the bus may empty a stream; a lost disk does, for the next test.
    server.forget()
    server.start()


@pytest.fixture
def credentials(server: NatsServer) -> Credentials:
    return credentials_of(CODE, server.url(CODE))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.db"
