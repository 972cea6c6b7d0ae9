"""A rebuild is cancelled and goes on, says how it stands, keeps to its rate, and is compared first."""

import pytest
from psycopg import OperationalError

from services.chassis.errors import NotFound
from services.chassis.parked import ParkingLot
from services.chassis.views import filling
from services.chassis.views.copy import Copy, Difference
from services.chassis.views.rebuild import (
    AlreadyRebuilding,
    NothingToDiscard,
    NothingToSwitch,
    NotRebuilding,
)
from tests.chassis.histories import Endless, History, finished, rebuilder
from tests.chassis.marks import Marks, chain, numbered
from tests.chassis.story import until


@pytest.fixture
def kept_each_page(monkeypatch):
    """Keep what was filled after every page."""
    monkeypatch.setattr(filling, "CHUNK", 1)


async def began(building, feed, **how):
    building.start("marks", **how)
    await until(lambda: feed.read)


# -- Cancel, and go on


async def test_a_cancelled_rebuild_leaves_the_old_rows_and_says_how_it_goes_on(marks):
    await marks.apply(numbered(1))
    feed = Endless(numbered(4))
    building = rebuilder(marks, feed)
    await began(building, feed)
    standing = await building.cancel("marks")

    assert ("STOPPED", "cancelled; start it again to go on, or discard it") == (
        standing.state,
        standing.detail,
    )
    assert {"A1": 1} == await marks.told()


async def test_a_cancelled_rebuild_goes_on_from_its_last_checkpoint(marks, kept_each_page):
    feed = Endless(numbered(4))
    building = rebuilder(marks, feed)
    building.start("marks")
    await until(lambda: building.look_up("marks").done == 4)
    await building.cancel("marks")
    feed.deliveries = numbered(6)
    feed.let.set()
    building.start("marks")
    standing = await finished(building)

    assert [f"A{n}" for n in range(1, 7)] == feed.read
    assert ("DONE", 6) == (standing.state, standing.done)
    assert {f"A{n}": 1 for n in range(1, 7)} == await marks.told()


async def test_a_rebuild_whose_process_ended_goes_on_in_the_next(marks, pool, kept_each_page):
    feed = Endless(numbered(4))
    building = rebuilder(marks, feed)
    building.start("marks")
    await until(lambda: building.look_up("marks").done == 4)
    await building.cancel("marks")

    later = History(numbered(5))
    successor = rebuilder(Marks(pool), later)
    await successor.prepare()
    assert ("STOPPED", "its process ended") == (
        successor.look_up("marks").state,
        successor.look_up("marks").detail,
    )
    successor.start("marks")
    await finished(successor)

    assert ["A5"] == later.read
    assert {f"A{n}": 1 for n in range(1, 6)} == await marks.told()


async def test_what_was_passed_over_before_the_stop_stays_parked(marks, pool, kept_each_page):
    told = chain("A1", "POISON", "A3")
    await marks.apply(told[:1])
    await marks.skip(told[1], ValueError("it is poison"))
    await marks.apply(told[2:])
    feed = Endless(told)
    building = rebuilder(marks, feed)
    building.start("marks")
    await until(lambda: building.look_up("marks").done == 3)
    await building.cancel("marks")
    feed.let.set()
    building.start("marks")
    await finished(building)

    assert 1 == await ParkingLot(pool).count()
    assert {"A1": 1, "A3": 1} == await marks.told()


async def test_a_rebuild_waits_for_a_database_that_is_away_and_folds_nothing_twice(marks, kept_each_page):
    class Flaky(Copy):
        left = 2

        async def write(self, fold, bookmarks):
            await super().write(fold, bookmarks)
            Flaky.left -= 1
            if Flaky.left == 0:
                raise OperationalError("the connection is lost")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.chassis.views.rebuild.Copy", Flaky)
        patch.setattr("services.chassis.views.rebuild.RETRY_S", 0.01)
        building = rebuilder(marks, History(numbered(6)))
        building.start("marks")
        standing = await finished(building)

    assert ("DONE", 6) == (standing.state, standing.done)
    assert {f"A{n}": 1 for n in range(1, 7)} == await marks.told()


async def test_only_what_runs_can_be_cancelled(marks):
    with pytest.raises(NotRebuilding, match="marks is not being rebuilt"):
        await rebuilder(marks, History([])).cancel("marks")
    with pytest.raises(NotFound):
        await rebuilder(marks, History([])).cancel("headcount")


async def test_what_a_cancelled_rebuild_has_filled_can_be_discarded(marks):
    feed = Endless(numbered(2))
    building = rebuilder(marks, feed)
    await began(building, feed)
    with pytest.raises(AlreadyRebuilding):
        await building.discard("marks")
    await building.cancel("marks")

    assert "NONE" == (await building.discard("marks")).state
    assert None is await Copy(marks).resume()
    with pytest.raises(NothingToDiscard):
        await building.discard("marks")


# -- How it stands


async def test_a_rebuild_says_how_far_it_is_and_how_long_it_will_take(marks, kept_each_page):
    feed = Endless(numbered(4))
    feed.total = lambda: _later(1_000_000)
    feed.lag = lambda positions: _later(1_000_000 - sum(positions.values()))
    building = rebuilder(marks, feed)
    building.start("marks")
    await until(lambda: building.look_up("marks").done == 4)
    standing = building.look_up("marks")
    await building.cancel("marks")

    assert (4, 1_000_000) == (standing.done, standing.total)
    assert standing.per_s > 0
    assert standing.remaining_s == pytest.approx(999_996 / standing.per_s, rel=0.01, abs=1)


async def _later(value):
    return value


async def test_a_rate_is_kept(marks, monkeypatch):
    rests = []
    monkeypatch.setattr(filling, "rest", lambda seconds: _later(rests.append(seconds)))
    building = rebuilder(marks, History(numbered(20)))
    building.start("marks", rate=100)
    await finished(building)

    assert 10 == len(rests)
    assert 0.2 == pytest.approx(rests[-1], abs=0.1)


async def test_without_a_rate_it_only_lets_others_run(marks, monkeypatch):
    rests = []
    monkeypatch.setattr(filling, "rest", lambda seconds: _later(rests.append(seconds)))
    building = rebuilder(marks, History(numbered(4)))
    building.start("marks")
    await finished(building)

    assert [0.0, 0.0] == rests


# -- A shadow


async def shadow(marks, live, told):
    await marks.apply(live)
    building = rebuilder(marks, History(told))
    building.start("marks", shadow=True)
    return building, await finished(building)


async def test_a_shadow_says_what_differs_and_switches_nothing(marks):
    _, standing = await shadow(marks, chain("A1", "A2", "A3"), chain("A1", "B2", "A1"))

    assert ("COMPARED", 0) == (standing.state, standing.apart)
    [figure] = standing.compared
    assert ("times told by code", 4, 4) == (figure.figure, figure.of, figure.differ)
    assert [
        {"key": "A1", "live": "1", "copied": "2"},
        {"key": "A2", "live": "1", "copied": None},
        {"key": "A3", "live": "1", "copied": None},
        {"key": "B2", "live": None, "copied": "1"},
    ] == figure.examples
    assert {"A1": 1, "A2": 1, "A3": 1} == await marks.told()


async def test_a_shadow_of_a_view_that_is_right_finds_nothing(marks):
    _, standing = await shadow(marks, numbered(3), numbered(3))

    assert [Difference("times told by code", of=3)] == standing.compared


async def test_a_compared_shadow_is_switched_with_what_came_meanwhile(marks):
    told = chain("A1", "B2")
    building, _ = await shadow(marks, chain("A1", "A2"), told)
    told += chain("A3", after=2)
    await marks.apply(told[2:])
    building.switch("marks")
    standing = await finished(building)

    assert ("DONE", False) == (standing.state, standing.shadow)
    assert {"A1": 1, "A3": 1, "B2": 1} == await marks.told()


async def test_a_compared_shadow_is_discarded(marks):
    building, _ = await shadow(marks, chain("A1"), chain("B1"))
    await building.discard("marks")

    assert {"A1": 1} == await marks.told()
    with pytest.raises(NothingToSwitch):
        building.switch("marks")


async def test_a_figure_that_the_old_version_does_not_have_says_so(marks, pool):
    class Noted(Marks):
        version = 2
        tables = "CREATE TABLE mark (code text PRIMARY KEY, told integer NOT NULL, note text)"
        compared = {"note by code": "SELECT code AS key, note AS value FROM mark", **Marks.compared}  # noqa: RUF012

    await marks.apply(numbered(1))
    building = rebuilder(Noted(pool), History(numbered(1)))
    building.start("marks", shadow=True)
    standing = await finished(building)

    assert [
        Difference("note by code", detail="the live tables do not have it"),
        Difference("times told by code", of=1),
    ] == standing.compared


async def test_a_shadow_waits_until_the_live_view_stands_where_it_does(marks):
    told = numbered(3)
    await marks.apply(told[:2])

    async def go_on():
        await marks.apply(told)

    building = rebuilder(marks, History(told, go_on))
    building.start("marks", shadow=True)
    standing = await finished(building)

    assert (0, [Difference("times told by code", of=3)]) == (standing.apart, standing.compared)


async def test_a_shadow_that_never_stands_with_the_live_view_says_how_far_apart_they_were(marks, monkeypatch):
    monkeypatch.setattr(filling, "STILL_WITHIN_S", 0.0)
    _, standing = await shadow(marks, numbered(2), numbered(3))

    assert ("COMPARED", 1) == (standing.state, standing.apart)
