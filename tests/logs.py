"""A service's log and views in a test: on a real, empty database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio

from services.chassis.clock import Clock
from services.chassis.eventlog.store import Store, open_pool

Kept = TypeVar("Kept", bound=Any)


@asynccontextmanager
async def log_of(service: str, database: str, *, clock: Clock) -> AsyncIterator[Store]:
    """Return the open log of `service`, its writer running."""
    async with open_pool(service, database) as pool, anyio.create_task_group() as tasks:
        store = Store(service, pool, clock=clock)
        tasks.start_soon(store.writer.run)
        yield store
        tasks.cancel_scope.cancel()


async def prepared(kept: Kept, told: Sequence[Any] = ()) -> Kept:
    """Return a view, or what else has tables of its own, once it has them and was told of `told`."""
    await kept.prepare()
    if told:
        await kept.apply(told)
    return kept
