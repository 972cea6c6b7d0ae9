"""A district's office with a NATS server of its own, on a line that is slow, is cut and heals."""

import asyncio
import subprocess
from datetime import UTC, datetime

import anyio
import nats
import pytest

from contracts.credentials import Credentials
from deploy.embedded.keys import Keys
from deploy.embedded.nats import NatsServer
from deploy.embedded.office import Office
from deploy.embedded.process import LOOPBACK, free_port
from services.chassis.eventlog.store import Origin
from services.registry.application.credential import IssueCredential, RevokeCredential
from tests.lines import Line
from tests.logs import log_of
from tests.offices import at_the_door, callout_on, connected
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.anyio
EVENTS = 300
WINDOW = 25


@pytest.fixture
def line():
    try:
        line = Line()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces here: {getattr(error, 'stderr', error)}")
    yield line
    line.remove()


@pytest.fixture
async def store(database):
    async with log_of("registry", database, clock=lambda: datetime.now(UTC)) as store:
        yield store


@pytest.fixture
def hub(tmp_path, line):
    hub = NatsServer(
        tmp_path / "hub",
        free_port(),
        keys=Keys(tmp_path / "keys"),
        districts=[],
        log=tmp_path / "hub.log",
        offices=f"{line.province}:7422",
    )
    hub.start()
    yield hub
    hub.kill()


@pytest.fixture
async def callout(hub, store):
    async with callout_on(hub, store) as callout, at_the_door(callout):
        yield callout


@pytest.fixture
async def credentials(callout, hub):
    handed = await callout.credentials.issue("THAN-UYEN", IssueCredential(), Origin("test", "test", "test"))
    return Credentials(nats=[f"nats://{LOOPBACK}:{hub.port}"], **vars(handed))


@pytest.fixture
def office(credentials, line, tmp_path):
    office = Office(
        credentials,
        tmp_path / "office",
        hub=f"nats-leaf://{line.province}:7422",
        host=line.desk,
        port=free_port(),
        within=line.within,
    )
    office.start()
    yield office
    office.kill()


@pytest.fixture
async def desk(office, line, credentials):
    """A desk of the office, once what it publishes reaches the province."""
    async with connected(office, vars(credentials), host=line.desk) as desk:
        await published(desk, ["first"], set())
        yield desk


async def published(desk, names, arrived):
    """Publish until the province has taken each, as a publisher does: what is not answered is sent again."""
    js = desk.client.jetstream()

    async def send(name):
        try:
            await js.publish("intake.THAN-UYEN.MeetingHeld", name.encode(), timeout=3, stream="INTAKE")
        except (nats.errors.Error, TimeoutError):
            return  # no line, or an answer that was lost on it
        arrived.add(name)

    with anyio.fail_after(3 * PATIENCE_S):
        while left := [name for name in names if name not in arrived][:WINDOW]:
            await asyncio.gather(*(send(name) for name in left))


async def taken(callout):
    """Return what the province has in its stream."""
    js = callout._broker.connection.jetstream()
    state = (await js.stream_info("INTAKE")).state
    return {(await js.get_msg("INTAKE", seq)).data.decode() for seq in range(1, state.last_seq + 1)}


async def test_nothing_is_lost_on_a_slow_line_that_is_cut_and_heals_while_the_hub_starts_anew(
    callout, line, hub, desk
):
    names, arrived = [f"e-{number}" for number in range(EVENTS)], set()
    publishing = asyncio.create_task(published(desk, names, arrived))
    with anyio.fail_after(PATIENCE_S):
        while len(arrived) < EVENTS // 3:
            await asyncio.wait([publishing], timeout=0.05)

    line.cut()
    await anyio.to_thread.run_sync(hub.stop)
    await anyio.to_thread.run_sync(hub.start)
    while_cut = len(arrived)
    line.heal()
    await publishing

    assert while_cut < EVENTS
    assert {"first", *names} == await taken(callout)


async def test_an_office_hears_its_receipts_and_says_nothing_of_another_district(callout, desk):
    receipts = await desk.client.subscribe("receipts.THAN-UYEN.>")
    others = await desk.client.subscribe("receipts.TAM-KY.>")
    await desk.client.flush()
    province = callout._broker.connection
    with anyio.fail_after(PATIENCE_S):
        while not receipts.pending_msgs:  # until the province knows that somebody there listens
            await province.publish("receipts.TAM-KY.X", b"theirs")
            await province.publish("receipts.THAN-UYEN.X", b"ours")
            await asyncio.wait([asyncio.ensure_future(province.flush())], timeout=0.5)

    assert b"ours" == (await receipts.next_msg()).data
    assert 0 == others.pending_msgs
    with pytest.raises((nats.errors.Error, TimeoutError)):
        await desk.client.jetstream().publish("intake.TAM-KY.MeetingHeld", b"{}", timeout=2)
    assert {"first"} == await taken(callout)


async def test_streams_of_an_office_are_its_own(callout, desk):
    await desk.client.jetstream().add_stream(name="NOTES", subjects=["notes.>"])

    there = await callout._broker.connection.jetstream().account_info()

    assert 1 == there.streams
    assert "THAN-UYEN" == (await desk.client.jetstream().account_info()).domain


async def test_a_revoked_office_is_cut_off(callout, desk):
    await callout.credentials.revoke("THAN-UYEN", RevokeCredential(), Origin("test", "test", "test"))
    await callout.cut_off()

    with pytest.raises((nats.errors.Error, TimeoutError)):
        await desk.client.jetstream().publish("intake.THAN-UYEN.MeetingHeld", b"{}", timeout=2)
    [last, *_] = await callout.uses.of("THAN-UYEN")
    assert "Leafnode" in last.client
