"""What a subtree consists of: organizations of each kind, which cells go first, and which have registered."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from psycopg import AsyncCursor

from services.chassis.shares import percent_of
from services.chassis.views.fold import load
from services.chassis.views.places import PLACED, PLACES
from services.chassis.views.view import View
from services.reporting.events import CellRegistered, ModelCellSelected, reading
from services.reporting.views.subtree import CELLS, EVER, SubtreeFold, organizations
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
    """Organizations by kind, the selections of cells, and their registrations."""

    name = "structure"
    version = 3
    reads: ClassVar = reading(*PLACED.values(), ModelCellSelected, CellRegistered)
    compared: ClassVar = {
        "kind by organization": "SELECT code AS key, kind AS value FROM organization",
        "selections by cell": (
            "SELECT code AS key, string_agg(role || ' ' || selected_on, ', ' ORDER BY selected_on, role)"
            " AS value FROM selection GROUP BY code"
        ),
        "registrations by year": (
            "SELECT year AS key, count(*)::text AS value FROM registration GROUP BY year"
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
        CREATE TABLE registration (
            code          text NOT NULL,
            year          text NOT NULL,
            registered_on date NOT NULL,
            PRIMARY KEY (code, year)
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

    async def covered(
        self, asked: Collection[tuple[str, str]], day: date = EVER
    ) -> dict[tuple[str, str], Decimal | None]:
        """Return, for each organization and year, which share of its cells had registered by `day`.

        Of the cells that stood on that day, or at the end of the year if that was before, in percent.
        """
        rows = await self.rows(
            f"""
            SELECT root, year, count(*) AS cells,
                count(*) FILTER (WHERE registered_on <= by) AS registered
            FROM (
                SELECT root, year, least(%(day)s, make_date(year::int, 12, 31)) AS by
                FROM unnest(%(roots)s::text[], %(years)s::text[]) AS one (root, year)
            ) AS asked
            JOIN {self.schema}.place ON path @> ARRAY[root] AND stands
                AND from_on <= by AND (until_on IS NULL OR until_on > by)
            JOIN {self.schema}.organization USING (code)
            LEFT JOIN {self.schema}.registration USING (code, year)
            WHERE kind = ANY(%(cells)s)
            GROUP BY root, year
            """,
            roots=[root for root, _ in asked],
            years=[year for _, year in asked],
            day=day,
            cells=CELLS,
        )
        found = {(row["root"], row["year"]): percent_of(row["registered"], row["cells"]) for row in rows}
        return {one: found.get(one) for one in asked}

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
    """Which cells were selected, and which registered."""

    def __init__(self) -> None:
        super().__init__()
        self.selected: list[tuple[str, str, date, str]] = []
        self.registered: list[tuple[str, str, date]] = []

    def take(self, event: ModelCellSelected | CellRegistered) -> None:
        """Remember a selection or a registration."""
        if isinstance(event, CellRegistered):
            self.registered.append((event.organization, event.year, event.registered_on))
            return
        self.selected.append((event.organization, event.role, event.selected_on, event.selected_by))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the selections and registrations."""
        await super().write(cursor)
        columns = "code, role, selected_on, selected_by"
        await load(cursor, "selection", columns, self.selected, "ON CONFLICT DO NOTHING")
        await load(
            cursor, "registration", "code, year, registered_on", self.registered, "ON CONFLICT DO NOTHING"
        )
