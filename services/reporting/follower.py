"""How a view follows the ledger: from where it stands, in order, in batches, patiently, for ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from services.chassis.delivery import Delivery
from services.chassis.views.patience import AWAY, DELAYS_S, fold_around
from services.chassis.views.view import View
from services.reporting.ledger import Ledger

log = structlog.get_logger()

IDLE_S = 2.0
"""How long to wait for news from this process before looking for what another one appended."""

RETRY_S = 1.0


@dataclass
class Follower:
    """Feeds one view from the ledger. `run` is its task.

    It keeps no place of its own: the view's bookmarks say what was read, so a view that was rebuilt,
    restored or emptied is fed from where it really stands.
    """

    view: View
    ledger: Ledger
    in_hand: int = 0
    """Events being folded."""

    async def run(self) -> None:
        """Feed until cancelled. A database that is away is waited for; anything else ends the process."""
        while True:
            try:
                await self._ready()
                await self._follow()
            except AWAY as error:
                log.warning("follower waits", view=self.view.name, reason=repr(error)[:200])
                await asyncio.sleep(RETRY_S)

    async def _ready(self) -> None:
        """Return once the live tables are of this version: until then a rebuild is filling new ones."""
        while not await self.view.prepare():  # noqa: ASYNC110 - it may be another process that fills them
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        position, looking = await self.ledger.place(await self.view.positions()), True
        while True:
            news = self.ledger.news
            if looking or self.ledger.recent.ends_after(position):
                batch = await self.ledger.read(position)
                self.in_hand = len(batch)
                if batch:
                    await self._apply(batch)
                    position = batch[-1].position
                    continue
            looking = False
            try:
                await asyncio.wait_for(news.wait(), IDLE_S)
            except TimeoutError:
                looking = True

    async def _apply(self, batch: Sequence[Delivery]) -> None:
        """Fold a batch; what still cannot be folded after some tries is parked, and stops nothing else."""
        for delay_s in DELAYS_S:
            try:
                await self.view.apply(batch)
            except AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is said and tried again
                log.warning("view retries", view=self.view.name, error=repr(error)[:200])
                await asyncio.sleep(delay_s)
            else:
                return
        await fold_around(self.view, batch)
