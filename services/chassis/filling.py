"""One go of a rebuild: history folded in memory, written in chunks, each with how far it reaches."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal, Protocol

import structlog

from services.chassis.copy import Copy, Difference, Page
from services.chassis.fold import Fold
from services.chassis.patience import AWAY
from services.chassis.view import View

log = structlog.get_logger()

CHUNK = 50_000
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


class Filling:
    """One go of a rebuild: from the last checkpoint to the end, as long as nothing is away."""

    def __init__(self, copy: Copy, feed: Feed, standing: Rebuild) -> None:
        self.copy = copy
        self.view = copy.view
        self.feed = feed
        self.standing = standing
        self._pages: list[Page] = []
        self._fold: Fold | None = self.view.fold()
        self._kept_at = self._began_at = monotonic()
        self._ended_at: float | None = None
        self._began_with = 0

    async def go(self) -> None:
        """Fill, then switch or compare."""
        after = await self.copy.resume()
        if after is None:
            await self.copy.begin()
            after = {}
        total = self.standing.total = await self.feed.total()
        left = await self.feed.lag(after) if after else total
        self.standing.done = self._began_with = max(0, total - left)
        async with aclosing(self.feed.replay(self.view, after)) as pages:
            async for page in pages:
                if page.events:
                    self._take(page)
                    if self._taken() >= CHUNK or monotonic() - self._kept_at > KEPT_EVERY_S:
                        await self._keep()
                    await rest(self._ahead_s())
                else:
                    await self._keep()
                    if await self._end():
                        return

    def _take(self, page: Page) -> None:
        """Fold a page in memory. If it cannot be, its chunk is folded again page by page when it is kept."""
        self._pages.append(page)
        if self._fold is not None:
            try:
                self._fold.add(self.view.reading(page.messages))
            except Exception as error:  # noqa: BLE001 - raised again below, unless the live view choked on it too
                log.warning("page cannot be folded", view=self.view.name, error=repr(error)[:200])
                self._fold = None

    async def _keep(self) -> None:
        """Write what was folded, and how far that reaches: from here the rebuild goes on if it is stopped."""
        if self._pages:
            await self._write()
            standing = self.standing
            standing.done += self._taken()
            standing.per_s = round((standing.done - self._began_with) / (monotonic() - self._began_at))
            standing.remaining_s = round(max(0, standing.total - standing.done) / max(1, standing.per_s))
        self._pages, self._fold, self._kept_at = [], self.view.fold(), monotonic()

    async def _write(self) -> None:
        if self._fold is not None:
            try:
                reached = {source: n for page in self._pages for source, n in page.bookmarks.items()}
                await self.copy.write(self._fold, reached)
            except AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - raised again below, unless the live view choked on it too
                log.warning("chunk cannot be folded", view=self.view.name, error=repr(error)[:200])
            else:
                return
        for page in self._pages:
            await self.copy.write_around(page)

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

    def _taken(self) -> int:
        """Return how many events are folded and not kept yet."""
        return sum(page.events for page in self._pages)

    def _ahead_s(self) -> float:
        """Return how long to rest so that no more than `rate` events are read in a second."""
        if self.standing.rate is None:
            return 0.0
        read = self.standing.done - self._began_with + self._taken()
        return max(0.0, self._began_at + read / self.standing.rate - monotonic())
