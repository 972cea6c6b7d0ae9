"""A service's log and views in a test: on a real, empty database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from services.chassis.clock import Clock
from services.chassis.eventlog.store import Store, open_pool

Kept = TypeVar("Kept", bound=Any)


@asynccontextmanager
async def log_of(service: str, database: str, *, clock: Clock) -> AsyncIterator[Store]:
    """Return the open log of `service`, its writer running.

    The writer is a task of its own, not of a group: a group that ends while the database is slow may cancel
    whoever runs the tests, and then every later one finds what this one left.
    """
    async with open_pool(service, database) as pool:
        store = Store(service, pool, clock=clock)
        writing = asyncio.create_task(store.writer.run())
        try:
            yield store
        finally:
            writing.cancel()
            await asyncio.wait([writing])
        if not writing.cancelled():
            writing.result()


async def prepared(kept: Kept, told: Sequence[Any] = ()) -> Kept:
    """Return a view, or what else has tables of its own, once it has them and was told of `told`."""
    await kept.prepare()
    if told:
        await kept.apply(told)
    return kept
