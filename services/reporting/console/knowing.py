"""Pages of what was known on a day: nothing that was recorded after its end, by the province's clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time

from contracts.days import PROVINCE_TIME
from services.chassis.views.tree import Node
from services.reporting.console.queries import Queries
from services.reporting.views import ViewName


@dataclass(frozen=True)
class Knowing:
    """What a page rests on: all that is known today or, with `on`, what was known at the end of that day."""

    today: date
    on: date | None = None

    @classmethod
    def of(cls, wished: date | None, today: date) -> "Knowing":
        """Return what `wished` asks for: a day that is not over yet asks for all that is known."""
        return cls(today, wished if wished and wished < today else None)

    @property
    def last(self) -> date:
        """Return the page's own today: as it was shown on that day, it said nothing of later ones."""
        return self.on or self.today

    @property
    def at(self) -> datetime | None:
        """Return the last instant of the day; None for all that is known."""
        if self.on is None:
            return None
        return datetime.combine(self.on, time.max, PROVINCE_TIME)

    def address(self, sign: str = "?") -> str:
        """Return what a link carries along, after `sign`; nothing for all that is known."""
        return f"{sign}known_on={self.on}" if self.on else ""


class Unrecorded(Exception):
    """Nothing of the organization had been recorded by then."""

    def __init__(self, node: Node, knowing: Knowing) -> None:
        super().__init__(f"{node.code} was not known on {knowing.on}")
        self.node = node
        self.knowing = knowing


@asynccontextmanager
async def known(
    queries: Queries, node: Node, knowing: Knowing, *names: ViewName
) -> AsyncIterator[tuple[Queries, Node]]:
    """Hold the queries and the organization as they were known; `names` is what the page is read from.

    Raises Unrecorded, and as `known.Known.read`.
    """
    async with queries.known(knowing.at, "tree", *names) as then:
        found = await then.find(node.code) if knowing.on else node
        if found is None:
            raise Unrecorded(node, knowing)
        yield then, found
