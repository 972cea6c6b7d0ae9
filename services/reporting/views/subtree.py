"""A view that answers for whole subtrees: it keeps its own copy of the organizations, with their paths.

A few thousand rows each; so every view can be rebuilt alone, and what is told of a cell may arrive
before or after its founding (they come from different services) with the same answer in the end.
"""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from psycopg import AsyncCursor

from services.chassis.views.fold import Told, load
from services.chassis.views.tree import paths_of
from services.reporting.events import OrganizationFounded

CELLS = ["GRASSROOTS_CELL", "SUBORDINATE_CELL"]

GRASSROOTS = ["GRASSROOTS_COMMITTEE", "SUB_COMMITTEE", *CELLS]
"""What is reviewed and classified at the grassroots (25-HD/BTCTW, 1.1)."""

ORGANIZATIONS = """
    CREATE TABLE organization (
        code       text PRIMARY KEY,
        name       text NOT NULL,
        kind       text NOT NULL,
        parent     text,
        founded_on date NOT NULL,
        path       text[] NOT NULL
    );
    CREATE INDEX organization_path ON organization USING gin (path);
    CREATE INDEX organization_parent ON organization (parent);
"""


class SubtreeFold:
    """Adds the organizations that were founded. Subclasses take the other events, and write them."""

    def __init__(self) -> None:
        self.founded: list[OrganizationFounded] = []

    def add(self, told: Iterable[Told]) -> None:
        """Take messages in. Services may come in any order, each in its own."""
        take = self.take
        for one in told:
            event = one.data
            if isinstance(event, OrganizationFounded):
                self.founded.append(event)
            else:
                take(event)

    @abstractmethod
    def take(self, event: Any) -> None:
        """Remember what an event says."""

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the organizations, each beneath its parent."""
        if not self.founded:
            return
        paths = await paths_of(self.founded, cursor)
        rows = [
            (e.organization, e.name, e.kind, e.parent, e.founded_on, paths[e.organization])
            for e in self.founded
        ]
        await load(cursor, "organization", "code, name, kind, parent, founded_on, path", rows)
