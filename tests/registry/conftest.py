"""A registry on a real, empty database; and the people of its stories."""

import anyio
import pytest

from services.chassis.store import Origin, Store, create_log, create_tables, open_pool
from services.registry.application import Registry, admission_ages
from services.registry.persons import Persons
from tests.spec import NOW

MASTER_KEY = bytes(range(32))


@pytest.fixture
async def store(database):
    create_tables(database)
    create_log("registry", database)
    async with open_pool("registry", database) as pool, anyio.create_task_group() as tasks:
        store = Store("registry", pool, clock=lambda: NOW)
        tasks.start_soon(store.writer.run)
        yield store
        tasks.cancel_scope.cancel()


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
