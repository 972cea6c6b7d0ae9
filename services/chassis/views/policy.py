"""A policy: it hears events in order, as a view does, and answers some of them with facts of its own.

It is never rebuilt: replaying history must not cause anything. What it answered is in the log, stored before
its bookmark moves: whoever dies between the two hears the event again, and finds it answered.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from psycopg import AsyncCursor

from services.chassis.delivery import Delivery
from services.chassis.views.bookmark import advance
from services.chassis.views.view import View


class Policy(View):
    """What happens whenever something is heard. Subclasses say what they hear, and what they then do."""

    rebuildable = False
    tables = ""

    hears: ClassVar[frozenset[str]]
    """The types of events that it answers."""

    def folds(self, type: str) -> bool:
        """Return whether it answers `type`: then its bookmark is written at once."""
        return type in self.hears

    async def apply(self, batch: Sequence[Delivery]) -> None:
        """React to what is new in `batch`, in order.

        Raises Gap if an event is missing before one of them, or the reaction has to wait: the bus then
        waits as long as it takes, and parks nothing.
        """
        if not any(self.folds(delivery.message.type) for delivery in batch):
            await super().apply(batch)
            return
        read = await self.positions()
        for delivery in batch:
            if advance(read, delivery.message, self.name):
                if self.folds(delivery.message.type):
                    await self.react(delivery)
                await super().apply([delivery])

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> None:
        """Keep nothing but the bookmark: what the policy did is in the log."""

    @abstractmethod
    async def react(self, delivery: Delivery) -> None:
        """Answer an event that it hears; the second time nothing happens. Raises Gap to wait."""

    async def repair(self, delivery: Delivery) -> None:
        """React to an event that was parked before."""
        await self.react(delivery)
