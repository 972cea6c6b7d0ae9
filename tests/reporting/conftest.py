"""Reporting's ledger and views on a real, empty database."""

from datetime import UTC, datetime

import pytest

from services.chassis.eventlog.store import open_pool
from services.chassis.views.tree import Tree
from services.reporting.ledger import Ledger
from services.reporting.views import Classes, Completeness, Duties, Headcount, Officials, Roster, Structure
from tests.logs import prepared

TODAY = datetime(2024, 12, 31, 5, tzinfo=UTC)
"""When reporting is asked: 31 December 2024, noon in the province."""


@pytest.fixture
async def pool(database):
    async with open_pool("reporting", database) as pool:
        yield pool


@pytest.fixture
async def ledger(pool):
    return await prepared(Ledger(pool))


@pytest.fixture
async def tree(pool):
    return await prepared(Tree(pool))


@pytest.fixture
async def headcount(pool):
    return await prepared(Headcount(pool))


@pytest.fixture
async def completeness(pool):
    return await prepared(Completeness(pool, clock=lambda: TODAY))


@pytest.fixture
async def classes(pool):
    return await prepared(Classes(pool))


@pytest.fixture
async def structure(pool):
    return await prepared(Structure(pool))


@pytest.fixture
async def roster(pool):
    return await prepared(Roster(pool))


@pytest.fixture
async def obligations(pool):
    return await prepared(Duties(pool))


@pytest.fixture
async def officials(pool):
    return await prepared(Officials(pool))
