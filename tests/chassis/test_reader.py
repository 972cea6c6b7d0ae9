"""Finding aggregates: together, from what is known, never from what is out of date."""

import asyncio

import pytest
from psycopg import OperationalError

from services.chassis.errors import Conflict
from services.chassis.eventlog import reader
from services.chassis.eventlog.store import Store
from tests.chassis.story import ASKED, NOW, Lamp


async def lit(store, code, times):
    lamp = Lamp.install(code)
    for _ in range(times):
        lamp.light()
    await store.record(lamp, origin=ASKED)


def fresh(store):
    """Return the same log as another process knows it."""
    return Store("registry", store.pool, clock=lambda: NOW)


async def execute(store, statement):
    async with store.pool.connection() as connection:
        return (await connection.execute(statement)).rowcount


async def test_what_many_ask_for_at_once_each_gets_its_own(store):
    await asyncio.gather(*(lit(store, f"A{n}", n % 7) for n in range(600)))

    found = await asyncio.gather(*(fresh(store).look_up(Lamp, f"lamp-A{n}") for n in range(600)))
    together = fresh(store)
    at_once = await asyncio.gather(*(together.look_up(Lamp, f"lamp-A{n}") for n in range(601)))
    assert [n % 7 for n in range(600)] == [lamp.times for lamp in found]
    assert [n % 7 for n in range(600)] == [lamp.times for lamp in at_once[:600]]
    assert at_once[600] is None


async def test_what_is_asked_together_is_read_in_one_query(store, monkeypatch):
    await lit(store, "A1", 1)
    other, groups = fresh(store), []
    answer = other.reader._answer

    async def counted():
        groups.append(len(other.reader._waiting))
        await answer()

    monkeypatch.setattr(other.reader, "_answer", counted)
    await asyncio.gather(*(other.look_up(Lamp, f"lamp-A{n}") for n in range(4)))

    assert [4] == groups


async def test_what_was_decided_and_not_recorded_is_forgotten(store):
    await lit(store, "A1", 1)
    lamp = await store.find(Lamp, "lamp-A1")
    lamp.light()

    assert 1 == (await store.find(Lamp, "lamp-A1")).times


async def test_what_another_process_recorded_is_seen(store):
    await lit(store, "A1", 1)
    other = fresh(store)
    assert 1 == (await other.find(Lamp, "lamp-A1")).times
    lamp = await store.find(Lamp, "lamp-A1")
    lamp.light()
    await store.record(lamp, origin=ASKED)

    assert 2 == (await other.find(Lamp, "lamp-A1")).times


async def test_who_was_too_late_forgets_what_it_knew(store):
    await lit(store, "A1", 0)
    one, other = await store.find(Lamp, "lamp-A1"), await store.find(Lamp, "lamp-A1")
    one.light()
    other.light()
    await store.record(one, origin=ASKED)
    with pytest.raises(Conflict):
        await store.record(other, origin=ASKED)

    assert None is store.reader.recall("lamp-A1")


async def test_what_never_changes_is_known_without_asking_again(store):
    await lit(store, "A1", 0)
    assert "A1" == (await store.known(Lamp, "lamp-A1")).code
    await execute(store, "DELETE FROM registry_events")

    assert "A1" == (await store.known(Lamp, "lamp-A1")).code


async def test_what_this_process_changed_is_read_again(store):
    await lit(store, "A1", 0)
    before = await store.known(Lamp, "lamp-A1")
    lamp = await store.find(Lamp, "lamp-A1")
    lamp.light()
    await store.record(lamp, origin=ASKED)

    assert 1 == (await store.known(Lamp, "lamp-A1")).times
    assert (1, 0) == (before.version, before.times)  # what a decision was made by does not change under it


async def test_only_so_many_are_kept_and_those_in_use(store, monkeypatch):
    monkeypatch.setattr(reader, "KNOWN_MAX", 3)
    for n in range(4):
        await lit(store, f"A{n}", 0)
    for n in (0, 1, 2, 0, 3):
        await store.look_up(Lamp, f"lamp-A{n}")

    assert ["lamp-A2", "lamp-A0", "lamp-A3"] == list(store.reader.known)


async def test_a_long_stream_is_read_from_its_snapshot(store):
    await lit(store, "A1", 12)
    assert 12 == (await fresh(store).find(Lamp, "lamp-A1")).times  # takes it
    assert 13 == await execute(store, "DELETE FROM registry_events")

    lamp = await fresh(store).find(Lamp, "lamp-A1")
    assert (12, 13, NOW, "A1") == (lamp.times, lamp.version, lamp.modified_on, lamp.code)


async def test_what_came_after_the_snapshot_is_added_to_it(store):
    await lit(store, "A1", 12)
    lamp = await fresh(store).find(Lamp, "lamp-A1")
    lamp.light()
    await store.record(lamp, origin=ASKED)
    await execute(store, "DELETE FROM registry_events WHERE originator_version < 14")

    assert 13 == (await fresh(store).find(Lamp, "lamp-A1")).times


async def test_a_snapshot_that_other_code_made_is_passed_over_and_replaced(store):
    await lit(store, "A1", 12)
    await fresh(store).find(Lamp, "lamp-A1")
    await execute(store, "UPDATE registry_snapshot SET code = 'as it was', state = '{\"times\": 99}'")

    assert 12 == (await fresh(store).find(Lamp, "lamp-A1")).times
    assert 0 == await execute(store, "SELECT 1 FROM registry_snapshot WHERE code = 'as it was'")


async def test_a_short_stream_has_no_snapshot(store):
    await lit(store, "A1", 3)
    await fresh(store).find(Lamp, "lamp-A1")

    assert 0 == await execute(store, "SELECT 1 FROM registry_snapshot")


async def test_who_stops_asking_does_not_disturb_the_others(store):
    await asyncio.gather(*(lit(store, f"A{n}", 1) for n in range(9)))
    tasks = [asyncio.create_task(store.look_up(Lamp, f"lamp-A{n}")) for n in range(9)]
    await asyncio.wait(tasks, timeout=0)
    tasks[0].cancel()
    tasks[4].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert [n in (0, 4) for n in range(9)] == [isinstance(one, asyncio.CancelledError) for one in outcomes]
    assert 7 == sum(isinstance(one, Lamp) for one in outcomes)


async def test_everyone_who_asks_is_told_that_the_database_is_away(store, pool):
    await execute(store, "ALTER TABLE registry_snapshot RENAME TO elsewhere")
    outcomes = await asyncio.gather(
        *(store.look_up(Lamp, f"lamp-A{n}") for n in range(5)), return_exceptions=True
    )
    assert ["UndefinedTable"] * 5 == [type(one).__name__ for one in outcomes]
    await pool.close()
    with pytest.raises(OperationalError):
        await store.look_up(Lamp, "lamp-A1")
