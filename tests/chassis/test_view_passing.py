"""What a view does not fold is passed over in memory and written in a moment; nothing of it is lost."""

import asyncio

import pytest

from services.chassis.delivery import Gap
from services.chassis.views import view as view_module
from tests.chassis.marks import Marks, chain
from tests.chassis.story import until
from tests.logs import prepared
from tests.telling import altered


def other(*codes, source="assessment", after=0):
    """Return deliveries of a type it does not fold."""
    return [
        altered(delivery, type="assessment.MeetingHeld.v1")
        for delivery in chain(*codes, source=source, after=after)
    ]


@pytest.fixture
async def deaf(pool):
    return await prepared(Marks(pool))


async def written(pool):
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT source, sequence FROM marks.bookmark")
        return {row["source"]: row["sequence"] for row in await cursor.fetchall()}


async def test_what_is_passed_over_is_counted_as_read_and_leaves_no_row(deaf):
    await deaf.apply(other("A1"))
    await deaf.apply(other("A2", after=1))

    assert {"assessment": 2} == await deaf.positions()
    await deaf.reached("assessment", 2, timeout_s=0.1)
    assert {} == await deaf.told()


async def test_what_is_passed_over_is_written_in_a_moment(deaf, pool, monkeypatch):
    monkeypatch.setattr(view_module, "FLUSH_AFTER_S", 0.01)
    await deaf.apply(other("A1"))
    await deaf.apply(other("A2", after=1))

    async def is_written():
        return {"assessment": 2} == await written(pool)

    await until(is_written)


async def test_what_is_passed_over_is_written_with_the_next_that_is_folded(deaf, pool):
    await deaf.apply(other("A1", source="registry"))
    await deaf.apply(other("A2", source="registry", after=1))
    await deaf.apply(chain("A3", after=2))

    assert {"registry": 3} == await written(pool)
    assert {"A3": 1} == await deaf.told()


async def test_a_process_that_died_before_writing_is_told_again_and_folds_nothing_twice(deaf, pool):
    await deaf.apply(chain("A1"))
    await deaf.apply(other("A2", source="registry", after=1))
    successor = Marks(pool)
    await successor.prepare()
    assert {"registry": 1} == await successor.positions()
    await successor.apply(other("A2", source="registry", after=1))
    await successor.apply(chain("A3", after=2))

    assert {"A1": 1, "A3": 1} == await successor.told()


async def test_a_gap_is_seen_among_what_is_passed_over(deaf):
    await deaf.apply(other("A1"))

    with pytest.raises(Gap):
        await deaf.apply(other("A3", after=2))


class Slow(Marks):
    """Folds only when it is let."""

    def __init__(self, pool):
        super().__init__(pool)
        self.begun, self.let = asyncio.Event(), asyncio.Event()

    async def project(self, batch, cursor):
        self.begun.set()
        await self.let.wait()
        await super().project(batch, cursor)


async def test_two_sources_do_not_set_each_other_back(pool):
    slow = Slow(pool)
    await slow.prepare()
    slow.let.set()
    await slow.apply(chain("A0"))
    await slow.apply(other("B1"))
    slow.let.clear()
    slow.begun.clear()
    folding = asyncio.create_task(slow.apply(chain("A1", after=1)))
    await slow.begun.wait()
    await slow.apply(other("B2", after=1))
    slow.let.set()
    await folding

    assert {"registry": 2, "assessment": 2} == await slow.positions()
    await slow.apply(other("B3", after=2))
    assert {"registry": 2, "assessment": 3} == await slow.positions()
