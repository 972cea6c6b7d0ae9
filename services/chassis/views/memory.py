"""A view that remembers what it answered, until it reads of something that changes the answer."""

from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import Any, ClassVar, Generic, TypeVar

from psycopg import AsyncCursor

from services.chassis.bounds import Cache
from services.chassis.delivery import Delivery
from services.chassis.eventlog.writer import Pool
from services.chassis.views.view import View

LOOK_S = 1.0
"""How often a process that remembers looks whether another of the service read of changes."""

V = TypeVar("V")


class Remembering(View, Generic[V]):
    """Keeps answers by code in `known`, those used last. A subclass looks, if due, before it uses one."""

    remembers: ClassVar[tuple[str, int]]
    """What is remembered, by its name as a bound, and how many of it."""

    changed_by: ClassVar[Collection[str]]
    """The types of event by which an answer given before may become wrong."""

    last_change: ClassVar[str]
    """The query for a number, `last`, that is another one once such an event was read, in `{schema}`."""

    def __init__(self, pool: Pool, schema: str = "") -> None:
        super().__init__(pool, schema)
        self.known: Cache[str, V] = Cache(*self.remembers)
        self.forgotten = 0
        """How often everything was forgotten: what was looked up before that may not be remembered."""
        self._seen: int | None = None
        """The number of the last change that is in what it remembers."""
        self._looked = -LOOK_S

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> Callable[[], None] | None:
        """Change the rows, and forget what it remembered if that may have changed."""
        await super().project(batch, cursor)
        return self.forget if any(one.message.type in self.changed_by for one in batch) else None

    def forget(self) -> None:
        """Forget every answer."""
        self.known.clear()
        self.forgotten += 1

    async def switched(self) -> None:
        """Forget what the tables said that were replaced."""
        await super().switched()
        self.forget()

    async def reached(self, source: str, position: int, timeout_s: float = 5.0) -> None:
        """Return once it shows `source` up to `position`. Raises NotYetRead after `timeout_s`.

        What another process read of is forgotten here.
        """
        await super().reached(source, position, timeout_s)
        if self._read.get(source, 0) < position:
            await self.look()

    def due(self) -> bool:
        """Return whether `look` is due: what is remembered is at most LOOK_S behind other processes."""
        return monotonic() - self._looked >= LOOK_S

    async def look(self) -> None:
        """Forget everything if another process of the service has read of a change."""
        self._looked = monotonic()
        [row] = await self.rows(self.last_change.format(schema=self.schema))
        if row["last"] != self._seen:
            self._seen = row["last"]
            self.forget()
