"""Reporting's ledger and views on a real, empty database."""

from datetime import UTC, datetime

import pytest

from services.chassis.store import open_pool
from services.chassis.tree import Tree
from services.reporting.ledger import Ledger
from services.reporting.views import Classes, Completeness, Headcount, Structure

TODAY = datetime(2024, 12, 31, 5, tzinfo=UTC)
"""When reporting is asked: 31 December 2024, noon in the province."""


@pytest.fixture
async def pool(database):
    async with open_pool("reporting", database) as pool:
        yield pool


@pytest.fixture
async def ledger(pool):
    ledger = Ledger(pool)
    await ledger.prepare()
    return ledger


@pytest.fixture
async def tree(pool):
    view = Tree(pool)
    await view.prepare()
    return view


@pytest.fixture
async def headcount(pool):
    view = Headcount(pool)
    await view.prepare()
    return view


@pytest.fixture
async def completeness(pool):
    view = Completeness(pool, clock=lambda: TODAY)
    await view.prepare()
    return view


@pytest.fixture
async def classes(pool):
    view = Classes(pool)
    await view.prepare()
    return view


@pytest.fixture
async def structure(pool):
    view = Structure(pool)
    await view.prepare()
    return view
