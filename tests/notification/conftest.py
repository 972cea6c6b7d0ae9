"""Notification on a real, empty database; and a cell beneath a district beneath a province."""

from datetime import UTC, datetime

import pytest

from services.chassis.views.officials import Officials
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from services.notification.application import Notices
from services.notification.occasions import Occasions
from services.notification.reactions import OnAssessment, OnClassified, OnRegistry
from services.notification.rules import read_rules
from services.notification.views import Calls, NoticeBox
from tests.logs import log_of, prepared
from tests.notification.stories import Clock, relayed
from tests.telling import Telling, founded


@pytest.fixture
def clock():
    """Return a clock that stands at noon of 20 November 2024 in the province, until it is set."""
    return Clock(datetime(2024, 11, 20, 5, tzinfo=UTC))


@pytest.fixture
async def store(database, clock):
    async with log_of("notification", database, clock=clock) as store:
        yield store


@pytest.fixture
def tell():
    return Telling()


@pytest.fixture
async def tree(store):
    view = await prepared(Tree(store.pool))
    view.followed = frozenset({"registry"})
    return view


@pytest.fixture
async def officials(store):
    return await prepared(Officials(store.pool))


@pytest.fixture
async def restrictions(store):
    return await prepared(Restrictions(store.pool))


@pytest.fixture
async def box(store):
    return await prepared(NoticeBox(store.pool))


@pytest.fixture
async def district(tree, tell):
    """Lai Châu, Than Uyên beneath it, and two cells of 2001 beneath that."""
    organizations = tell.all(
        founded("LAI-CHAU", under=None, kind="PROVINCIAL_COMMITTEE"),
        founded("THAN-UYEN", under="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
        founded("TU-C-001", under="THAN-UYEN"),
        founded("TU-C-002", under="THAN-UYEN"),
    )
    await tree.apply(organizations)


@pytest.fixture
def notices(store, tree, officials, restrictions, district):
    return Notices(store, tree, officials, restrictions, read_rules())


@pytest.fixture
async def calls(store):
    view = await prepared(Calls(store.pool))
    view.followed = frozenset({"assessment"})
    return view


@pytest.fixture
def occasions(calls, clock):
    return Occasions(read_rules(), calls, clock)


@pytest.fixture
async def policy(store, notices, occasions):
    return await prepared(OnClassified(store.pool, notices, occasions))


@pytest.fixture
async def on_registry(store, notices, occasions, tree, officials, restrictions):
    return await prepared(OnRegistry(store.pool, notices, occasions, tree, officials, restrictions))


@pytest.fixture
async def on_assessment(store, notices, occasions, calls):
    return await prepared(OnAssessment(store.pool, notices, occasions, calls))


@pytest.fixture
def carry(store, box):
    """Return what carries the log's news into the inboxes, as relay and stream do."""

    async def carrying():
        await box.apply(await relayed(store))

    return carrying
