"""A service's log in a test: on a real, empty database, with its writer running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import anyio

from services.chassis.store import Store, open_pool


@asynccontextmanager
async def log_of(service: str, database: str, *, now: datetime) -> AsyncIterator[Store]:
    """Return the open log of `service`, whose clock stands at `now`."""
    async with open_pool(service, database) as pool, anyio.create_task_group() as tasks:
        store = Store(service, pool, clock=lambda: now)
        tasks.start_soon(store.writer.run)
        yield store
        tasks.cancel_scope.cancel()
