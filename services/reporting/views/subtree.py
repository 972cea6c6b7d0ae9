"""A view that answers for whole subtrees: it keeps its own copy of the organizations, with their paths.

A few thousand rows each; so every view can be rebuilt alone, and what is told of a cell may arrive
before or after its founding (they come from different services) with the same answer in the end.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from psycopg import AsyncCursor

from services.chassis.delivery import Delivery
from services.chassis.view import View
from services.reporting.events import OrganizationFounded, Seen, seen_in, types_of

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


class SubtreeView(View):
    """Subclasses put ORGANIZATIONS first in their `tables`, and fold everything else."""

    reads: ClassVar[Sequence[type[Seen]]]
    """The events it folds besides foundings; no others are decoded."""

    def __init_subclass__(cls) -> None:
        """Say what is folded, so that the rest is passed over."""
        cls.folds = types_of(OrganizationFounded, *cls.reads)

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> None:
        """Add the organizations founded in `batch`, then fold what else it says."""
        events = [event for delivery in batch if (event := seen_in(delivery.message)) is not None]
        await _add([event for event in events if isinstance(event, OrganizationFounded)], cursor)
        await self.fold(events, cursor)

    @abstractmethod
    async def fold(self, events: Sequence[Seen], cursor: AsyncCursor[Any]) -> None:
        """Change the rows as `events` say, in one statement per table. Services may come in any order."""

    async def rows(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        """Return what `query` finds in the live tables."""
        async with self.pool.connection() as connection:
            return await (await connection.execute(query, parameters)).fetchall()


async def _add(founded: Sequence[OrganizationFounded], cursor: AsyncCursor[Any]) -> None:
    """Add organizations, each beneath its parent, which the registry founded before it."""
    if not founded:
        return
    await cursor.execute(
        "SELECT code, path FROM organization WHERE code = ANY(%s)", ([event.parent for event in founded],)
    )
    paths: dict[str | None, list[str]] = {row["code"]: row["path"] for row in await cursor.fetchall()}
    for event in founded:
        paths[event.organization] = [*paths.get(event.parent, []), event.organization]
    await cursor.executemany(
        "INSERT INTO organization VALUES (%s, %s, %s, %s, %s, %s)",
        [(e.organization, e.name, e.kind, e.parent, e.founded_on, paths[e.organization]) for e in founded],
    )
