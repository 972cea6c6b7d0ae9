"""A registry on a real, empty database; and the people of its stories."""

import pytest

from services.chassis.store import Origin
from services.registry.application import Registry, admission_ages
from services.registry.persons import Persons
from tests.logs import log_of
from tests.spec import NOW

MASTER_KEY = bytes(range(32))


@pytest.fixture
async def store(database):
    async with log_of("registry", database, now=NOW) as store:
        yield store


@pytest.fixture
async def persons(store):
    persons = Persons(store.pool, MASTER_KEY)
    await persons.prepare()
    return persons


@pytest.fixture
def registry(store, persons):
    return Registry(store, persons, admission_ages())


@pytest.fixture
def asked():
    return Origin(actor="officer-1", correlation="c-1", causation="http:c-1")
