"""Real servers for every test that needs one, started once, on free ports, gone afterwards.

`make test` shares the tests out to workers (pytest-xdist), each with servers of its own.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from deploy.embedded.runtime import SERVICES, Embedded
from services.chassis.eventlog.store import Origin, create_log, create_tables

PROVINCES = ("tests/chaos/", "tests/system/", "tests/fuzz/")
"""Folders whose tests stand on one whole province. They take longest."""

FRAGILE = "tests/system/test_faults.py"
"""Each of its tests breaks a province of its own."""

_number = count(1)

settings.register_profile("busy", deadline=None)  # how long one example takes says how busy the machine is
settings.load_profile("busy")


class Shares(LoadScopeScheduling):
    """What one worker does in one go, so that nothing is started twice."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the share of a test: itself, or the province it stands on, or its file."""
        if nodeid.startswith(FRAGILE):
            return nodeid
        file = nodeid.partition("::")[0]
        return next((folder for folder in PROVINCES if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """Share out as above, in the order below."""
    config.option.loadscopereorder = False
    return Shares(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let workers begin with what takes longest, so that none is left alone with it at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(PROVINCES))


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
def admin(servers: Embedded) -> Iterator[psycopg.Connection]:
    """Return the connection that makes databases."""
    with psycopg.connect(servers.database_url("postgres"), autocommit=True) as admin:
        yield admin


@pytest.fixture(scope="session")
def empty_logs(servers: Embedded, admin: psycopg.Connection) -> str:
    """Return the name of a database in which every service has its tables, and nothing has happened."""
    admin.execute("CREATE DATABASE empty_logs OWNER registry")
    address = servers.database_url("registry", "empty_logs")
    create_tables(address)
    for service in SERVICES:
        create_log(service, address)
    return "empty_logs"


@pytest.fixture(scope="session")
def template(empty_logs: str) -> str:
    """Return the name of the database that tests have copies of: a folder may have one with its views."""
    return empty_logs


@pytest.fixture
def database(servers: Embedded, admin: psycopg.Connection, template: str) -> str:
    """Return the address of a copy of it, the test's own. It goes when the server goes."""
    name = f"test_{next(_number)}"
    admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER registry STRATEGY FILE_COPY")
    return servers.database_url("registry", name)


@pytest.fixture
def asked() -> Origin:
    """Return on whose behalf a command is given over HTTP."""
    return Origin(actor="officer-1", correlation="c-1", causation="http:c-1")
