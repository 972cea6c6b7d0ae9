"""Real servers for every test that needs one, started once, on free ports, gone afterwards."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from deploy.embedded.runtime import Embedded

_number = count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run async tests on the event loop the services run on."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Return a NATS and a PostgreSQL for the whole run. Tests keep apart by database, stream and code."""
    with Embedded(tmp_path_factory.mktemp("servers"), durable=False) as embedded:
        yield embedded


@pytest.fixture
def database(servers: Embedded) -> str:
    """Return the address of an empty database of its own. It goes when the server goes."""
    name = f"test_{next(_number)}"
    with psycopg.connect(servers.database_url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER registry STRATEGY FILE_COPY")
    return servers.database_url("registry", name)
