"""The policy: whenever an organization is classified, two are told; once, in order, and never by a replay."""

import pytest
from eventsourcing.persistence import Tracking
from psycopg import AsyncConnection

from services.chassis.delivery import Gap
from services.chassis.errors import UnknownOrganization
from services.chassis.eventlog.store import Origin
from services.chassis.parked import ParkingLot
from services.chassis.views.rebuild import NeverRebuilt, Rebuilder
from services.notification.domain import Occasion
from tests.notification.stories import told
from tests.telling import classified

pytestmark = pytest.mark.anyio


async def test_a_classification_is_told_to_the_secretary_and_the_superior(policy, tell, store):
    await policy.apply([tell(classified("TU-C-001", "2024"))])

    assert [
        ("CELL_CLASSIFIED", "TU-C-001", "2024", "TU-C-001 SECRETARY"),
        ("CELL_CLASSIFIED", "TU-C-001", "2024", "THAN-UYEN SUPERIOR"),
    ] == await told(store)


async def test_the_notice_names_what_called_for_it(policy, tell, store):
    await policy.apply([tell(classified("TU-C-001", "2024"))])
    [first, *_] = await store.read(0, 10)

    assert {
        "actor": "notification",
        "correlation": "c-1",
        "causation": "classification:CellClassified-1",
    } == first.origin


async def test_a_second_delivery_changes_nothing(policy, tell, store):
    told_once = tell(classified("TU-C-001", "2024"))
    await policy.apply([told_once])
    head = await store.head()
    await policy.apply([told_once])

    assert head == await store.head()


async def test_a_process_that_died_between_notice_and_bookmark_tells_nobody_twice(
    policy, tell, store, notices
):
    """The notices are in the log with their cause, the bookmark is not moved yet, the event comes again."""
    delivery = tell(classified("TU-C-001", "2024"))
    cause = Tracking("classification", 1)
    origin = Origin(actor="notification", correlation="c-1", causation="c-1", cause=cause)
    await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-001", "2024"), origin)
    head = await store.head()
    await policy.apply([delivery])

    assert head == await store.head()
    assert {"classification": 1} == await policy.positions()


async def test_a_lost_bookmark_does_not_tell_history_again(policy, tell, store):
    """Every event comes again; each cause is in the log, so nobody is told anything."""
    history = tell.all(classified("TU-C-001", "2023"), classified("TU-C-002", "2023"))
    await policy.apply(history)
    head = await store.head()
    async with store.pool.connection() as connection:
        await forget_bookmarks(connection)
    await policy.apply(history)

    assert head == await store.head()
    assert {"classification": 2} == await policy.positions()


async def forget_bookmarks(connection: AsyncConnection) -> None:
    await connection.execute("DELETE FROM on_classified.bookmark")


async def test_an_event_is_not_reacted_to_before_the_one_it_follows(policy, tell, store):
    tell(classified("TU-C-001", "2024"))

    with pytest.raises(Gap):
        await policy.apply([tell(classified("TU-C-002", "2024"))])
    assert [] == await told(store)


async def test_an_organization_the_tree_has_not_read_of_yet_holds_the_policy_back(policy, tell, store):
    with pytest.raises(Gap, match="TU-C-999"):
        await policy.apply(tell.all(classified("TU-C-001", "2024"), classified("TU-C-999", "2024")))

    assert {"classification": 1} == await policy.positions()


async def test_what_was_parked_can_be_told_later_and_only_once(policy, tell, store):
    parked = tell(classified("TU-C-001", "2024"))
    await policy.skip(parked, UnknownOrganization("TU-C-001"))

    assert 1 == await ParkingLot(store.pool).count()

    await policy.repair(parked)
    await policy.repair(parked)

    assert 2 == len(await told(store))


async def test_a_policy_is_never_rebuilt(policy, tell, store):
    await policy.apply([tell(classified("TU-C-001", "2024"))])
    rebuilder = Rebuilder()
    rebuilder.add(policy, None)

    with pytest.raises(NeverRebuilt):
        rebuilder.start(policy.name)
    assert 2 == len(await told(store))
