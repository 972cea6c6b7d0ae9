"""What a service does by itself, again and again: it waits while the bus or the database is away."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from nats.errors import Error as NatsError
from psycopg import OperationalError

from services.chassis.errors import Conflict, Overloaded

log = structlog.get_logger()

AWAY = (NatsError, OperationalError, Overloaded, TimeoutError)
"""What a bus or a database raises that is not there, or has no time."""


def regularly(
    name: str, every_s: float, do: Callable[[], Awaitable[object]]
) -> Callable[[], Coroutine[Any, Any, Any]]:
    """Return the task that does it every `every_s` seconds, the first time at once."""

    async def task() -> None:
        while True:
            try:
                await do()
            except (*AWAY, Conflict) as error:
                # Conflict: another process of this service did it in the same moment.
                log.warning("waits", task=name, reason=f"{type(error).__name__}: {error}"[:200])
            await asyncio.sleep(every_s)

    return task
