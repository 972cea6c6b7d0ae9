"""Classification on a real, empty database; and a cell beneath a district beneath a province."""

from datetime import UTC, datetime

import pytest

from services.chassis.views.tree import Tree
from services.classification.application import Classifications, read_packs
from services.classification.views import Dossiers
from tests.logs import log_of, prepared
from tests.telling import Telling, founded

NOW = datetime(2025, 12, 20, 5, tzinfo=UTC)


@pytest.fixture
async def store(database):
    async with log_of("classification", database, clock=lambda: NOW) as store:
        yield store


@pytest.fixture
def tell():
    return Telling()


@pytest.fixture
def organizations(tell):
    """Lai Châu, Than Uyên beneath it, and a cell of 2001 beneath that."""
    return tell.all(
        founded("LAI-CHAU", under=None, kind="PROVINCIAL_COMMITTEE"),
        founded("THAN-UYEN", under="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
        founded("TU-C-001", under="THAN-UYEN"),
    )


@pytest.fixture
async def tree(store, organizations):
    view = await prepared(Tree(store.pool), organizations)
    view.followed = frozenset({"registry"})
    return view


@pytest.fixture
async def dossiers(store, organizations):
    return await prepared(Dossiers(store.pool), organizations)


@pytest.fixture
async def cell(tree):
    return await tree.find("TU-C-001")


@pytest.fixture
def classifications(store, tree, dossiers):
    return Classifications(store, tree, dossiers, read_packs())
