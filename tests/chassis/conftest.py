"""A log, a database and a broker of its own for each test of the chassis."""

from contextlib import asynccontextmanager

import anyio
import pytest
import structlog
from nats import connect as connect_client
from nats.js.api import StreamConfig
from prometheus_client import CollectorRegistry

from deploy.embedded.keys import Keys
from deploy.embedded.nats import RULES, NatsServer
from deploy.embedded.process import free_port
from services.chassis.districts import batch, lane, lanes, late
from services.chassis.districts.intake import Intake
from services.chassis.districts.strays import Strays
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Store, open_pool
from services.chassis.streams import bus, follower
from services.chassis.streams.bus import connect, declare, declare_intake
from services.chassis.streams.relay import Relay
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from tests.chassis.districts import district
from tests.chassis.lamps import Lamps
from tests.chassis.marks import Marks
from tests.chassis.running import started
from tests.chassis.story import NOW, founded, publish, until
from tests.logs import prepared
from tests.patience import PATIENCE_S
from tests.telling import delivered

ALMIGHTY = '{user: "almighty", password: "almighty"}'
"""Of the account that holds the streams, with no limits."""

DISTRICTS = ("THAN-UYEN", "TAM-KY")


@pytest.fixture(scope="session", autouse=True)
def _plain_logs():
    """Say what the services say without structlog's drawings of tracebacks, which take seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )


@pytest.fixture
async def pool(database):
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
    return await prepared(Marks(pool))


@pytest.fixture(scope="package", autouse=True)
def _one_user_more(tmp_path_factory):
    """Let a test damage a stream, as no disk and no person should."""
    first = '{user: "registry"'
    rules = tmp_path_factory.mktemp("rules") / "bus.conf"
    rules.write_text(RULES.read_text().replace(first, f"{ALMIGHTY}\n{first}", 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deploy.embedded.nats.RULES", rules)
        yield


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
def environment(nats, database):
    """Return the settings of a registry on the test's own servers."""
    return {
        "DATABASE_URL": database,
        "NATS_URL": nats.url("registry"),
        "AUTH_PUBLIC_KEY": nats.keys.public_pem,
        "MASTER_KEY": nats.keys.master_key,
        "PORT": str(free_port()),
    }


@pytest.fixture
async def registry(nats, environment, tmp_path):
    """Return a registry in a process of its own, ready."""
    async with started(nats, environment, tmp_path / "registry.log") as registry:
        await until(registry.ready)
        yield registry


@pytest.fixture
async def broker(nats):
    """Return the registry's connection, as `bus.connect` makes it."""
    async with connected(nats) as broker:
        yield broker


@pytest.fixture
def hasty(monkeypatch):
    for module in (batch, lane):
        monkeypatch.setattr(module, "patience_s", lambda attempt: 0.03)
    monkeypatch.setattr(lanes, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(late, "KNOWN_WITHIN_S", 0.2)


@pytest.fixture
async def tree(pool):
    tree = Tree(pool)
    await tree.prepare()
    await tree.apply(
        [
            delivered(founded("THAN-UYEN", sequence=1, previous=0)),
            delivered(founded("TU-C-001", sequence=2, previous=1, parent="THAN-UYEN")),
            delivered(founded("TU-C-002", sequence=3, previous=2, parent="THAN-UYEN")),
            delivered(founded("TAM-KY", sequence=4, previous=3)),
            delivered(founded("TK-C-001", sequence=5, previous=4, parent="TAM-KY")),
        ]
    )
    return tree


@pytest.fixture
def lamps(store):
    return Lamps(store)


@pytest.fixture
async def intake(nats, store, lamps, tree, hasty):
    """Return the registry's intake, taking in what lies on the bus."""
    rights = Rights(tree, Officials(tree.pool))

    async def check(district, event):
        await rights.check_district(district, getattr(event, "parent", None) or event.organization)

    async def settled():
        return True

    async with connected(nats) as broker, anyio.create_task_group() as tasks:
        await declare_intake(broker.connection.jetstream())
        intake = Intake(
            store,
            lamps.handlers(),
            broker=broker,
            check=check,
            begins={},
            settled=settled,
            metrics=CollectorRegistry(),
        )
        await prepared(intake.arrivals.closings)
        await prepared(intake.arrivals)
        tasks.start_soon(intake.lanes.run)
        tasks.start_soon(Strays(intake).lanes.run)
        yield intake
        tasks.cancel_scope.cancel()


@pytest.fixture
async def than_uyen(nats, intake):
    async with district(nats) as than_uyen:
        yield than_uyen


@pytest.fixture
async def js(broker):
    """Return JetStream with the registry's stream."""
    js = broker.connection.jetstream(timeout=PATIENCE_S)
    await declare(js, StreamConfig(name="REGISTRY", subjects=["events.registry.>"]))
    return js


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(bus, "patience_s", lambda attempt: 0.02)
    monkeypatch.setattr(follower, "patience_s", lambda attempt: 0.02)
    monkeypatch.setattr(follower, "DELAYS_S", (0.02, 0.02))
    monkeypatch.setattr(follower, "AGAIN_AFTER_S", 0.05)
    monkeypatch.setattr(bus, "PATIENCE_S_MAX", 0.05)


@asynccontextmanager
async def almighty(nats):
    """Yield the JetStream of someone who may do anything."""
    client = await connect_client(f"nats://almighty:almighty@127.0.0.1:{nats.port}")
    try:
        yield client.jetstream(timeout=PATIENCE_S)
    finally:
        await client.close()


@asynccontextmanager
async def carrying(store, broker, database, public=publish):
    """Run a relay while the body runs."""
    relay = Relay(store, public, broker, database)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(relay.run)
        yield relay
        tasks.cancel_scope.cancel()


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
