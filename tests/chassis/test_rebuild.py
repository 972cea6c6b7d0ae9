"""A new version grows beside the old, while the old is read and told."""

import asyncio
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import UndefinedColumn

from services.chassis.delivery import Outdated, ViewRebuilding
from services.chassis.errors import NotFound
from services.chassis.parked import ParkingLot
from services.chassis.views.copy import Copy
from services.chassis.views.rebuild import AlreadyRebuilding, NeverRebuilt
from tests.chassis.histories import Endless, History, finished, rebuilder
from tests.chassis.marks import Marks, chain, numbered
from tests.chassis.story import until


class RenamedMarks(Marks):
    version = 2
    tables = "CREATE TABLE mark (code text PRIMARY KEY, told integer NOT NULL, since text)"


class Reduced(Marks):
    """A version whose rows have another shape, and which calls everyone by another name."""

    version = 3
    tables = "CREATE TABLE mark (code text PRIMARY KEY, told integer NOT NULL, note text)"
    compared: ClassVar = {
        "times told by code": "SELECT code AS key, told::text AS value FROM mark",
        "note by code": "SELECT code AS key, note AS value FROM mark",
    }

    async def notes(self):
        return await self.rows("SELECT note FROM marks.mark")


async def test_a_view_of_another_version_is_not_ready(marks, pool):
    assert await Marks(pool).prepare()
    assert not await RenamedMarks(pool).prepare()


async def test_two_processes_that_start_together_create_a_view_once(pool):
    ready = await asyncio.gather(*(Marks(pool).prepare() for _ in range(6)))
    assert [True] * 6 == ready


async def test_a_new_version_is_filled_beside_the_old_and_then_switched(marks, pool):
    told = numbered(5)
    await marks.apply(told)
    new = RenamedMarks(pool)
    building = rebuilder(new, History(told))
    await building.prepare()
    running = asyncio.create_task(building.run())
    await until(lambda: building.look_up("marks").state == "DONE")
    running.cancel()

    assert await RenamedMarks(pool).prepare()
    assert {"A1": 1, "A2": 1, "A3": 1, "A4": 1, "A5": 1} == await new.told()


async def test_an_outdated_view_is_not_fed_but_waits_for_its_successor(marks, pool):
    told = numbered(3)
    await marks.apply(told[:2])
    new = Reduced(pool)
    await new.prepare()
    with pytest.raises(Outdated):
        await new.apply(told)

    assert {"A1": 1, "A2": 1} == await marks.told()


async def test_a_query_that_needs_the_new_version_is_told_to_wait_for_it(marks, pool):
    new = Reduced(pool)
    with pytest.raises(ViewRebuilding, match="marks waits for the rebuild of version 3"):
        await new.notes()


async def test_a_query_that_is_wrong_is_a_defect(marks):
    with pytest.raises(UndefinedColumn):
        await marks.rows("SELECT note FROM marks.mark")


async def test_a_process_of_the_old_version_writes_nothing_into_the_new_tables(marks, pool):
    await marks.apply(numbered(1))
    new = RenamedMarks(pool)
    building = rebuilder(new, History(numbered(1)))
    building.start("marks")
    await finished(building)
    with pytest.raises(Outdated):
        await marks.apply(numbered(2))

    assert {"A1": 1} == await new.told()


async def test_another_process_goes_on_when_the_rebuild_is_done(marks, pool):
    new, other = RenamedMarks(pool), RenamedMarks(pool)
    await other.prepare()
    with pytest.raises(Outdated):
        await other.apply(numbered(1))
    building = rebuilder(new, History([]))
    building.start("marks")
    await finished(building)
    await other.apply(numbered(1))

    assert {"A1": 1} == await other.told()


async def test_readers_see_the_old_rows_until_the_switch(marks, pool):
    await marks.apply(numbered(3))
    seen = []

    async def look():
        seen.append(await marks.told())

    building = rebuilder(Marks(pool), History(numbered(3, "B"), look))
    building.start("marks")
    standing = await finished(building)

    assert [{"A1": 1, "A2": 1, "A3": 1}] == seen
    assert {"B1": 1, "B2": 1, "B3": 1} == await marks.told()
    assert ("DONE", 3, 3) == (standing.state, standing.done, standing.total)


async def test_a_copy_that_has_read_less_is_not_switched(marks):
    await marks.apply(numbered(3))
    copy = Copy(marks)
    await copy.begin()
    await copy.write(marks.fold(), {"registry": 2})
    assert not await copy.switch()

    await copy.write(marks.fold(), {"registry": 3})
    assert await copy.switch()


async def test_a_copy_that_lacks_a_whole_source_is_not_switched(marks):
    await marks.apply([*chain("A1"), *chain("B1", source="assessment")])
    copy = Copy(marks)
    await copy.begin()
    await copy.write(marks.fold(), {"registry": 1})

    assert not await copy.switch()


async def test_a_copy_of_another_version_is_begun_anew(marks, pool):
    await Copy(marks).begin()

    assert {} == await Copy(Marks(pool)).resume()
    assert None is await Copy(RenamedMarks(pool)).resume()


async def test_events_told_while_a_rebuild_runs_are_in_the_new_rows(marks, pool):
    told = numbered(4)
    await marks.apply(told)
    later = chain("A5", "A6", after=4)

    async def go_on():
        if later:
            told.append(later.pop(0))
            await marks.apply(told[-1:])

    building = rebuilder(Marks(pool), History(told, go_on))
    building.start("marks")
    await finished(building)

    assert {f"A{n}": 1 for n in range(1, 7)} == await marks.told()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 4), min_size=2, max_size=8), st.integers(1, 5))
async def test_a_rebuild_beside_a_live_view_loses_and_doubles_nothing(pool, steps, batch):
    """Whatever the sizes: two tasks race for real, one telling the live view, one filling the copy."""
    async with pool.connection() as connection:
        await connection.execute("DROP SCHEMA IF EXISTS marks CASCADE")
    marks = Marks(pool)
    await marks.prepare()
    told = numbered(sum(steps))
    heard = []

    async def live():
        for step in steps:
            heard.extend(told[len(heard) : len(heard) + step])
            await marks.apply(heard[-step:])

    building = rebuilder(Marks(pool), History(heard, batch=batch))
    building.start("marks")
    await live()
    standing = await finished(building)
    await marks.apply(told)

    assert ("DONE", "") == (standing.state, standing.detail)
    assert {f"A{n}": 1 for n in range(1, sum(steps) + 1)} == await marks.told()


async def test_a_source_that_fell_silent_long_ago_is_in_the_new_bookmarks(marks):
    told = [*chain("B1", source="assessment"), *numbered(6)]
    await marks.apply(told)
    building = rebuilder(marks, History(told))
    building.start("marks")
    await finished(building)

    assert {"assessment": 1, "registry": 6} == await marks.positions()


async def test_a_rebuild_that_fails_says_why_and_leaves_the_old_rows(marks, pool):
    await marks.apply(numbered(2))
    building = rebuilder(Marks(pool), History(chain("A1", "POISON")))
    building.start("marks")
    standing = await finished(building)

    assert ("FAILED", "ValueError: it is poison") == (standing.state, standing.detail)
    assert {"A1": 1, "A2": 1} == await marks.told()


async def test_a_rebuild_passes_over_what_the_live_view_has_parked(marks, pool):
    told = chain("A1", "POISON", "A3")
    await marks.apply(told[:1])
    await marks.skip(told[1], ValueError("it is poison"))
    await marks.apply(told[2:])
    building = rebuilder(Marks(pool), History(told))
    building.start("marks")

    assert ("DONE", "") == ((await finished(building)).state, building.look_up("marks").detail)
    assert {"A1": 1, "A3": 1} == await marks.told()
    assert 1 == await ParkingLot(pool).count()


async def test_what_a_rebuild_could_fold_is_parked_no_more(marks, pool):
    told = chain("A1", "A2")
    await marks.apply(told[:1])
    await marks.skip(told[1], ValueError("not today"))
    building = rebuilder(Marks(pool), History(told))
    building.start("marks")
    await finished(building)

    assert {"A1": 1, "A2": 1} == await marks.told()
    assert 0 == await ParkingLot(pool).count()


async def test_a_view_is_rebuilt_once_at_a_time(marks):
    building = rebuilder(marks, History([]))
    building.start("marks")
    with pytest.raises(AlreadyRebuilding):
        building.start("marks")
    await finished(building)


async def test_a_view_nobody_has_cannot_be_rebuilt(marks):
    with pytest.raises(NotFound, match="no view headcount; there are marks"):
        rebuilder(marks, History([])).start("headcount")


async def test_what_is_no_read_model_is_never_rebuilt(pool):
    class Policy(Marks):
        rebuildable = False

    with pytest.raises(NeverRebuilt):
        rebuilder(Policy(pool), History([])).start("marks")


async def test_two_processes_do_not_fill_one_copy(marks, pool):
    told = numbered(2)
    first, second = rebuilder(marks, Endless(told)), rebuilder(Marks(pool), History(told))
    first.start("marks", shadow=True)
    await until(lambda: first.feeds["marks"][1].read)
    second.start("marks")
    standing = await finished(second)
    await first.cancel("marks")

    assert ("FAILED", "AlreadyRebuilding: another process is filling marks") == (
        standing.state,
        standing.detail,
    )
