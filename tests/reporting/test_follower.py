"""Views follow the ledger live and are rebuilt from it, by the same fold: the answers must be the same."""

from datetime import date

import anyio
import pytest

from services.chassis.delivery import NotYetRead
from services.chassis.parked import ParkingLot
from services.chassis.views.rebuild import Rebuilder
from services.reporting import follower
from services.reporting.feed import LedgerFeed
from services.reporting.follower import Follower
from tests.patience import PATIENCE_S
from tests.reporting.story import Publisher, admitted, founded, told
from tests.telling import altered

LAST = date(2024, 12, 31)
STORY = (
    founded("D-1", "DISTRICT_COMMITTEE"),
    founded("C-1", parent="D-1"),
    admitted("M-1", "C-1", date(2024, 3, 1)),
    admitted("M-2", "C-1", date(2024, 3, 2), "PROBATIONARY"),
)


@pytest.fixture
async def following(headcount, ledger):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Follower(headcount, ledger).run)
        yield headcount
        tasks.cancel_scope.cancel()


@pytest.fixture
async def rebuilder(headcount, ledger):
    rebuilder = Rebuilder()
    rebuilder.add(headcount, LedgerFeed(ledger))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(rebuilder.run)
        yield rebuilder
        tasks.cancel_scope.cancel()


async def rebuilt(rebuilder, name):
    """Return how the rebuild ended."""
    standing = rebuilder.start(name)
    with anyio.fail_after(PATIENCE_S):
        await rebuilder._running[name]
    return standing


async def poison(headcount, ledger, bad):
    """Tell the ledger the story with one event in it that the view cannot fold."""
    deliveries = told(*STORY)
    deliveries[2] = altered(deliveries[2], data=bad)
    await ledger.apply(deliveries)
    await headcount.reached("registry", 8, PATIENCE_S)


async def test_what_the_ledger_records_is_in_the_view_soon_after(following, ledger):
    await ledger.apply(told(*STORY))
    await following.reached("registry", 8, PATIENCE_S)

    assert 2 == (await following.on("D-1", LAST)).total


async def test_a_view_that_was_away_goes_on_from_where_it_stands(headcount, ledger):
    publisher = Publisher()
    first, rest = publisher.tell(*STORY[:3]), publisher.tell(*STORY[3:])
    await ledger.apply(first)
    await headcount.apply(first)
    await ledger.apply(rest)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Follower(headcount, ledger).run)
        await headcount.reached("registry", 8, PATIENCE_S)
        tasks.cancel_scope.cancel()

    assert 2 == (await headcount.on("C-1", LAST)).total


async def test_a_rebuilt_view_answers_as_the_live_one_did(following, ledger, rebuilder):
    await ledger.apply(told(*STORY))
    await following.reached("registry", 8, PATIENCE_S)
    live = await following.series("D-1", date(2024, 1, 1), LAST)

    standing = await rebuilt(rebuilder, "headcount")

    assert ("DONE", 4) == (standing.state, standing.done)
    assert live == await following.series("D-1", date(2024, 1, 1), LAST)
    assert 0 == await LedgerFeed(ledger).lag(await following.positions())


async def test_a_rebuilt_view_goes_on_following(following, ledger, rebuilder):
    publisher = Publisher()
    await ledger.apply(publisher.tell(*STORY))
    await rebuilt(rebuilder, "headcount")

    await ledger.apply(publisher.tell(admitted("M-3", "C-1", date(2024, 3, 3))))
    await following.reached("registry", 10, PATIENCE_S)

    assert 3 == (await following.on("D-1", LAST)).total


async def test_an_event_a_view_cannot_fold_is_parked_and_stops_nothing_else(
    following, ledger, pool, monkeypatch
):
    monkeypatch.setattr(follower, "DELAYS_S", (0.01, 0.01))
    await poison(following, ledger, {"organization": "C-1", "member": "M-1"})

    (item,) = await ParkingLot(pool).listing()

    assert ("VIEW", "headcount", "ValidationError") == (item["kind"], item["place"], item["reason"])
    assert 1 == (await following.on("D-1", LAST)).total


async def test_lag_counts_the_entries_a_view_has_not_read(headcount, ledger):
    deliveries = told(*STORY)
    await ledger.apply(deliveries)
    await headcount.apply(deliveries[:1])

    assert 3 == await LedgerFeed(ledger).lag(await headcount.positions())
    with pytest.raises(NotYetRead):
        await headcount.reached("registry", 8, timeout_s=0.1)
