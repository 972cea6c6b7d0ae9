"""Views: what was read is kept with how far, once, in order."""

import asyncio

import pytest

from services.chassis.delivery import Gap, NotYetRead
from services.chassis.parked import ParkingLot
from tests.chassis.marks import Marks, chain, numbered
from tests.chassis.story import founded
from tests.patience import PATIENCE_S
from tests.telling import delivered

# -- Reading


async def test_a_batch_moves_the_rows_and_the_bookmark_together(marks):
    await marks.apply(chain("A1", "A2"))

    assert {"A1": 1, "A2": 1} == await marks.told()
    assert {"registry": 2} == await marks.positions()


async def test_a_batch_that_fails_leaves_neither_rows_nor_a_bookmark(marks):
    with pytest.raises(ValueError, match="poison"):
        await marks.apply(chain("A1", "POISON", "A3"))

    assert {} == await marks.told()
    assert {} == await marks.positions()


async def test_what_was_read_before_is_skipped(marks):
    told = chain("A1", "A2", "A3")
    await marks.apply(told[:2])
    await marks.apply(told)
    await marks.apply(told)

    assert {"A1": 1, "A2": 1, "A3": 1} == await marks.told()


async def test_a_missing_event_is_a_gap_and_nothing_of_the_batch_is_kept(marks):
    one, _, three = chain("A1", "A2", "A3")
    with pytest.raises(Gap, match="3 follows 2, read is 1"):
        await marks.apply([one, three])

    assert {} == await marks.told()
    assert {} == await marks.positions()


async def test_positions_may_have_holes_where_the_log_says_so(marks):
    await marks.apply(
        [
            delivered(founded("A1", sequence=4, previous=0)),
            delivered(founded("A2", sequence=9, previous=4)),
        ]
    )

    assert {"registry": 9} == await marks.positions()


async def test_each_source_has_a_bookmark_of_its_own(marks):
    await marks.apply([*chain("A1", "A2"), *chain("B1", source="assessment")])

    assert {"registry": 2, "assessment": 1} == await marks.positions()


async def test_two_writers_of_one_view_fold_everything_once(marks, pool):
    told = numbered(60)
    other = Marks(pool)

    async def write(view):
        for start in range(0, 60, 5):
            await view.apply(told[: start + 5])

    await asyncio.gather(write(marks), write(other))
    assert {f"A{n}": 1 for n in range(1, 61)} == await marks.told()


async def test_what_was_skipped_is_parked_with_its_message_and_the_next_is_read(marks, pool):
    one, poison, three = chain("A1", "POISON", "A3")
    await marks.apply([one])
    await marks.skip(poison, ValueError("it is poison"))
    await marks.apply([three])

    [parked] = await ParkingLot(pool).listing()
    whole = await ParkingLot(pool).show(parked["id"])
    assert ("VIEW", "marks", "registry", "ValueError", "it is poison") == (
        parked["kind"],
        parked["place"],
        parked["source"],
        parked["reason"],
        parked["detail"],
    )
    assert poison.raw == whole["message"]
    assert {"A1": 1, "A3": 1} == await marks.told()


async def test_what_was_read_cannot_be_skipped_any_more(marks, pool):
    [one] = chain("A1")
    await marks.apply([one])
    await marks.skip(one, ValueError("too late"))

    assert 0 == await ParkingLot(pool).count()


async def test_a_parked_event_is_folded_later_without_moving_the_bookmark(marks):
    one, two, three = chain("A1", "A2", "A3")
    await marks.apply([one])
    await marks.skip(two, ValueError("not today"))
    await marks.apply([three])
    await marks.repair(two)

    assert {"A1": 1, "A2": 1, "A3": 1} == await marks.told()
    assert {"registry": 3} == await marks.positions()


# -- Waiting


async def test_who_waits_for_a_position_returns_when_it_is_shown(marks):
    waiting = asyncio.create_task(marks.reached("registry", 2, PATIENCE_S))
    await asyncio.wait({waiting}, timeout=0)
    assert not waiting.done()
    await marks.apply(chain("A1", "A2"))

    await asyncio.wait_for(waiting, PATIENCE_S)


async def test_who_waits_sees_what_another_process_has_read(marks, pool):
    waiting = asyncio.create_task(marks.reached("registry", 1, PATIENCE_S))
    await Marks(pool).apply(chain("A1"))

    await asyncio.wait_for(waiting, PATIENCE_S)


async def test_who_waits_for_what_does_not_come_is_told_how_far_it_is(marks):
    await marks.apply(chain("A1"))
    with pytest.raises(NotYetRead, match="up to 1, not yet 9"):
        await marks.reached("registry", 9, timeout_s=0.05)
