"""The log: what is recorded is found again, once, in order, with where it came from."""

import asyncio

import pytest
from eventsourcing.persistence import IntegrityError, Tracking
from psycopg import OperationalError

from services.chassis.errors import AlreadyDone, Conflict, NotFound, Overloaded
from services.chassis.eventlog import writer
from services.chassis.eventlog.inbox import Entry, Inbox
from services.chassis.eventlog.store import Origin, Store, retried
from services.chassis.eventlog.writer import Recorded
from services.chassis.recent import RECENT_MAX, Recent
from tests.chassis.story import ASKED, NOW, Lamp
from tests.chassis.writers import library as library_on
from tests.patience import PATIENCE_S

ENTRY = Entry("THAN-UYEN", "urn:than-uyen", "e-1", b"digest", "registry.LampInstalled.v1")


def answering(entry=None, cause=None):
    return Origin("district:THAN-UYEN", "c-2", "urn:than-uyen:e-1", entry, cause)


async def test_what_was_recorded_is_found_as_its_facts_leave_it(store):
    lamp = Lamp.install("A1")
    lamp.light()
    receipt = await store.record(lamp, origin=ASKED)

    assert ("lamp-A1", 2) == (receipt.subject, receipt.position)
    assert 1 == (await store.find(Lamp, "lamp-A1")).times


async def test_what_was_never_recorded_is_not_found(store):
    with pytest.raises(NotFound, match="no lamp A9"):
        await store.find(Lamp, "lamp-A9")


async def test_the_newest_fact_of_a_kind_is_found_after_a_position(store):
    lamp = Lamp.install("A1")
    lamp.light()
    await store.record(lamp, origin=ASKED)

    assert (2, 1, 2) == (
        await store.head(),
        await store.head(Lamp.Installed),
        await store.head(Lamp.Installed, Lamp.Lit),
    )
    assert (2, 1) == (await store.head(Lamp.Lit, after=1), await store.head(Lamp.Installed, after=1))


async def test_every_fact_carries_who_asked_and_why(store):
    await store.record(Lamp.install("A1"), origin=ASKED)

    [recorded] = await store.read(0, 10)
    assert {"actor": "officer-1", "correlation": "c-1", "causation": "http:c-1"} == recorded.origin


async def test_the_second_of_two_writers_is_told_that_another_was_first(store):
    await store.record(Lamp.install("A1"), origin=ASKED)
    one, other = await store.find(Lamp, "lamp-A1"), await store.find(Lamp, "lamp-A1")
    one.light()
    other.light()
    await store.record(one, origin=ASKED)

    with pytest.raises(Conflict):
        await store.record(other, origin=ASKED)


async def test_a_use_case_that_met_another_writer_is_tried_again(store):
    await store.record(Lamp.install("A1"), origin=ASKED)

    @retried
    async def light() -> None:
        lamp = await store.find(Lamp, "lamp-A1")
        lamp.light()
        await store.record(lamp, origin=ASKED)

    await asyncio.gather(light(), light(), light())
    assert 3 == (await store.find(Lamp, "lamp-A1")).times


async def test_only_the_guilty_of_a_group_fails(store):
    await store.record(Lamp.install("A0"), origin=ASKED)
    codes = ["A1", "A0", "A2", "A2", "A3"]
    outcomes = await asyncio.gather(
        *(store.record(Lamp.install(code), origin=ASKED) for code in codes), return_exceptions=True
    )

    assert ["ok", "Conflict", "ok", "Conflict", "ok"] == [
        "Conflict" if isinstance(outcome, Conflict) else "ok" for outcome in outcomes
    ]


async def test_each_of_many_commands_gets_the_position_of_its_own_fact(store):
    receipts = await asyncio.gather(*(store.record(Lamp.install(f"B{n}"), origin=ASKED) for n in range(1000)))

    log = await store.read(0, 2000)
    assert {fact.originator_id: position for position, fact, _ in log} == {
        r.subject: r.position for r in receipts
    }
    assert 1000 == len(log)


async def test_an_intake_event_is_remembered_with_the_facts_it_led_to(store):
    receipt = await store.record(Lamp.install("A1"), origin=answering(entry=ENTRY))

    remembered = (await Inbox(store.pool).recall([ENTRY]))[ENTRY.key]
    assert (b"digest", "lamp-A1", receipt.position, NOW) == (
        remembered.digest,
        remembered.subject,
        remembered.position,
        remembered.accepted_at,
    )


async def test_an_intake_event_that_was_answered_stores_nothing_more(store):
    await store.record(Lamp.install("A1"), origin=answering(entry=ENTRY))

    with pytest.raises(AlreadyDone):
        await store.record(Lamp.install("A2"), origin=answering(entry=ENTRY))
    assert None is await store.look_up(Lamp, "lamp-A2")


async def test_two_deliveries_of_one_event_at_once_are_recorded_once(store):
    outcomes = await asyncio.gather(
        store.record(Lamp.install("A1"), origin=answering(entry=ENTRY)),
        store.record(Lamp.install("A2"), origin=answering(entry=ENTRY)),
        return_exceptions=True,
    )

    assert 1 == sum(isinstance(outcome, AlreadyDone) for outcome in outcomes)
    assert 1 == len(await store.read(0, 10))


async def test_a_cause_that_was_answered_stores_nothing_more(store):
    cause = Tracking("assessment", 7)
    await store.record(Lamp.install("A1"), origin=answering(cause=cause))

    with pytest.raises(AlreadyDone):
        await store.record(Lamp.install("A2"), origin=answering(cause=cause))
    assert None is await store.look_up(Lamp, "lamp-A2")


async def test_a_command_that_was_cancelled_does_not_disturb_the_others(store):
    tasks = [asyncio.create_task(store.record(Lamp.install(f"C{n}"), origin=ASKED)) for n in range(20)]
    await asyncio.wait({tasks[0]}, timeout=0)
    tasks[3].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert 1 == sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    assert 19 == len({outcome.position for n, outcome in enumerate(outcomes) if n != 3})


async def test_everyone_who_waits_is_answered_when_the_log_stops(pool):
    store = Store("registry", pool, clock=lambda: NOW)
    running = asyncio.create_task(store.writer.run())
    waiting = [asyncio.create_task(store.record(Lamp.install(f"D{n}"), origin=ASKED)) for n in range(600)]
    await asyncio.wait({waiting[0]}, timeout=0)
    running.cancel()
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), timeout=PATIENCE_S)

    assert set() == {type(outcome).__name__ for outcome in outcomes} - {"Receipt", "OperationalError"}
    with pytest.raises(OperationalError):
        await store.record(Lamp.install("D999"), origin=ASKED)


async def test_a_reader_that_follows_the_log_never_passes_over_an_event(store):
    """Guards against eventsourcing's database functions, which skip the lock: there readers lost events."""
    seen: list[int] = []

    async def follow() -> None:
        while len(seen) < 400:
            seen.extend(recorded.position for recorded in await store.read(seen[-1] if seen else 0, 50))

    other = Store("registry", store.pool, clock=lambda: NOW)
    second = asyncio.create_task(other.writer.run())
    reader = asyncio.create_task(follow())
    await asyncio.gather(
        *((store, other)[n % 2].record(Lamp.install(f"E{n}"), origin=ASKED) for n in range(400))
    )
    await asyncio.wait_for(reader, timeout=PATIENCE_S)
    second.cancel()

    assert sorted(seen) == seen
    assert 400 == len(set(seen))


@pytest.mark.parametrize("module", ["eventsourcing.postgres", "services.chassis.eventlog.recorder"])
async def test_the_librarys_own_application_reads_and_continues_the_log(store, database, module):
    await store.record(Lamp.install("A1"), origin=ASKED)
    library = library_on(database, module)
    lamp = library.repository.get("lamp-A1")
    lamp.light()
    [recording] = library.save(lamp)
    stale = library.repository.get("lamp-A1", version=1)
    stale.light()
    with pytest.raises(IntegrityError):
        library.save(stale)
    library.close()

    assert 2 == recording.notification.id
    assert 1 == (await store.find(Lamp, "lamp-A1")).times


def lit(position):
    return Recorded(position, f"fact {position}", {})


def test_what_was_just_committed_is_known_from_where_nobody_else_wrote_between():
    recent = Recent()
    recent.add(0, [lit(1), lit(2)])
    recent.add(2, [lit(5)])  # a failed append had taken 3 and 4
    assert [lit(1), lit(2), lit(5)] == recent.after(0, 10)
    assert [lit(2)] == recent.after(1, 1)
    assert [lit(5)] == recent.after(3, 10)
    assert [] == recent.after(5, 10)

    recent.add(6, [lit(7)])  # another process wrote 6
    assert [] == recent.after(5, 10)
    assert [lit(7)] == recent.after(6, 10)


def test_what_comes_late_hides_nothing_that_is_further_on():
    recent = Recent()
    recent.add(2, [lit(3)])
    recent.add(0, [lit(1), lit(2)])  # committed before, told after
    assert recent.ends_after(2)  # so whoever stands there looks at the table
    assert [] == recent.after(0, 10)

    recent.add(3, [lit(4)])
    assert [lit(4)] == recent.after(3, 10)


def test_no_more_than_is_needed_is_kept_of_what_was_committed():
    recent = Recent()
    for position in range(1, 3 * RECENT_MAX):
        recent.add(position - 1, [lit(position)])
    assert RECENT_MAX <= len(recent) <= 2 * RECENT_MAX
    assert [] == recent.after(0, 10)
    assert [3 * RECENT_MAX - 1] == [fact.position for fact in recent.after(3 * RECENT_MAX - 2, 10)]


async def test_who_comes_when_too_many_wait_is_told_to_come_again(pool, monkeypatch):
    monkeypatch.setattr(writer, "QUEUE_MAX", 3)
    store = Store("registry", pool, clock=lambda: NOW)
    waiting = [asyncio.create_task(store.record(Lamp.install(f"F{n}"), origin=ASKED)) for n in range(3)]
    await asyncio.wait(waiting, timeout=0)
    with pytest.raises(Overloaded):
        await store.record(Lamp.install("F9"), origin=ASKED)

    running = asyncio.create_task(store.writer.run())
    assert [1, 2, 3] == [receipt.position for receipt in await asyncio.gather(*waiting)]
    running.cancel()


async def test_who_gave_up_waiting_is_not_stored_later_and_leaves_its_place(pool):
    store = Store("registry", pool, clock=lambda: NOW)
    waiting = [asyncio.create_task(store.record(Lamp.install(f"H{n}"), origin=ASKED)) for n in range(3)]
    await asyncio.wait(waiting, timeout=0)
    waiting[1].cancel()
    await asyncio.wait({waiting[1]})
    assert 2 == len(store.writer.queue)

    running = asyncio.create_task(store.writer.run())
    assert [1, 2] == [(await waiting[n]).position for n in (0, 2)]
    assert None is await store.look_up(Lamp, "lamp-H1")
    running.cancel()


async def test_an_append_that_the_database_refuses_fails_alone(store):
    spoilt = Lamp.install("G1")
    vars(spoilt.pending_events[0])["originator_id"] = "lamp-\x00"
    outcomes = await asyncio.gather(
        *(store.record(lamp, origin=ASKED) for lamp in (Lamp.install("G0"), spoilt, Lamp.install("G2"))),
        return_exceptions=True,
    )

    assert ["Receipt", "CharacterNotInRepertoire", "Receipt"] == [
        type(outcome).__name__ for outcome in outcomes
    ]
