"""Ready means moving: a service says which part of it has work and stands still, and since when."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import psycopg
import pytest
from nats.errors import NoRespondersError

from services.chassis import progress, service
from services.chassis.edge.operations import open_routes
from services.chassis.progress import Progress, Stand
from services.registry.main import RegistrySettings, create
from tests.chassis.conftest import connected
from tests.chassis.districts import district, founding
from tests.chassis.story import NOW, until

PROVINCE = {
    "organization": "LAI-CHAU",
    "name": "Tỉnh ủy Lai Châu",
    "kind": "PROVINCIAL_COMMITTEE",
    "founded_on": "1950-10-01",
}


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Call a second what is half a minute in production."""
    monkeypatch.setattr(progress, "STALLED_AFTER_S", 1.0)
    monkeypatch.setattr(service, "SILENT_AFTER_S", 1.0)
    monkeypatch.setattr(progress, "LOOK_WITHIN_S", 0.3)


# -- What it means to stand still


class Relay:
    """A part that tells where it stands, or fails to."""

    def __init__(self, busy, at=0, error=None):
        self.stand, self.error, self.looks = Stand(busy, at), error, 0

    async def look(self):
        self.looks += 1
        if self.error:
            raise self.error
        return self.stand


@asynccontextmanager
async def watched(part):
    whole = Progress(lambda: NOW)
    whole.follow("relay", part.look)
    watching = asyncio.create_task(whole.run())
    try:
        yield whole
    finally:
        watching.cancel()


async def test_a_part_that_has_work_and_does_not_move_is_named_with_the_time():
    async with watched(Relay(busy=True)) as whole:
        assert {"relay": "has not moved since 2024-11-05T02:30:00Z"} == await until(whole.stalled)


async def test_a_part_that_moves_again_is_no_longer_named():
    relay = Relay(busy=True)
    async with watched(relay) as whole:
        await until(whole.stalled)
        relay.stand = Stand(busy=True, at=1)
        await until(lambda: not whole.stalled())


@pytest.mark.parametrize("part", [Relay(busy=False)], ids=["nothing to do"])
async def test_a_part_that_has_nothing_to_do_may_stand_still(part, monkeypatch):
    monkeypatch.setattr(progress, "STALLED_AFTER_S", 0.2)
    async with watched(part) as whole:
        await until(lambda: part.looks > 8)
        assert {} == whole.stalled()


async def test_a_part_that_cannot_be_looked_at_is_not_taken_for_well():
    async with watched(Relay(busy=False, error=NoRespondersError())) as whole:
        assert ["relay"] == list(await until(whole.stalled))


# -- A service


@pytest.fixture
async def registry(nats, database):
    """Return the registry, working in this process."""
    settings = RegistrySettings(
        database_url=database,
        nats_url=nats.url("registry"),
        auth_public_key=nats.keys.public_pem,
        master_key=nats.keys.master_key,
    )
    registry = create(settings)
    async with registry.working():
        yield registry


@pytest.fixture
async def http(registry, nats):
    transport = httpx.ASGITransport(registry.api)
    headers = {"Authorization": f"Bearer {nats.keys.token('officer')}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://registry", headers=headers) as client:
        yield client


@asynccontextmanager
async def locked(database, table):
    """Hold a table so that nobody can even read it."""
    async with await psycopg.AsyncConnection.connect(database) as other:
        await other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


async def waiting_for(http):
    return (await http.get("/readyz")).json()["waiting_for"]


async def says(http, part):
    waiting = await waiting_for(http)
    return waiting if part in waiting else None


async def ready(http):
    return (await http.get("/readyz")).status_code == 200


async def test_a_service_whose_view_stands_still_says_so_until_it_moves(registry, http, database):
    await until(lambda: ready(http))
    async with locked(database, "tree.organization"):
        assert 201 == (await http.post("/registry/v1/organizations", json=PROVINCE)).status_code

        waiting = await until(lambda: says(http, "view tree"))

        assert ["view tree"] == list(waiting)
        assert waiting["view tree"].startswith("has not moved since 20")
        assert 200 == (await http.get("/livez")).status_code
    await until(lambda: ready(http))


async def test_a_service_whose_stream_takes_no_more_says_that_its_relay_stands(registry, http, nats):
    await until(lambda: ready(http))
    async with connected(nats) as broker:
        js = broker.connection.jetstream()
        stream = (await js.stream_info("REGISTRY")).config
        stream.sealed = True
        await js.update_stream(stream)
    assert 201 == (await http.post("/registry/v1/organizations", json=PROVINCE)).status_code

    assert ["relay"] == list(await until(lambda: says(http, "relay")))


async def test_a_service_that_answers_no_district_says_that_its_intake_stands(registry, http, nats, database):
    await until(lambda: ready(http))
    async with locked(database, "inbox"), district(nats) as than_uyen:
        await than_uyen.publish("OrganizationFounded", founding("e-1", "TU-C-001"))

        assert ["intake"] == list(await until(lambda: says(http, "intake")))
    await until(lambda: ready(http))


async def test_a_service_whose_database_is_silent_names_only_that_and_still_tells_its_figures(registry, http):
    registry.api.serve(open_routes(registry))
    await until(lambda: ready(http))
    well = (await http.get("/metrics")).text
    await registry.pool.close()

    assert ["postgresql"] == list(await until(lambda: says(http, "postgresql")))
    ill = (await http.get("/metrics")).text
    assert ("\nready 1.0\n" in well, "\nready 0.0\n" in ill) == (True, True)
    assert ('\nstill_seconds{what="relay"}' in ill, '\nbound_used{what="connections"}' in ill) == (True, True)
