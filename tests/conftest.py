"""Real servers for every test that needs one, started once, on free ports, gone afterwards."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from deploy.embedded.runtime import SERVICES, Embedded
from services.chassis.store import create_log, create_tables

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


@pytest.fixture(scope="session")
def empty_logs(servers: Embedded) -> str:
    """Return the name of a database in which every service has its tables, and nothing has happened."""
    with psycopg.connect(servers.database_url("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE empty_logs OWNER registry")
    address = servers.database_url("registry", "empty_logs")
    create_tables(address)
    for service in SERVICES:
        create_log(service, address)
    return "empty_logs"


@pytest.fixture
def database(servers: Embedded, empty_logs: str) -> str:
    """Return the address of a copy of it, the test's own. It goes when the server goes."""
    name = f"test_{next(_number)}"
    with psycopg.connect(servers.database_url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {empty_logs} OWNER registry STRATEGY FILE_COPY")
    return servers.database_url("registry", name)
