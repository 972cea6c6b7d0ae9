"""The relay: every public fact arrives, in the log's order, once, whatever dies in between."""

import asyncio
from shutil import copytree, move, rmtree

import pytest
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig
from nats.js.errors import APIError

from contracts.message import Message
from services.chassis.delivery import envelope_in
from services.chassis.errors import Conflict
from services.chassis.eventlog.store import Origin
from services.chassis.streams import relay as relay_module
from services.chassis.streams import window
from services.chassis.streams.bus import declare_intake
from services.chassis.streams.relay import Relay, StreamAhead
from tests.chassis.conftest import almighty, carrying, connected
from tests.chassis.story import ASKED, Lamp, founded, publish, until
from tests.patience import PATIENCE_S


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """A test need not wait a whole second for what is away."""
    monkeypatch.setattr(relay_module, "RETRY_S", 0.1)
    monkeypatch.setattr(relay_module, "IDLE_S", 0.1)
    monkeypatch.setattr(window, "ACK_WITHIN_S", 1.0)


async def install(store, *codes):
    return [await store.record(Lamp.install(code), origin=ASKED) for code in codes]


async def install_many(store, prefix, count):
    receipts = await asyncio.gather(
        *(store.record(Lamp.install(f"{prefix}{n}"), origin=ASKED) for n in range(count))
    )
    return {receipt.position: receipt.subject for receipt in receipts}


async def carried(relay, store):
    """Return once the relay has carried all of the log."""
    head = await store.head()
    await until(lambda: relay.position >= head)


async def in_stream(broker):
    """Return the messages of REGISTRY as they lie there."""
    js = broker.connection.jetstream(timeout=PATIENCE_S)
    state = (await js.stream_info("REGISTRY")).state
    raw = await asyncio.gather(
        *(js.get_msg("REGISTRY", n) for n in range(state.first_seq, state.last_seq + 1) if state.messages)
    )
    return [Message.model_validate_json(message.data) for message in raw]


def links(messages):
    return [(message.previous, message.sequence) for message in messages]


def unbroken(positions):
    """Return the chain that public facts at `positions` must form."""
    return list(zip([0, *positions], positions, strict=False))


def erase(nats):
    nats.stop()
    nats.forget()
    nats.start()


# -- Order


async def test_facts_arrive_in_the_order_of_the_log(store, broker, database):
    at = await install_many(store, "A", 600)
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    messages = await in_stream(broker)
    assert [at[position] for position in sorted(at)] == [message.subject for message in messages]
    assert unbroken(sorted(at)) == links(messages)


async def test_the_envelope_says_what_when_who_and_why(store, broker, database):
    await store.record(Lamp.install("A1"), origin=Origin("officer-7", "c-9", "http:c-9"))
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    [message] = await in_stream(broker)
    assert ("lamp-A1.1", "registry", "registry.OrganizationFounded.v1", "lamp-A1", "A1") == (
        message.id,
        message.source,
        message.type,
        message.subject,
        message.organization,
    )
    assert ("officer-7", "c-9", "http:c-9") == (message.actor, message.correlationid, message.causationid)
    assert "2024-11-05T02:30:00+00:00" == message.recordedtime.isoformat()
    assert "2019-12-31T17:00:00+00:00" == message.time.isoformat()


async def test_an_event_lies_on_the_subject_of_its_type_and_organization(store, broker, database):
    await install(store, "A1")
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    raw = await broker.connection.jetstream().get_msg("REGISTRY", 1)
    assert "events.registry.OrganizationFounded.v1.A1" == raw.subject


async def test_positions_that_were_never_used_leave_no_gap_in_the_chain(store, broker, database):
    [first] = await install(store, "A1")
    with pytest.raises(Conflict):
        await install(store, "A1")
    with pytest.raises(Conflict):
        await install(store, "A1")
    [last] = await install(store, "A2")
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    assert last.position > first.position + 1
    assert unbroken([first.position, last.position]) == links(await in_stream(broker))


async def test_a_fact_that_stays_private_is_passed_and_not_told(store, broker, database):
    await install(store, "A1")
    lamp = await store.find(Lamp, "lamp-A1")
    lamp.light()
    receipt = await store.record(lamp, origin=ASKED)
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    assert receipt.position == relay.position
    assert [(0, 1)] == links(await in_stream(broker))


async def test_a_fact_nobody_has_decided_about_ends_the_relay(store, broker, database):
    await install(store, "A1")

    def undecided(fact):
        raise LookupError("undecided")

    with pytest.raises(LookupError):
        await asyncio.wait_for(Relay(store, undecided, broker, database).run(), PATIENCE_S)


async def test_a_new_fact_is_carried_at_once(store, broker, database, monkeypatch):
    """Guards the news from the writer: polling alone would take until IDLE_S is over."""
    monkeypatch.setattr(relay_module, "IDLE_S", 3600.0)
    async with carrying(store, broker, database) as relay:
        await install(store, "A1")
        await carried(relay, store)
        await install(store, "A2")
        await carried(relay, store)

    assert 2 == len(await in_stream(broker))


async def test_names_with_any_sign_travel_safely(store, broker, database):
    """A document's number has slashes and Vietnamese letters, and is part of an aggregate's id."""
    name = "framework-366-QĐ/TW-2025-08-30"
    for n in range(3):
        lamp = Lamp._create(Lamp.Installed, id=f"{name} {n}", code=f"A{n}", timestamp=store.clock())
        await store.record(lamp, origin=ASKED)
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    assert [f"{name} {n}.1" for n in range(3)] == [m.id for m in await in_stream(broker)]


# -- Starting again


async def test_a_second_start_goes_on_where_the_stream_ends(store, broker, database):
    await install(store, "A1", "A2")
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)
    await install(store, "A3")
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    assert unbroken([1, 2, 3]) == links(await in_stream(broker))


async def test_private_facts_after_the_last_public_one_do_no_harm_at_a_second_start(store, broker, database):
    await install(store, "A1")
    lamp = await store.find(Lamp, "lamp-A1")
    lamp.light()
    await store.record(lamp, origin=ASKED)
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)
    await install(store, "A2")
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    assert [(0, 1), (1, 3)] == links(await in_stream(broker))


async def test_an_acknowledgement_that_was_lost_doubles_nothing(store, broker, database):
    """A relay dies between a publish and its ack: the next one finds the event there and goes on."""
    await install(store, "A1", "A2", "A3")
    relay = Relay(store, publish, broker, database)
    await relay.declare()
    js = broker.connection.jetstream()
    last = await relay._resume(js)
    await relay._send(await store.read(0, 2), last)
    async with carrying(store, broker, database) as second:
        await carried(second, store)

    assert unbroken([1, 2, 3]) == links(await in_stream(broker))


async def test_a_stream_whose_data_was_deleted_is_filled_again(store, nats, database):
    await install_many(store, "A", 300)
    async with connected(nats) as broker, carrying(store, broker, database) as relay:
        await carried(relay, store)
        before = links(await in_stream(broker))
        erase(nats)
        await until(lambda: broker.connection.is_connected)
        await install(store, "B1")
        await until(lambda: same_length(broker, 301))

        assert before == links(await in_stream(broker))[:300]
        assert unbroken(range(1, 302)) == links(await in_stream(broker))


async def test_a_stream_deleted_while_nothing_happens_is_filled_again(store, nats, database):
    await install_many(store, "A", 3)
    async with connected(nats) as broker, carrying(store, broker, database) as relay:
        await carried(relay, store)
        erase(nats)
        await until(lambda: same_length(broker, 3))

        assert unbroken([1, 2, 3]) == links(await in_stream(broker))


async def test_the_last_minutes_that_a_stream_lost_are_told_again(store, nats, database, tmp_path):
    """Its server was killed before it wrote them down; nothing new happens that would show it."""
    streams, kept = nats.folder / "jetstream", tmp_path / "kept"
    await install_many(store, "A", 20)
    async with connected(nats) as broker, carrying(store, broker, database) as relay:
        await carried(relay, store)
        nats.stop()
        copytree(streams, kept)
        nats.start()
        await until(lambda: broker.connection.is_connected)
        await install_many(store, "B", 20)
        await carried(relay, store)
        await until(lambda: same_length(broker, 40))
        nats.stop()
        rmtree(streams)
        move(kept, streams)
        nats.start()
        await until(lambda: same_length(broker, 40))

        assert unbroken(range(1, 41)) == links(await in_stream(broker))


async def test_a_stream_whose_last_message_is_gone_is_carried_on_from_the_one_before(
    store, nats, broker, database, js
):
    await install(store, "A1", "A2")
    await Relay(store, publish, broker, database)._send(await store.read(0, 2), last=0)
    async with almighty(nats) as owner:
        await owner.delete_msg("REGISTRY", 2)
    async with carrying(store, broker, database) as relay:
        await carried(relay, store)

    raw = await js.get_msg("REGISTRY", 3)
    assert (1, 2) == (envelope_in(raw.data).previous, envelope_in(raw.data).sequence)


async def same_length(broker, count):
    try:
        return count == (await broker.connection.jetstream().stream_info("REGISTRY")).state.messages
    except NatsError:
        return False


async def test_a_stream_ahead_of_its_log_is_refused(store, broker, database):
    """The database was restored from before what the world already knows: a person must decide."""
    relay = Relay(store, publish, broker, database)
    await relay.declare()
    await install(store, "A1")
    late = founded("A9", sequence=99, previous=0)
    await broker.connection.jetstream().publish(
        "events.registry.OrganizationFounded.v1.A9", late.model_dump_json().encode()
    )
    with pytest.raises(StreamAhead, match="ends at 99, the log at 1"):
        await asyncio.wait_for(relay.run(), PATIENCE_S)


async def test_a_stream_that_was_declared_with_other_limits_is_brought_to_ours(store, broker, database):
    js = broker.connection.jetstream()
    await js.add_stream(StreamConfig(name="REGISTRY", subjects=["events.registry.>"], max_msgs=5))
    await Relay(store, publish, broker, database).declare()

    assert -1 == (await js.stream_info("REGISTRY")).config.max_msgs


async def test_a_stream_is_kept_by_as_many_servers_as_the_setting_says(store, broker, database):
    """One server alone refuses to promise more, so the number has arrived."""
    with pytest.raises(APIError, match="replicas > 1 not supported"):
        await Relay(store, publish, broker, database, replicas=3).declare()
    with pytest.raises(APIError, match="replicas > 1 not supported"):
        await declare_intake(broker.connection.jetstream(), 3)


# -- Two at once


async def test_only_one_relay_of_a_service_carries_at_a_time(store, broker, database):
    async with carrying(store, broker, database) as first:
        await until(lambda: first.active)
        async with carrying(store, broker, database) as second:
            await install_many(store, "A", 50)
            await carried(first, store)
            assert (True, False) == (first.active, second.active)


async def test_when_one_relay_ends_the_waiting_one_goes_on(store, broker, database):
    async with carrying(store, broker, database) as first:
        await until(lambda: first.active)
        async with carrying(store, broker, database) as second:
            await install(store, "A1")
            await carried(first, store)
            async with store.pool.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            await until(lambda: second.active)
            await install_many(store, "B", 50)
            await carried(second, store)

    assert unbroken(range(1, 52)) == links(await in_stream(broker))


async def test_two_that_both_believe_it_is_their_turn_double_nothing(store, broker, database):
    """The lock keeps them apart; if it fails, the chain of expectations still does."""
    relays = [Relay(store, publish, broker, database) for _ in range(2)]
    await relays[0].declare()

    async def stubborn(relay):
        while relay.position < 400:
            try:
                await relay._carry()
            except (APIError, TimeoutError):
                continue

    await install_many(store, "A", 400)
    tasks = [asyncio.create_task(stubborn(relay)) for relay in relays]
    await until(lambda: max(relay.position for relay in relays) >= 400)
    for task in tasks:
        task.cancel()

    assert unbroken(range(1, 401)) == links(await in_stream(broker))


async def test_what_follows_a_message_that_was_lost_is_refused_with_it(store, broker, database):
    """Only the last of a window is answered, so it must not be stored behind a gap."""
    relay = Relay(store, publish, broker, database)
    await relay.declare()
    subjects = ("events.registry.LampInstalled.A", "nowhere", "events.registry.LampInstalled.A")
    with pytest.raises(APIError):
        await window.send(
            broker.connection, "REGISTRY", [window.Outgoing(to, b"{}") for to in subjects], after=0
        )

    state = (await broker.connection.jetstream().stream_info("REGISTRY")).state
    assert 1 == state.messages


# -- A server that dies


async def test_a_server_killed_in_the_middle_of_three_thousand_facts_gets_all_in_order_once(
    store, nats, database
):
    await install_many(store, "A", 3000)
    async with connected(nats) as broker, carrying(store, broker, database) as relay:
        await until(lambda: relay.position > 500)
        nats.kill()
        assert relay.position < 3000
        nats.start()
        await carried(relay, store)
        await until(lambda: same_length(broker, 3000))

        assert unbroken(range(1, 3001)) == links(await in_stream(broker))
