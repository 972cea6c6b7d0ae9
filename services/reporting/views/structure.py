"""What a subtree consists of: how many organizations of each kind, and which cells go first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import AsyncCursor

from services.reporting.events import ModelCellSelected, Seen
from services.reporting.views.subtree import ORGANIZATIONS, SubtreeView


class Structure(SubtreeView):
    """Organizations by kind, and the selections of cells."""

    name = "structure"
    reads = (ModelCellSelected,)
    tables = f"""
        {ORGANIZATIONS}
        CREATE TABLE selection (
            code        text NOT NULL,
            role        text NOT NULL,
            selected_on date NOT NULL,
            selected_by text NOT NULL,
            PRIMARY KEY (code, role, selected_on)
        );
    """

    async def fold(self, events: Sequence[Seen], cursor: AsyncCursor[Any]) -> None:
        """Remember which cells were selected."""
        selected = [event for event in events if isinstance(event, ModelCellSelected)]
        if selected:
            await cursor.executemany(
                "INSERT INTO selection VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [(e.organization, e.role, e.selected_on, e.selected_by) for e in selected],
            )

    async def counts_by_kind(self, organization: str) -> dict[str, int]:
        """Return how many organizations of each kind lie beneath `organization`, itself not counted."""
        rows = await self.rows(
            """
            SELECT kind, count(*) AS organizations FROM structure.organization
            WHERE path @> ARRAY[%(root)s] AND code <> %(root)s
            GROUP BY kind ORDER BY kind
            """,
            root=organization,
        )
        return {row["kind"]: row["organizations"] for row in rows}

    async def models(self, organization: str, on: date) -> dict[str, int]:
        """Return how many cells of the subtree had been selected by the end of `on`, by role."""
        rows = await self.rows(
            """
            SELECT role, count(DISTINCT code) AS cells
            FROM structure.organization JOIN structure.selection USING (code)
            WHERE path @> ARRAY[%(root)s] AND selected_on <= %(on)s
            GROUP BY role ORDER BY role
            """,
            root=organization,
            on=on,
        )
        return {row["role"]: row["cells"] for row in rows}

    async def beneath(self, organization: str) -> dict[str, int]:
        """Return, for each organization directly beneath, how many lie beneath it."""
        rows = await self.rows(
            """
            SELECT path[array_position(path, %(root)s) + 1] AS child, count(*) - 1 AS organizations
            FROM structure.organization
            WHERE path @> ARRAY[%(root)s] AND code <> %(root)s
            GROUP BY child ORDER BY child
            """,
            root=organization,
        )
        return {row["child"]: row["organizations"] for row in rows}
