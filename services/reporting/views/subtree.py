"""A view that answers for whole subtrees: it keeps its own copy of the organizations and of their places.

`organization` is how it is today, `place` the dated spells (`services/chassis/views/places.py`): a few
thousand rows each. So every view can be rebuilt alone, and what is told of a cell may arrive before or after
its founding (they come from different services) with the same answer in the end.
"""

from abc import abstractmethod
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from psycopg import AsyncCursor

from services.chassis.views.fold import Told
from services.chassis.views.places import ON, Placing

CELLS = ["GRASSROOTS_CELL", "SUBORDINATE_CELL"]

PARTS = ["SUB_COMMITTEE", "SUBORDINATE_CELL"]
"""What a grassroots committee consists of."""

GRASSROOTS = ["GRASSROOTS_COMMITTEE", "SUB_COMMITTEE", *CELLS]
"""What is reviewed and classified at the grassroots (25-HD/BTCTW, 1.1)."""

Structure = Literal["then", "now"]
"""Figures of a day are summed over the tree as it stood on that day, or over the tree of today."""

EVER = date.max
"""The day to ask for what holds now."""


def organizations(schema: str, structure: Structure) -> str:
    """Return what stands in a FROM for the organizations founded by `%(day)s`, each with its path.

    Whether one `stands` is always asked of that day; its name, parent and path are of that day or of today.
    """
    if structure == "then":
        return (
            "(SELECT code, place.name, kind, place.parent, founded_on, place.path, stands"
            f" FROM {schema}.place JOIN {schema}.organization USING (code) WHERE {ON}) AS organization"
        )
    return (
        "(SELECT code, name, kind, parent, founded_on, path, coalesce(ended_on > %(day)s, true) AS stands"
        f" FROM {schema}.organization WHERE founded_on <= %(day)s) AS organization"
    )


class SubtreeFold:
    """Places the organizations. Subclasses take the other events, and write them."""

    def __init__(self) -> None:
        self._placing = Placing()

    def add(self, told: Iterable[Told]) -> None:
        """Take messages in. Services may come in any order, each in its own."""
        take, placing = self.take, self._placing
        for one in told:
            if not placing.take(one):
                take(one.data)

    @abstractmethod
    def take(self, event: Any) -> None:
        """Remember what an event says."""

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Place the organizations, each beneath its parent."""
        await self._placing.write(cursor)
