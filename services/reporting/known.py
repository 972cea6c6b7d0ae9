"""Views as they were known at an instant: copies of their tables, filled from the ledger when first asked.

A copy is filled by the fold of the live view, from nothing but what had been recorded by then, and answers
the same queries. What was recorded by then may reach the ledger later: so whoever asks has the copy take in
what has come since. The instants asked last are kept; a process that starts begins with none.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Annotated
from uuid import uuid4

import structlog
from fastapi import Query
from fastapi.exceptions import RequestValidationError

from contracts.message import Instant
from services.chassis.bounds import Bound
from services.chassis.clock import Clock
from services.chassis.delivery import ViewRebuilding
from services.chassis.edge.after import After
from services.chassis.errors import Overloaded
from services.chassis.views.copy import Copy
from services.chassis.views.filling import Filling, Rebuild
from services.reporting.feed import LedgerFeed
from services.reporting.ledger import Ledger
from services.reporting.views import ViewName, Views

log = structlog.get_logger()

PASTS_MAX = 8
"""Instants kept at once: of ten years of a province, all views of one are some 100 MB on disk."""

FILLED_WITHIN_S = 5.0
"""How long a question waits for its copies; then it is told how far they are."""

KNOWN_AT = "only what was recorded by then, and nothing that was told later"

KnownAt = Annotated[Instant | None, Query(description=KNOWN_AT)]
"""How a query route asks for `?known_at=`."""


class StillRead(ViewRebuilding):
    """What was known is still being read. `past` says how far it is."""

    def __init__(self, past: "Past") -> None:
        super().__init__(str(past))
        self.past = past


class Filled(Filling):
    """Fills a copy that stays beside the live tables."""

    async def _end(self) -> bool:
        """Be content once the end of the ledger is reached."""
        self.standing.state = "DONE"
        return True


@dataclass
class Past:
    """One instant, and the views as they were known then."""

    known_at: datetime
    beside: str
    """What the schemas of its copies are called, after the view's name."""
    views: Views
    reached: dict[ViewName, int] = field(default_factory=dict)
    """Up to which position of the ledger each copy has everything; what is not there has to be filled."""
    standing: Rebuild | None = None
    asked: Sequence[ViewName] = ()
    """What is being filled, in this order: `standing` is of one of them."""
    filling: asyncio.Task[None] | None = None
    asking: int = 0

    @property
    def part(self) -> int:
        """Return which of `asked` is being read, from one on; 0 while it waits until another was."""
        return 1 + [str(name) for name in self.asked].index(self.standing.view) if self.standing else 0

    @property
    def idle(self) -> bool:
        """Return whether nobody asks it anything, and nobody fills it."""
        return not self.asking and (self.filling is None or self.filling.done())

    def __str__(self) -> str:
        about, stands = f"what was known at {self.known_at.isoformat()}", self.standing
        if stands is None:
            return f"{about} waits until another instant was read"
        return f"{about} is being read: {stands.view}, {stands.done + stands.unkept} of {stands.total} events"


class Known:
    """Answers from the live views, or from copies of them as they were known; fills one copy at a time."""

    def __init__(self, live: Views, ledger: Ledger, clock: Clock) -> None:
        self.live = live
        self.ledger = ledger
        self._clock = clock
        self._process = uuid4().hex[:8]
        """Part of the schemas' names: another process of the service fills its own."""
        self._made = 0
        self._pasts: OrderedDict[datetime, Past] = OrderedDict()
        self._dropped: list[Past] = []
        self._turn = asyncio.Lock()
        self.bound = Bound("pasts kept", PASTS_MAX, lambda: len(self._pasts))

    # -- Asking

    @asynccontextmanager
    async def read(self, after: After, known_at: datetime | None, *names: ViewName) -> AsyncIterator[Views]:
        """Hold the views, of which those named have read what `after` says and all that was known.

        Raises NotYetRead, ViewRebuilding while copies are filled, Overloaded while all that are kept are
        in use, RequestValidationError for an instant of the future.
        """
        if known_at is None:
            await after.wait(*(self.live.named(name) for name in names))
            yield self.live
            return
        await after.wait(self.ledger)
        past = self._past(known_at)
        past.asking += 1
        try:
            await self._bring_up(past, names)
            try:
                yield past.views
            except ViewRebuilding:
                past.reached.clear()  # the copies are gone: they are filled anew for whoever asks next
                raise
        finally:
            past.asking -= 1

    def _past(self, known_at: datetime) -> Past:
        if known_at > self._clock():
            problem = {"loc": ("query", "known_at"), "msg": "has not come yet", "type": "known_at"}
            raise RequestValidationError([problem | {"input": known_at.isoformat()}])
        if past := self._pasts.get(known_at):
            self._pasts.move_to_end(known_at)
            return past
        if len(self._pasts) >= PASTS_MAX:
            idle = next((one for one in self._pasts.values() if one.idle), None)
            if idle is None:
                raise Overloaded(f"{PASTS_MAX} other instants are being asked about")
            self._dropped.append(self._pasts.pop(idle.known_at))
        self._made += 1
        beside = f"_known_{self._process}_{self._made}"
        views = Views.over(self.ledger.pool, lambda: known_at, beside)
        return self._pasts.setdefault(known_at, Past(known_at, beside, views))

    async def _bring_up(self, past: Past, names: Sequence[ViewName]) -> None:
        """Return once the copies have all that was known. Raises ViewRebuilding, or as the fill did."""
        give_up_at = monotonic() + FILLED_WITHIN_S
        while behind := await self._behind(past, names):
            if past.filling is None or past.filling.done():
                past.filling = asyncio.create_task(self._fill(past, behind))
            filling = past.filling
            await asyncio.wait({filling}, timeout=max(0.0, give_up_at - monotonic()))
            if not filling.done():
                raise StillRead(past)
            filling.result()

    async def _behind(self, past: Past, names: Sequence[ViewName]) -> list[ViewName]:
        """Return which copies are still to be filled, or lack what reached the ledger since."""
        head = await self.ledger.head()
        behind = [name for name in names if past.reached.get(name, -1) < head]
        since = min((past.reached.get(name, -1) for name in behind), default=head)
        if since < 0 or await self.ledger.knew(past.known_at, since, head):
            return behind
        past.reached |= dict.fromkeys(behind, head)
        return []

    # -- Filling

    async def _fill(self, past: Past, names: Sequence[ViewName]) -> None:
        async with self._turn:
            while self._dropped:
                await self._drop([f"{view.name}{self._dropped[-1].beside}" for view in self.live.all])
                self._dropped.pop()
            past.asked = names
            for name in names:
                head = await self.ledger.head()
                view = self.live.named(name)
                past.standing = Rebuild(name, "RUNNING")
                copy = Copy(view, f"{name}{past.beside}", unlogged=True)
                await Filled(copy, LedgerFeed(self.ledger, past.known_at), past.standing).go()
                past.reached[name] = head
        log.info("past filled", known_at=past.known_at.isoformat(), views=list(names))

    # -- Its life

    async def prepare(self) -> None:
        """Drop what a process left behind: with its end nobody knows what was in it."""
        async with self.ledger.pool.connection() as connection:
            left = await connection.execute(
                "SELECT nspname AS schema FROM pg_namespace WHERE strpos(nspname, '_known_') > 0"
            )
            schemas = [row["schema"] for row in await left.fetchall()]
        await self._drop(schemas)

    async def run(self) -> None:
        """Stop filling when cancelled."""
        try:
            await asyncio.Event().wait()
        finally:
            for past in self._pasts.values():
                if past.filling:
                    past.filling.cancel()

    async def _drop(self, schemas: Sequence[str]) -> None:
        async with self.ledger.pool.connection() as connection:
            for schema in schemas:
                await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
