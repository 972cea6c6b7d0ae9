"""Following: in order, at once, patiently; what chokes a view is parked, what is away is waited for."""

import asyncio

import pytest
from faststream.nats import ConsumerConfig, NatsRouter
from nats.js.api import StreamConfig
from psycopg import OperationalError

from services.chassis.clock import utc_now
from services.chassis.parked import ParkingLot
from services.chassis.streams import bus, prompt
from services.chassis.streams.bus import patience_s
from services.chassis.streams.history import _until_empty
from services.chassis.streams.prompt import Prompt, make_prompt
from services.chassis.views.tree import Tree
from services.chassis.views.wanted import Wanted
from tests.chassis.conftest import connected
from tests.chassis.marks import Marks, chain, numbered
from tests.chassis.readers import all_acknowledged, following, publish
from tests.chassis.story import founded, until
from tests.patience import PATIENCE_S

# -- Reading


async def test_a_follower_is_told_everything_in_order(nats, js, marks):
    await publish(js, numbered(700))
    async with following(nats, marks):
        await publish(js, chain("B1", "B2", after=700))
        await marks.reached("registry", 702, PATIENCE_S)

    assert {f"A{n}": 1 for n in range(1, 701)} | {"B1": 1, "B2": 1} == await marks.told()


async def test_a_single_event_is_shown_at_once(nats, js, marks):
    """Without `prompt` FastStream holds a partial batch back for up to five seconds."""
    taken_s = []
    async with following(nats, marks):
        for delivery in numbered(15):
            published_at = utc_now()
            await publish(js, [delivery])
            await marks.reached("registry", delivery.message.sequence, PATIENCE_S)
            taken_s.append((utc_now() - published_at).total_seconds())

    assert sorted(taken_s)[7] < 2.0


async def test_a_follower_that_heard_nothing_for_long_hears_the_next(nats, js, marks, monkeypatch):
    monkeypatch.setattr(bus, "FETCH_TIMEOUT_S", 0.1)
    async with following(nats, marks):
        await until(lambda: asking(js))
        await until(lambda: gave_up(js))
        await publish(js, numbered(1))
        await marks.reached("registry", 1, PATIENCE_S)


async def asking(js):
    return (await js.consumer_info("REGISTRY", "registry")).num_waiting


async def gave_up(js):
    return not await asking(js)


class Silent:
    """A subscription to which the server says, an instant before nats-py's clock, that there is nothing."""

    async def fetch(self, batch, timeout):  # noqa: ASYNC109 - nats-py's signature
        raise TimeoutError


async def test_both_kinds_of_silence_of_the_client_library_mean_nothing_yet():
    assert [] == [batch async for batch in _until_empty(Silent())]


async def test_a_reader_rests_unless_somebody_waits_for_what_it_brings():
    wanted = Wanted()
    resting = asyncio.create_task(wanted.within(PATIENCE_S))
    await asyncio.wait({resting}, timeout=0.01)
    assert not resting.done()

    with wanted.waiting(), wanted.waiting():
        await asyncio.wait_for(resting, PATIENCE_S)
        await asyncio.wait_for(wanted.within(PATIENCE_S), 0.9 * PATIENCE_S)
    await wanted.within(0.001)  # nobody waits any more: the time is over


async def test_who_waits_is_told_at_once_however_long_a_reader_rests(nats, js, marks, monkeypatch):
    monkeypatch.setattr(prompt, "REST_S", 10 * PATIENCE_S)
    async with following(nats, marks):
        for number in range(1, 4):
            await publish(js, chain(f"W{number}", after=number - 1))
            await marks.reached("registry", number, PATIENCE_S)


@pytest.fixture
async def one_by_one(js, broker, monkeypatch):
    """Three messages, a reader that takes one at a time, and another process's."""
    monkeypatch.setattr(prompt, "BATCH_MAX", 1)
    await publish(js, numbered(3))
    other = await js.pull_subscribe("events.registry.>", durable="registry")
    return Prompt(broker.connection, other, "REGISTRY", "registry", Wanted()), other


async def test_while_a_batch_is_folded_the_next_one_comes(js, one_by_one):
    reader, _ = one_by_one

    async def told(number):
        return (await js.consumer_info("REGISTRY", "registry")).num_ack_pending == number

    [first] = await reader.fetch(1, PATIENCE_S)
    await until(lambda: told(2))
    [second] = await reader.fetch(1, PATIENCE_S)
    await until(lambda: told(3))
    assert [1, 2] == [message.metadata.sequence.stream for message in (first, second)]


async def test_nothing_is_taken_ahead_while_another_process_reads(js, broker, one_by_one):
    reader, other = one_by_one
    await other.fetch(1)
    await reader.fetch(1, PATIENCE_S)
    await broker.connection.flush()

    consumer = await js.consumer_info("REGISTRY", "registry")
    assert (2, 0) == (consumer.num_ack_pending, consumer.num_waiting)


async def test_what_was_acknowledged_is_not_told_again(nats, js, marks):
    await publish(js, numbered(3))
    async with following(nats, marks):
        await marks.reached("registry", 3, PATIENCE_S)
        await until(lambda: all_acknowledged(js))
    async with following(nats, marks):
        await publish(js, chain("A4", after=3))
        await marks.reached("registry", 4, PATIENCE_S)

    assert 4 == (await js.consumer_info("REGISTRY", "registry")).delivered.consumer_seq


async def test_the_followers_leave_the_limits_of_a_stream_to_its_owner(nats, js, marks):
    await js.update_stream(StreamConfig(name="REGISTRY", subjects=["events.registry.>"], max_msgs=12345))
    async with following(nats, marks):
        await publish(js, numbered(1))
        await marks.reached("registry", 1, PATIENCE_S)

    assert 12345 == (await js.stream_info("REGISTRY")).config.max_msgs


# -- What chokes


def test_the_patience_grows_with_each_try_and_has_a_bound():
    assert [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0] == [patience_s(n) for n in (1, 2, 3, 4, 5, 6, 99)]


async def test_a_poisonous_event_is_tried_again_then_parked_and_the_others_go_on(
    nats, js, pool, marks, impatient
):
    tries = []

    class Choosy(Marks):
        async def project(self, batch, cursor):
            tries.append([delivery.message.organization for delivery in batch])
            await super().project(batch, cursor)

    await publish(js, chain("A1", "POISON", "A3", "A4"))
    view = Choosy(pool)
    async with following(nats, view):
        await publish(js, chain("A5", after=4))
        await view.reached("registry", 5, PATIENCE_S)

    [parked] = await ParkingLot(pool).listing()
    assert ("VIEW", "marks", "organization-POISON.1", "ValueError") == (
        parked["kind"],
        parked["place"],
        parked["event_id"],
        parked["reason"],
    )
    assert {"A1": 1, "A3": 1, "A4": 1, "A5": 1} == await marks.told()
    assert 3 <= sum("POISON" in batch for batch in tries)


async def test_an_event_that_breaks_its_contract_is_parked_and_the_others_go_on(nats, js, pool, impatient):
    tree = Tree(pool)
    await tree.prepare()
    bad = founded("A2", sequence=2, previous=1)
    bad.data["founded_on"] = "long ago"
    await publish(js, chain("A1"))
    await js.publish(f"events.{bad.type}.A2", bad.model_dump_json().encode())
    await publish(js, chain("A3", after=2))
    async with following(nats, tree):
        await tree.reached("registry", 3, PATIENCE_S)

    [parked] = await ParkingLot(pool).listing()
    assert ("organization-A2.1", "ValidationError") == (parked["event_id"], parked["reason"])
    assert ["A1", "A3"] == [node.code for node in await tree.roots()]


async def test_an_event_of_a_type_not_known_yet_is_passed(nats, js, pool):
    tree = Tree(pool)
    await tree.prepare()
    new = founded("A1", sequence=1, previous=0).model_copy(update={"type": "registry.OrganizationMerged.v1"})
    await js.publish(f"events.{new.type}.A1", new.model_dump_json().encode())
    await publish(js, chain("A2", after=1))
    async with following(nats, tree):
        await tree.reached("registry", 2, PATIENCE_S)

    assert ["A2"] == [node.code for node in await tree.roots()]


async def test_an_envelope_that_cannot_be_read_is_kept_and_asked_for_again(nats, js, marks, impatient):
    """To drop it would leave a gap for ever; a reader of the next version may understand it."""
    await publish(js, numbered(1))
    await js.publish("events.registry.OrganizationFounded.v1.A2", b"{}")
    async with following(nats, marks):
        await until(lambda: tried_again(js, 3))
        assert not await all_acknowledged(js)
        assert {} == await marks.told()


async def tried_again(js, times):
    return (await js.consumer_info("REGISTRY", "registry")).delivered.consumer_seq > times


async def test_what_is_away_is_waited_for_and_never_parked(nats, js, pool, marks, impatient):
    class Flaky(Marks):
        left = 3 * bus.TRIES_MAX

        async def project(self, batch, cursor):
            self.left -= 1
            if self.left > 0:
                raise OperationalError("the connection is lost")
            await super().project(batch, cursor)

    view = Flaky(pool)
    await publish(js, numbered(3))
    async with following(nats, view):
        await view.reached("registry", 3, PATIENCE_S)

    assert {"A1": 1, "A2": 1, "A3": 1} == await marks.told()
    assert 0 == await ParkingLot(pool).count()


async def test_a_gap_is_waited_for_and_never_parked(nats, js, pool, impatient):
    class Counting(Marks):
        tries = 0

        async def apply(self, batch):
            self.tries += 1
            await super().apply(batch)

    view = Counting(pool)
    await view.prepare()
    one, two, three = numbered(3)
    await publish(js, [one, three])
    async with following(nats, view):
        await until(lambda: view.tries > 2)
        await view.apply([one, two])
        await view.reached("registry", 3, PATIENCE_S)

    assert {"A1": 1, "A2": 1, "A3": 1} == await view.told()
    assert 0 == await ParkingLot(pool).count()


async def test_what_precedes_a_gap_is_told(nats, js, marks, impatient):
    """Or two processes, each with what the other lacks, wait for each other for ever."""
    first, second, _, fourth = numbered(4)
    await publish(js, [first, second, fourth])
    async with following(nats, marks):
        await marks.reached("registry", 2, PATIENCE_S)

    assert {"A1": 1, "A2": 1} == await marks.told()


async def test_what_a_handler_fails_on_is_told_again(nats, js):
    """FastStream's default would drop it for good."""
    heard = []

    async def read(batch):
        heard.append(len(batch))
        if len(heard) < 3:
            raise LookupError("not today")

    await publish(js, numbered(2))
    async with connected(nats) as broker:
        router = NatsRouter()
        bus.subscribe(
            router,
            read,
            user="registry",
            stream="REGISTRY",
            durable="registry",
            subjects=["events.registry.>"],
            description="",
            config=ConsumerConfig(),
        )
        broker.include_router(router)
        await broker.start()
        make_prompt(broker)
        await until(lambda: all_acknowledged(js))

    assert 3 <= len(heard)
