"""What a subtree consists of: how many organizations of each kind, and which cells go first."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from psycopg import AsyncCursor

from services.chassis.views.fold import load
from services.chassis.views.places import PLACED, PLACES
from services.chassis.views.view import View
from services.reporting.events import ModelCellSelected, reading
from services.reporting.views.subtree import EVER, SubtreeFold, organizations
from services.reporting.views.subtree import Structure as Switch


@dataclass(frozen=True)
class Period:
    """By which name and beneath what an organization stood, from a day until before another."""

    from_on: date
    until_on: date | None
    name: str
    parent: str | None
    stands: bool


class Structure(View):
    """Organizations by kind, and the selections of cells."""

    name = "structure"
    version = 2
    reads: ClassVar = reading(*PLACED.values(), ModelCellSelected)
    compared: ClassVar = {
        "kind by organization": "SELECT code AS key, kind AS value FROM organization",
        "selections by cell": (
            "SELECT code AS key, string_agg(role || ' ' || selected_on, ', ' ORDER BY selected_on, role)"
            " AS value FROM selection GROUP BY code"
        ),
    }
    tables = f"""
        {PLACES}
        CREATE TABLE selection (
            code        text NOT NULL,
            role        text NOT NULL,
            selected_on date NOT NULL,
            selected_by text NOT NULL,
            PRIMARY KEY (code, role, selected_on)
        );
    """

    def fold(self) -> "Selections":
        """Return the fold of nothing yet."""
        return Selections()

    async def counts_by_kind(
        self, organization: str, day: date = EVER, structure: Switch = "then"
    ) -> dict[str, int]:
        """Return how many organizations of each kind stood beneath `organization` on `day`."""
        rows = await self.rows(
            f"""
            SELECT kind, count(*) AS organizations FROM {organizations(self.schema, structure)}
            WHERE path @> ARRAY[%(root)s] AND code <> %(root)s AND stands
            GROUP BY kind ORDER BY kind
            """,
            root=organization,
            day=day,
        )
        return {row["kind"]: row["organizations"] for row in rows}

    async def models(self, organization: str, on: date, structure: Switch = "then") -> dict[str, int]:
        """Return how many cells of the subtree stood on `on` and had been selected by its end, by role."""
        rows = await self.rows(
            f"""
            SELECT role, count(DISTINCT code) AS cells
            FROM {organizations(self.schema, structure)} JOIN {self.schema}.selection USING (code)
            WHERE path @> ARRAY[%(root)s] AND selected_on <= %(day)s AND stands
            GROUP BY role ORDER BY role
            """,
            root=organization,
            day=on,
        )
        return {row["role"]: row["cells"] for row in rows}

    async def beneath(self, organization: str, day: date = EVER) -> dict[str, int]:
        """Return, for each organization that stood directly beneath on `day`, how many stood beneath it."""
        rows = await self.rows(
            f"""
            SELECT path[array_position(path, %(root)s) + 1] AS child, count(*) - 1 AS organizations
            FROM {organizations(self.schema, "then")}
            WHERE path @> ARRAY[%(root)s] AND code <> %(root)s AND stands
            GROUP BY child ORDER BY child
            """,
            root=organization,
            day=day,
        )
        return {row["child"]: row["organizations"] for row in rows}

    async def past(self, organization: str) -> list[Period]:
        """Return the names and places of the organization, the latest first."""
        rows = await self.rows(
            f"""
            SELECT from_on, until_on, name, parent, stands FROM {self.schema}.place
            WHERE code = %(code)s ORDER BY from_on
            """,
            code=organization,
        )
        periods: list[Period] = []
        for row in rows:
            period, last = Period(**row), periods[-1] if periods else None
            if last and replace(last, from_on=period.from_on, until_on=period.until_on) == period:
                periods[-1] = replace(last, until_on=period.until_on)  # only what is above it has moved
            else:
                periods.append(period)
        return periods[::-1]

    async def turns(self, organization: str) -> list[date]:
        """Return the days on which anything of the subtree came, went or changed its name, ascending."""
        rows = await self.rows(
            f"""
            SELECT DISTINCT from_on FROM {self.schema}.place WHERE path @> ARRAY[%(root)s]
            UNION SELECT until_on FROM {self.schema}.place WHERE path @> ARRAY[%(root)s]
            AND until_on IS NOT NULL ORDER BY from_on
            """,
            root=organization,
        )
        return [row["from_on"] for row in rows]


class Selections(SubtreeFold):
    """Which cells were selected."""

    def __init__(self) -> None:
        super().__init__()
        self.selected: list[tuple[str, str, date, str]] = []

    def take(self, event: ModelCellSelected) -> None:
        """Remember a selection."""
        self.selected.append((event.organization, event.role, event.selected_on, event.selected_by))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the selections."""
        await super().write(cursor)
        columns = "code, role, selected_on, selected_by"
        await load(cursor, "selection", columns, self.selected, "ON CONFLICT DO NOTHING")
