"""A registry on a real, empty database; and the people of its stories."""

import pytest

from services.chassis.edge.rights import Rights
from services.chassis.eventlog.inbox import Inbox
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.registry.api import routes
from services.registry.application import FoundOrganization, Registry, SigningKeys, admission_ages
from services.registry.persons import Persons
from tests.edges import AUTH, edge_of
from tests.logs import log_of, prepared
from tests.registry.people import CONTACT, OFFICER, read
from tests.registry.test_application import CELL, DISTRICT, LAN, PROVINCE
from tests.spec import NOW

MASTER_KEY = bytes(range(32))


@pytest.fixture
def now():
    """Return the moment at which everything is asked."""
    return NOW


@pytest.fixture
async def store(database, now):
    async with log_of("registry", database, clock=lambda: now) as store:
        yield store


@pytest.fixture
async def persons(store):
    return await prepared(Persons(store.pool, MASTER_KEY))


@pytest.fixture
def registry(store, persons):
    return Registry.on(store, persons, admission_ages(), SigningKeys(MASTER_KEY))


@pytest.fixture
async def tree(store):
    return await prepared(Tree(store.pool))


@pytest.fixture
async def api(registry, store, tree):
    """The registry's edge."""
    async with edge_of(
        "registry", routes(registry, Rights(tree, Officials(tree.pool)), AUTH), Inbox(store.pool)
    ) as client:
        yield client


@pytest.fixture
async def founded(registry, store, tree, asked):
    """A province, a district and a cell, which the tree has read about."""
    for organization in (PROVINCE, DISTRICT, CELL):
        await registry.organizations.found(FoundOrganization(**organization), asked)
    await read(store, tree)


@pytest.fixture
async def lan(api, founded):
    """Lan, admitted to that cell with all that is known of her."""
    assert 201 == (await api.post("/members", json=LAN | CONTACT, headers=OFFICER)).status_code
