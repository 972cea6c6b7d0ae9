"""A log, a database and a broker of its own for each test of the chassis."""

import anyio
import pytest
import structlog

from deploy.embedded.keys import Keys
from deploy.embedded.nats import NatsServer
from deploy.embedded.process import free_port
from services.chassis.bus import connect
from services.chassis.store import Store, create_log, create_tables, open_pool
from tests.chassis.marks import Marks
from tests.chassis.story import NOW

DISTRICTS = ("THAN-UYEN", "TAM-KY")


@pytest.fixture(scope="session", autouse=True)
def _plain_logs():
    """Say what the services say without structlog's drawings of tracebacks, which take seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )


@pytest.fixture
async def pool(database):
    create_tables(database)
    create_log("registry", database)
    async with open_pool("registry", database) as pool:
        yield pool


@pytest.fixture
async def store(pool):
    store = Store("registry", pool, clock=lambda: NOW)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(store.writer.run)
        yield store
        tasks.cancel_scope.cancel()


@pytest.fixture
async def marks(pool):
    view = Marks(pool)
    await view.prepare()
    return view


@pytest.fixture
def nats(tmp_path):
    """Return a NATS server of the test's own, with everyone's rights as in production."""
    server = NatsServer(
        tmp_path / "nats",
        free_port(),
        keys=Keys(tmp_path / "keys"),
        districts=DISTRICTS,
        log=tmp_path / "nats.log",
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def broker(nats):
    """Return the registry's connection, as `bus.connect` makes it."""
    async with connected(nats) as broker:
        yield broker


def connected(nats, user="registry"):
    """Return a connection of a service, open while its body runs."""
    return _Connected(connect(user, nats.url(user)))


class _Connected:
    def __init__(self, broker):
        self.broker = broker

    async def __aenter__(self):
        await self.broker.connect()
        return self.broker

    async def __aexit__(self, *_):
        await self.broker.stop()
