"""The ledger as the history that views are filled from, all of it or what was known at an instant."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime

from services.chassis.views.copy import Page
from services.chassis.views.view import View
from services.reporting.ledger import Ledger

PAGES_AHEAD = 2
PAGE = 4_000
"""Entries read at once by a rebuild: some milliseconds, after which whoever asks the service is answered."""


class LedgerFeed:
    """The history that views are filled from, or what of it was known at an instant. See `filling.Feed`."""

    def __init__(self, ledger: Ledger, known_at: datetime | None = None) -> None:
        self._ledger = ledger
        self._known_at = known_at

    async def total(self) -> int:
        """Return how many entries there are."""
        return await self._ledger.head()

    async def lag(self, positions: Mapping[str, int]) -> int:
        """Return how many entries follow the first that a view at `positions` has not read."""
        return await self._ledger.head() - await self._ledger.place(positions)

    async def replay(self, view: View, after: Mapping[str, int]) -> AsyncGenerator[Page, None]:
        """Yield what follows `after`, as pages of the ledger; a page without events at each end."""
        position, types = await self._ledger.place(after), list(view.reads)
        while True:
            head = await self._ledger.head()
            async for page in self._pages(position, head, types):
                yield page
            position = head
            yield Page(0, [], {})

    async def _pages(self, position: int, head: int, types: Sequence[str]) -> AsyncGenerator[Page, None]:
        """Yield the entries until `head`, which are all there; the database reads on while one is folded."""
        ahead: deque[asyncio.Task[Page]] = deque()
        try:
            while position < head or ahead:
                while position < head and len(ahead) < PAGES_AHEAD:
                    until = min(position + PAGE, head)
                    ahead.append(
                        asyncio.create_task(self._ledger.page(position, until, types, self._known_at))
                    )
                    position = until
                yield await ahead.popleft()
        finally:
            for page in ahead:
                page.cancel()
