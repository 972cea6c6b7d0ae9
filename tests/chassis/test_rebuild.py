"""A new version grows beside the old, while the old is read and told."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.delivery import Outdated
from services.chassis.errors import NotFound
from services.chassis.parked import ParkingLot
from services.chassis.rebuild import AlreadyRebuilding, Rebuilder
from tests.chassis.marks import Marks, chain, numbered
from tests.chassis.story import until


class RenamedMarks(Marks):
    version = 2
    tables = "CREATE TABLE mark (code text PRIMARY KEY, told integer NOT NULL, since text)"


class Reduced(Marks):
    """A version whose rows have another shape."""

    version = 3
    tables = "CREATE TABLE mark (code text PRIMARY KEY)"

    async def project(self, batch, cursor):
        for delivery in batch:
            await cursor.execute("INSERT INTO mark VALUES (%s)", (delivery.message.organization,))


class History:
    """A feed of what a list holds at the moment it is read; `at_end` runs each time its end is reached."""

    def __init__(self, deliveries, at_end=None, *, batch=2):
        self.deliveries = deliveries
        self.at_end = at_end
        self.batch = batch

    async def total(self):
        return len(self.deliveries)

    async def lag(self, positions):
        return len(self.deliveries) - sum(positions.values())

    async def replay(self):
        read = 0
        while True:
            while read < len(self.deliveries):
                batch = self.deliveries[read : read + self.batch]
                read += len(batch)
                yield batch
            if self.at_end:
                await self.at_end()
            yield []


def rebuilder(view, feed):
    rebuilder = Rebuilder()
    rebuilder.add(view, feed)
    return rebuilder


async def finished(rebuilder, name="marks"):
    await until(lambda: rebuilder.look_up(name).state != "RUNNING")
    return rebuilder.look_up(name)


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
    await marks.begin_next()
    await marks.apply(numbered(2), marks.next)
    assert not await marks.switch()

    await marks.apply(numbered(3), marks.next)
    assert await marks.switch()


async def test_a_copy_that_lacks_a_whole_source_is_not_switched(marks):
    await marks.apply([*chain("A1"), *chain("B1", source="assessment")])
    await marks.begin_next()
    await marks.apply(chain("A1"), marks.next)

    assert not await marks.switch()


async def test_what_a_rebuild_left_behind_is_dropped_by_the_next(marks):
    await marks.begin_next()
    await marks.apply(numbered(2), marks.next)
    await marks.begin_next()

    assert {} == await marks.positions(marks.next)


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
