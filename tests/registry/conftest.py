"""A registry on a real, empty database; and the people of its stories."""

import pytest

from services.registry.application import Registry, admission_ages
from services.registry.persons import Persons
from tests.logs import log_of, prepared
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
    return Registry.on(store, persons, admission_ages())
