"""A log and a database of its own for each test of the chassis."""

import anyio
import pytest

from services.chassis.store import Store, create_log, create_tables, open_pool
from tests.chassis.story import NOW


@pytest.fixture
async def pool(database):
    create_tables(database)
    create_log("registry", database)
    async with open_pool("registry", database) as pool:
        yield pool


@pytest.fixture
async def store(pool):
    store = Store("registry", pool, clock=lambda: NOW)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(store.writer.run)
        yield store
        tasks.cancel_scope.cancel()
