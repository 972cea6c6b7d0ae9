"""How one view follows a stream: handed what its service reads while it keeps up, else reading by itself.

What was read is decided by the view's bookmark, not by an acknowledgement, so a lost ack, a wiped
broker or a restored database only costs a second reading.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from itertools import count

import structlog

from services.chassis.delivery import UNREADABLE, Delivery, Gap
from services.chassis.streams.bus import patience_s
from services.chassis.streams.history import unread
from services.chassis.streams.lacking import Lacking
from services.chassis.views.patience import AWAY, DELAYS_S, fold_around
from services.chassis.views.view import View

log = structlog.get_logger()

GAP_LOOKS_MAX = 2
"""Looks at a gap before the view reads by itself: another process may be folding what comes before."""

AGAIN_AFTER_S = 1.0
"""How long a view rests that cannot get on by itself."""


class Follower:
    """One view that follows one source.

    At rest it takes whatever it is handed. At work, what is handed out passes it by: it reads that from the
    stream itself, and is at rest again once it has read all that passed.
    """

    def __init__(self, view: View, source: str, lacking: Lacking) -> None:
        self.view = view
        self.source = source
        self.in_hand = 0
        """Events being folded."""
        self.work: asyncio.Task[None] | None = None
        self._lacking = lacking
        self._read = self._passed = 0
        """How far it has read, and how far others have, whom it must come up with."""

    async def position(self) -> int:
        """Return how far the view has read the source, by its bookmark."""
        return (await self.view.positions()).get(self.source, 0)

    def hand(self, batch: Sequence[Delivery]) -> asyncio.Task[None] | None:
        """Let it fold `batch`. Return that work, or None if the batch passes it by."""
        return self._go(batch, batch[-1].message.sequence)

    def catch_up(self, to: int) -> None:
        """Let it read by itself up to a position."""
        self._go((), to)

    def close(self) -> None:
        """Leave what it is doing: its bookmark says how far it came."""
        if self.work:
            self.work.cancel()

    def _go(self, batch: Sequence[Delivery], to: int) -> asyncio.Task[None] | None:
        self._passed = max(self._passed, to)
        if self.work and not self.work.done():
            return None
        self.work = asyncio.create_task(self._keep_up(batch))
        return self.work

    async def _keep_up(self, batch: Sequence[Delivery]) -> None:
        """Fold `batch`, then whatever passes by meanwhile, however long that takes."""
        try:
            if batch:
                await self._fold(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked for again in the stream
            log.warning("view reads by itself", view=self.view.name, source=self.source, reason=_said(error))
        while self._read < self._passed:
            try:
                await self._read_by_itself()
            except UNREADABLE as error:
                self._lacking.alarms.raised("envelope_unreadable", source=self.source, error=_said(error))
            except Exception as error:  # noqa: BLE001 - what is away or lacking is waited for, whatever it is
                log.warning("view stays behind", view=self.view.name, source=self.source, reason=_said(error))
            if self._read < self._passed:
                await asyncio.sleep(AGAIN_AFTER_S)

    async def _read_by_itself(self) -> None:
        """Fold what the stream holds after the view's bookmark, and what it lost, as the owner tells it.

        What precedes a gap that stays is folded: of two processes that each hold what the other lacks, one
        must go first.
        """
        self._read = await self.position()
        async with aclosing(unread(self.source, self._read, self._lacking)) as stream:
            while self._read < self._passed and (whole := await anext(stream)):
                await self._fold(whole)

    async def _fold(self, batch: Sequence[Delivery]) -> None:
        """Fold a batch, however often that must be tried. Raises Gap if one stays."""
        self.in_hand = len(batch)
        try:
            await self._patiently(batch)
        finally:
            self.in_hand = 0
        self._read = max(self._read, batch[-1].message.sequence)

    async def _patiently(self, batch: Sequence[Delivery]) -> None:
        """Wait for what is away; park what the view chokes on. Raises Gap if one stays."""
        delays_s = iter(DELAYS_S)
        for attempt in count(1):
            try:
                await self.view.apply(batch)
            except AWAY as error:
                log.warning("view waits", view=self.view.name, source=self.source, reason=_said(error))
                if isinstance(error, Gap) and attempt == GAP_LOOKS_MAX:
                    raise
                await asyncio.sleep(patience_s(attempt))
            except Exception as error:  # noqa: BLE001 - whatever it is, the event is tried again, then parked
                log.warning("view retries", view=self.view.name, source=self.source, error=_said(error))
                if (delay_s := next(delays_s, None)) is None:
                    await fold_around(self.view, batch)
                    return
                await asyncio.sleep(delay_s)
            else:
                return


def _said(error: Exception) -> str:
    return repr(error)[:200]
