"""One go of a rebuild: history folded in memory, written in chunks, each with how far it reaches."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal, Protocol

import structlog

from services.chassis.views.copy import Copy, Difference, Page
from services.chassis.views.patience import AWAY
from services.chassis.views.view import View

log = structlog.get_logger()

CHUNK = 200_000
"""Events folded in memory before they are written: more writes a row less often, and holds more memory."""

KEPT_EVERY_S = 10.0
"""The longest that what was filled is not kept."""

STILL_WITHIN_S = 5.0
"""How long a shadow waits for a moment in which the live view stands where it does itself."""


LOOK_AGAIN_S = 0.02

rest = asyncio.sleep
"""After each page: even a rest of nothing lets others run."""


class Feed(Protocol):
    """Where a view's history can be read from its beginning."""

    async def total(self) -> int:
        """Return about how many messages there are, for a progress bar."""
        ...

    async def lag(self, positions: Mapping[str, int]) -> int:
        """Return how many positions a view that stands at `positions` has still to read."""
        ...

    def replay(self, view: View, after: Mapping[str, int]) -> AsyncGenerator[Page, None]:
        """Yield what follows `after`, in order; a page without events each time the end is reached."""
        ...


@dataclass
class Rebuild:
    """How a rebuild stands. STOPPED: cancelled, or its process ended; COMPARED: a shadow that waits."""

    view: str
    state: Literal["NONE", "RUNNING", "STOPPED", "COMPARED", "DONE", "FAILED"] = "NONE"
    done: int = 0
    total: int = 0
    per_s: int = 0
    remaining_s: int | None = None
    """An estimate, as fast as it went so far."""
    shadow: bool = False
    rate: int | None = None
    """The most events it may read in a second."""
    compared: list[Difference] = field(default_factory=list)
    apart: int = 0
    """How many positions lay between the live tables and the shadow when they were compared."""
    detail: str = ""
    unkept: int = 0
    """Events folded in memory and not written yet."""


class Filling:
    """One go of a rebuild: from the last checkpoint to the end, as long as nothing is away."""

    def __init__(self, copy: Copy, feed: Feed, standing: Rebuild) -> None:
        self.copy = copy
        self.view = copy.view
        self.feed = feed
        self.standing = standing
        standing.unkept = 0
        self._fold = self.view.fold()
        self._reached: dict[str, int] = {}
        self._careful_until = 0
        """Up to here it goes page by page, since some of them cannot be folded."""
        self._kept_at = self._began_at = monotonic()
        self._ended_at: float | None = None
        self._began_with = 0

    async def go(self) -> None:
        """Fill, then switch or compare."""
        if await self.copy.resume() is None:
            await self.copy.begin()
        while not await self._went():
            self._careful_until = self.standing.done + self.standing.unkept
            self._forget()

    async def _went(self) -> bool:
        """Go on from the last checkpoint to the end. Return False if something cannot be folded."""
        after = await self.copy.resume() or {}
        total = self.standing.total = await self.feed.total()
        self.standing.done = self._began_with = total - await self.feed.lag(after) if after else 0
        self._began_at = monotonic()
        async with aclosing(self.feed.replay(self.view, after)) as pages:
            async for page in pages:
                try:
                    await self._take(page)
                except AWAY:
                    raise
                except Exception as error:
                    if self.standing.done < self._careful_until:
                        raise
                    log.warning("goes page by page", view=self.view.name, error=repr(error)[:200])
                    return False
                if not page.events and await self._end():
                    break
                await rest(self._ahead_s())
        return True

    async def _take(self, page: Page) -> None:
        """Fold a page, and keep what was folded when it is time."""
        self.standing.unkept += page.events
        if self.standing.done < self._careful_until:
            await self.copy.write_around(page)
            self._kept()
            return
        self._fold.add(self.view.reading(page.messages))
        self._reached |= page.bookmarks
        due = self.standing.unkept >= CHUNK or monotonic() - self._kept_at > KEPT_EVERY_S or not page.events
        if due and self.standing.unkept:
            await self.copy.write(self._fold, self._reached)
            self._kept()

    def _kept(self) -> None:
        """Count what was kept: from here the rebuild goes on if it is stopped."""
        standing = self.standing
        standing.done += self.standing.unkept
        standing.per_s = round((standing.done - self._began_with) / (monotonic() - self._began_at))
        standing.remaining_s = round(max(0, standing.total - standing.done) / max(1, standing.per_s))
        self._forget()

    def _forget(self) -> None:
        self.standing.unkept = 0
        self._fold, self._reached, self._kept_at = self.view.fold(), {}, monotonic()

    async def _end(self) -> bool:
        """Switch or compare. Return False if the live view has read more meanwhile."""
        standing = self.standing
        if not standing.shadow:
            if not await self.copy.switch():
                await asyncio.sleep(LOOK_AGAIN_S)
                return False
            standing.state = "DONE"
        else:
            self._ended_at = self._ended_at or monotonic()
            apart = await self.copy.apart()
            compared = await self.copy.compare()
            apart = max(apart, await self.copy.apart())
            if apart and monotonic() - self._ended_at < STILL_WITHIN_S:
                await asyncio.sleep(LOOK_AGAIN_S)
                return False
            standing.state, standing.compared, standing.apart = "COMPARED", compared, apart
        standing.total = standing.done
        return True

    def _ahead_s(self) -> float:
        """Return how long to rest so that no more than `rate` events are read in a second."""
        if self.standing.rate is None:
            return 0.0
        read = self.standing.done - self._began_with + self.standing.unkept
        return max(0.0, self._began_at + read / self.standing.rate - monotonic())
