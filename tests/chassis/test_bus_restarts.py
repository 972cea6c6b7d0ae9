"""Following goes on after a death of the server, of a reader or of the view's rows; history is read again."""

import asyncio

import pytest
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.api import StreamConfig

from services.chassis.alarm import Alarms
from services.chassis.delivery import envelope_in
from services.chassis.streams import bus
from services.chassis.streams.bus import declare, present, watch
from services.chassis.streams.history import StreamFeed
from services.chassis.streams.lacking import Lacking
from tests.chassis.conftest import connected
from tests.chassis.marks import chain, numbered
from tests.chassis.readers import all_acknowledged, following, publish, reading
from tests.chassis.story import until
from tests.patience import PATIENCE_S

# -- What is lost


async def test_a_view_restored_from_before_is_told_again_what_it_lacks(nats, js, pool, marks):
    await publish(js, numbered(5))
    async with following(nats, marks):
        await marks.reached("registry", 5, PATIENCE_S)
        await until(lambda: all_acknowledged(js))
    async with pool.connection() as connection:
        await connection.execute("DROP SCHEMA marks CASCADE")
    await marks.prepare()
    await reading(marks).rewind(js)
    async with following(nats, marks):
        await marks.reached("registry", 5, PATIENCE_S)

    assert {f"A{n}": 1 for n in range(1, 6)} == await marks.told()


async def test_a_view_that_has_read_all_its_consumer_was_told_keeps_it(nats, js, marks):
    await publish(js, numbered(2))
    async with following(nats, marks):
        await marks.reached("registry", 2, PATIENCE_S)
        await until(lambda: all_acknowledged(js))
    await reading(marks).rewind(js)

    assert 2 == (await js.consumer_info("REGISTRY", "registry")).ack_floor.stream_seq


async def test_what_a_dead_reader_had_in_hand_is_told_at_once(nats, js, marks):
    """The server would hold it back until the ack wait is over, and tell what follows first."""
    await publish(js, numbered(8))
    async with following(nats, marks):
        await marks.reached("registry", 8, PATIENCE_S)
        await until(lambda: all_acknowledged(js))
    await publish(js, chain("B1", "B2", "B3", after=8))
    dead = await js.pull_subscribe_bind("registry", "REGISTRY")
    assert 2 == len(await dead.fetch(2))
    await dead.unsubscribe()
    await reading(marks).rewind(js)
    async with following(nats, marks):
        await marks.reached("registry", 11, PATIENCE_S)

    assert {1} == set((await marks.told()).values())


async def test_an_envelope_that_cannot_be_read_does_not_keep_a_service_from_starting(
    nats, js, marks, impatient
):
    await publish(js, numbered(1))
    await js.publish("events.registry.OrganizationFounded.v1.A2", b"{}")
    await marks.apply(numbered(1))
    await js.add_consumer("REGISTRY", JetStreamConsumerConfig(durable_name="registry"))
    await reading(marks).rewind(js)

    assert 2 == (await js.consumer_info("REGISTRY", "registry")).config.opt_start_seq


async def test_a_view_with_no_consumer_yet_has_nothing_to_rewind(js, marks):
    await reading(marks).rewind(js)


async def test_a_server_killed_while_it_is_followed_is_followed_again(nats, marks):
    async with connected(nats) as owner:
        js = owner.connection.jetstream()
        await declare(js, StreamConfig(name="REGISTRY", subjects=["events.registry.>"]))
        async with following(nats, marks) as reader:
            await publish(js, numbered(300))
            await marks.reached("registry", 100, PATIENCE_S)
            nats.kill()
            await until(lambda: not owner.connection.is_connected)
            nats.start()
            await until(
                lambda: owner.connection.is_connected and reader.lacking.broker.connection.is_connected
            )
            await publish(js, chain(*(f"B{n}" for n in range(300)), after=300))
            await marks.reached("registry", 600, PATIENCE_S)

    assert {1} == set((await marks.told()).values())
    assert 600 == len(await marks.told())


async def test_a_connection_that_has_just_broken_is_away(nats):
    """uvloop says RuntimeError where others wait and write later; it would end the process for a cut line."""
    async with connected(nats) as broker:
        wire = broker.connection._transport
        wire._io_writer.transport.abort()

        def away():
            try:
                wire.writelines([b"PING\r\n"])
            except NatsError:
                return True
            return False

        await until(away)
        await until(lambda: broker.connection.is_connected)


async def test_a_consumer_nobody_asks_while_messages_wait_is_noticed(js, marks, monkeypatch):
    monkeypatch.setattr(bus, "WATCH_EVERY_S", 0.02)
    await js.add_consumer("REGISTRY", JetStreamConsumerConfig(durable_name="registry"))
    await publish(js, numbered(1))

    with pytest.raises(RuntimeError, match="has stalled"):
        await asyncio.wait_for(watch(js, [reading(marks)]), PATIENCE_S)


async def test_a_reader_that_is_between_two_batches_at_every_look_is_not_taken_for_stalled(
    js, marks, monkeypatch
):
    looks = bus.STALLED_AFTER + 3
    await publish(js, numbered(looks + 1))
    reader = await js.pull_subscribe("events.registry.>", durable="registry", stream="REGISTRY")
    looked = asyncio.Semaphore(0)
    resting = asyncio.Semaphore(0)

    async def between_looks(_):
        looked.release()
        await resting.acquire()

    monkeypatch.setattr(bus.asyncio, "sleep", between_looks)
    watching = asyncio.create_task(watch(js, [reading(marks)]))
    for _ in range(looks):
        await asyncio.wait_for(looked.acquire(), PATIENCE_S)
        [message] = await reader.fetch(1)
        await message.ack_sync()
        resting.release()
    await asyncio.wait_for(looked.acquire(), PATIENCE_S)

    assert not watching.done()
    watching.cancel()


async def test_a_stream_that_is_not_there_yet_is_waited_for(nats, broker):
    js = broker.connection.jetstream()
    waiting = asyncio.create_task(present(js, "ASSESSMENT"))
    await asyncio.wait({waiting}, timeout=0.05)
    assert not waiting.done()
    async with connected(nats, "assessment") as owner:
        config = StreamConfig(name="ASSESSMENT", subjects=["events.assessment.>"])
        await declare(owner.connection.jetstream(), config)
        await asyncio.wait_for(waiting, PATIENCE_S)


# -- History


async def test_a_replay_tells_everything_then_ends_with_an_empty_page_then_what_is_new(js, broker, marks):
    await publish(js, numbered(3))
    told = []
    async for page in StreamFeed(["registry"], Lacking(broker, Alarms())).replay(marks, {}):
        told.append([envelope_in(message).organization for message in page.messages])
        if told.count([]) == 1 and not page.events:
            await publish(js, chain("A4", after=3))
        if told.count([]) == 2:
            break

    assert ["A1", "A2", "A3", "", "A4", ""] == [code for page in told for code in (page or [""])]


async def test_a_replay_of_two_services_tells_each_in_its_order(nats, js, broker, marks):
    await publish(js, chain("A1", "A2"))
    async with connected(nats, "assessment") as owner:
        other = owner.connection.jetstream()
        await declare(other, StreamConfig(name="ASSESSMENT", subjects=["events.assessment.>"]))
        for delivery in chain("B1", "B2", source="assessment"):
            await other.publish("events.assessment.X.v1.B", delivery.raw)
    feed = StreamFeed(["registry", "assessment"], Lacking(broker, Alarms()))
    told = []
    async for page in feed.replay(marks, {}):
        if not page.events:
            break
        told += [(one.source, one.sequence) for one in map(envelope_in, page.messages)]

    assert [("registry", 1), ("registry", 2), ("assessment", 1), ("assessment", 2)] == told
    assert 4 == await feed.total()
    assert 3 == await feed.lag({"registry": 1})


async def test_a_service_may_publish_only_its_own_events(nats, js):
    async with connected(nats, "assessment") as other:
        with pytest.raises(NatsError):
            await other.connection.jetstream().publish("events.registry.X.v1.A", b"{}", timeout=0.3)

    assert 0 == (await js.stream_info("REGISTRY")).state.messages
