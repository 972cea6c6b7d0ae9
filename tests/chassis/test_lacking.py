"""Healing: what a stream or a consumer lost comes back from the owner's log, or is an alarm."""

from contextlib import asynccontextmanager
from shutil import copytree, rmtree

import anyio
import pytest
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.api import DeliverPolicy, StreamConfig

from services.chassis.alarm import Alarms
from services.chassis.delivery import envelope_in
from services.chassis.parked import ParkingLot
from services.chassis.streams import bus, lacking
from services.chassis.streams.bus import watch
from services.chassis.streams.history import StreamFeed
from services.chassis.streams.lacking import Lacking, Owner
from services.chassis.streams.published import Published
from services.chassis.streams.window import Outgoing, send
from tests.chassis.conftest import almighty, carrying
from tests.chassis.marks import Marks, chain, numbered
from tests.chassis.readers import all_acknowledged, following, publish, reading
from tests.chassis.story import ASKED, Lamp, until
from tests.chassis.story import publish as made_public
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def alarms():
    return Alarms()


async def install(store, *codes):
    """Store a founding for each of `codes`, and after each a fact that stays private."""
    for code in codes:
        lamp = Lamp.install(code)
        await store.record(lamp, origin=ASKED)
        lamp.light()
        await store.record(lamp, origin=ASKED)


async def carry(store, broker):
    """Bring the log into a stream that may be damaged: the relay's forbids deletion."""
    js = broker.connection.jetstream()
    await js.add_stream(StreamConfig(name="REGISTRY", subjects=["events.registry.>"]))
    public = Published(store, made_public).envelopes(await store.read(0, 500), after=0)
    messages = [Outgoing(f"events.{e.type}.{e.organization}", e.encode()) for e in public]
    await send(broker.connection, "REGISTRY", messages, after=0)


@asynccontextmanager
async def owner(store, broker):
    """Let the registry answer for its log while the body runs."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Owner(Published(store, made_public), broker).run)
        yield
        tasks.cancel_scope.cancel()


# -- A message is missing in the stream


async def test_a_message_that_is_missing_in_the_middle_is_told_by_its_owner(
    nats, broker, store, marks, alarms
):
    await install(store, "A1", "A2", "A3", "A4")
    await carry(store, broker)
    async with almighty(nats) as js:
        await js.delete_msg("REGISTRY", 2)
    async with owner(store, broker), following(nats, marks, alarms=alarms):
        await marks.reached("registry", 7, PATIENCE_S)

    assert {"A1": 1, "A2": 1, "A3": 1, "A4": 1} == await marks.told()
    assert 0 == alarms.count("gap")


async def test_a_stream_without_its_beginning_is_told_by_its_owner_in_parts(
    nats, broker, store, marks, monkeypatch
):
    monkeypatch.setattr(lacking, "READ_MAX", 8)
    codes = [f"A{n}" for n in range(60)]
    await install(store, *codes)
    await carry(store, broker)
    async with almighty(nats) as js:
        await js.purge_stream("REGISTRY", seq=50)
    async with owner(store, broker), following(nats, marks):
        await marks.reached("registry", 119, PATIENCE_S)

    assert dict.fromkeys(codes, 1) == await marks.told()


async def test_an_answer_ends_before_it_is_too_large_and_the_reader_asks_on(
    nats, broker, store, marks, monkeypatch
):
    monkeypatch.setattr(lacking, "ANSWER_BYTES_MAX", 1)
    await install(store, "A1", "A2", "A3", "A4")
    await carry(store, broker)
    async with almighty(nats) as js:
        await js.purge_stream("REGISTRY", seq=4)
    async with owner(store, broker), following(nats, marks):
        await marks.reached("registry", 7, PATIENCE_S)

    assert {"A1": 1, "A2": 1, "A3": 1, "A4": 1} == await marks.told()


async def test_what_the_log_does_not_hold_either_is_an_alarm_and_never_passed(
    nats, js, broker, store, pool, marks, alarms
):
    one, _, three = numbered(3)
    await publish(js, [one, three])
    async with owner(store, broker), following(nats, marks, alarms=alarms):
        await until(lambda: alarms.count("gap") > 2)

    assert {"A1": 1} == await marks.told()
    assert 0 == await ParkingLot(pool).count()


async def test_a_gap_is_waited_with_while_its_owner_is_away(nats, broker, store, marks, alarms, monkeypatch):
    monkeypatch.setattr(lacking, "ANSWER_WITHIN_S", 0.1)
    await install(store, "A1", "A2", "A3")
    await carry(store, broker)
    async with almighty(nats) as js:
        await js.delete_msg("REGISTRY", 2)
    asked = []

    async def hear(question):
        asked.append(question)

    deaf = await broker.connection.subscribe("log.registry", cb=hear)
    async with following(nats, marks, alarms=alarms):
        await marks.reached("registry", 1, PATIENCE_S)
        await until(lambda: len(asked) > 2)
        await deaf.unsubscribe()
        async with owner(store, broker):
            await marks.reached("registry", 5, PATIENCE_S)

    assert {"A1": 1, "A2": 1, "A3": 1} == await marks.told()
    assert 0 == alarms.count("gap")


async def test_a_rebuild_from_a_damaged_stream_reads_everything(nats, broker, store, alarms):
    await install(store, "A1", "A2", "A3", "A4", "A5")
    await carry(store, broker)
    async with almighty(nats) as js:
        await js.purge_stream("REGISTRY", seq=2)
        await js.delete_msg("REGISTRY", 4)
    feed = StreamFeed(["registry"], Lacking(broker, alarms))
    async with owner(store, broker):
        whole = await replayed(feed, Marks(store.pool), {})
        rest = await replayed(feed, Marks(store.pool), {"registry": whole["A3"]})

    assert ["A1", "A2", "A3", "A4", "A5"] == list(whole)
    assert ["A4", "A5"] == list(rest)


async def replayed(feed, view, after):
    """Return of whom a feed tells until it reaches its end, each with its position."""
    told = {}
    async for page in feed.replay(view, after):
        if not page.events:
            break
        envelopes = [envelope_in(message) for message in page.messages]
        told |= {envelope.organization: envelope.sequence for envelope in envelopes}
    return told


async def test_an_envelope_that_cannot_be_read_is_an_alarm(nats, js, marks, alarms):
    await js.publish("events.registry.OrganizationFounded.v1.A1", b"{}")
    async with following(nats, marks, alarms=alarms):
        await until(lambda: alarms.count("envelope_unreadable"))


# -- A consumer is lost or astray


@pytest.fixture
def hurried(monkeypatch):
    """Look every moment, and let nats-py ask anew soon: it does not hear that its consumer was deleted."""
    monkeypatch.setattr(bus, "WATCH_EVERY_S", 0.05)
    monkeypatch.setattr(bus, "STALLED_AFTER", 1_000)
    monkeypatch.setattr(bus, "FETCH_TIMEOUT_S", 0.3)


@asynccontextmanager
async def watched(js, reader):
    """Look after the consumer of `reader` while the body runs."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch, js, [reader])
        yield
        tasks.cancel_scope.cancel()


async def test_a_consumer_that_is_deleted_is_made_again_where_the_view_stands(nats, js, marks, hurried):
    await publish(js, numbered(3))
    async with following(nats, marks) as reader, watched(js, reader):
        await marks.reached("registry", 3, PATIENCE_S)
        await js.delete_consumer("REGISTRY", "registry")
        await publish(js, chain("A4", after=3))
        await marks.reached("registry", 4, PATIENCE_S)

    assert 4 == (await js.consumer_info("REGISTRY", "registry")).config.opt_start_seq


async def test_a_consumer_ahead_of_its_stream_is_put_back(nats, js, marks, hurried):
    await publish(js, numbered(3))
    await js.add_consumer(
        "REGISTRY",
        JetStreamConsumerConfig(
            durable_name="registry", deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=9
        ),
    )
    async with following(nats, marks) as reader, watched(js, reader):
        await marks.reached("registry", 3, PATIENCE_S)

    assert {"A1": 1, "A2": 1, "A3": 1} == await marks.told()


async def test_a_server_that_lost_a_streams_last_minutes_and_not_its_consumers_costs_no_event(
    nats, js, store, broker, database, marks, tmp_path, hurried
):
    stream = nats.folder / "jetstream" / "FOURGOOD" / "streams" / "REGISTRY"
    async with (
        carrying(store, broker, database),
        following(nats, marks) as reader,
        watched(js, reader),
    ):
        await install(store, "A1", "A2")
        await marks.reached("registry", 3, PATIENCE_S)
        nats.stop()
        copytree(stream / "msgs", tmp_path / "msgs")
        nats.start()
        await install(store, "A3", "A4")
        await marks.reached("registry", 7, PATIENCE_S)
        await until(lambda: all_acknowledged(js))
        nats.stop()
        rmtree(stream / "msgs")
        copytree(tmp_path / "msgs", stream / "msgs")
        nats.start()
        await install(store, "A5", "A6")
        await marks.reached("registry", 11, PATIENCE_S)

    assert {f"A{n}": 1 for n in range(1, 7)} == await marks.told()


async def test_a_view_ahead_of_its_owners_log_is_an_alarm(nats, js, broker, store, marks, alarms):
    """The owner's database was restored, and NATS was emptied: what it records anew would be passed over."""
    await install(store, "A1")
    await marks.apply(numbered(9))
    reader = reading(marks, broker=broker, alarms=alarms)
    await reader.rewind(js)
    async with owner(store, broker):
        await reader.look(js)
        await reader.look(js)

    assert 1 == alarms.count("view_ahead")


async def test_a_view_that_waits_for_its_stream_to_be_filled_again_is_no_alarm(
    nats, js, broker, store, marks, alarms
):
    await install(store, "A1", "A2", "A3", "A4", "A5")
    await marks.apply(numbered(9))
    reader = reading(marks, broker=broker, alarms=alarms)
    await reader.rewind(js)
    async with owner(store, broker):
        await reader.look(js)
        await reader.look(js)

    assert 0 == alarms.count("view_ahead")
