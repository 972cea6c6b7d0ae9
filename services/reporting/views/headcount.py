"""How many members a subtree has on any day, and how its admissions stand against the target."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from psycopg import AsyncCursor

from contracts.registry import MemberAdmitted
from services.chassis.shares import percent_of
from services.chassis.views.counts import CHANGES, TABLES, Changes, Joined
from services.chassis.views.fold import Told, load
from services.chassis.views.places import PLACED, PLACES
from services.chassis.views.view import View
from services.reporting.events import AdmissionTargetSet, reading
from services.reporting.views.running import SUMS, TABLE, bring_up, held
from services.reporting.views.subtree import Structure, SubtreeFold, organizations


@dataclass(frozen=True)
class Count:
    """Members on one day, by standing."""

    full: int = 0
    probationary: int = 0

    @property
    def total(self) -> int:
        """Return both together."""
        return self.full + self.probationary


@dataclass(frozen=True)
class ChildCount:
    """One organization directly beneath, with the members of its subtree."""

    code: str
    name: str
    kind: str
    count: int


@dataclass(frozen=True)
class Subtree:
    """Members of a subtree on one day: in all, and by what stands directly beneath, by code."""

    count: Count
    children: list[ChildCount]


@dataclass(frozen=True)
class Admissions:
    """Members admitted in one year, against the target set for that year, if any."""

    year: int
    admitted: int
    target: int | None

    @property
    def percent(self) -> Decimal | None:
        """Return the share of the target reached; no target, and a target of nothing, has none."""
        return percent_of(self.admitted, self.target or 0)

    @property
    def met(self) -> bool | None:
        """Return whether as many were admitted as were to be; neither without a target, or one of nothing."""
        return self.admitted >= self.target if self.target else None

    @property
    def exceeded(self) -> bool | None:
        """Return whether more were admitted than were to be; neither without a target, or one of nothing."""
        return self.admitted > self.target if self.target else None


class Headcount(View):
    """Members by organization and day: from the ceremony on (Charter art. 5.1), and where they then are."""

    name = "headcount"
    version = 4
    reads: ClassVar = {
        **reading(*PLACED.values(), AdmissionTargetSet, *CHANGES),
        MemberAdmitted.type: Joined,
    }
    compared: ClassVar = {
        "headcount by organization": (
            "SELECT code AS key, sum(members)::text AS value"
            " FROM (TABLE admitted UNION ALL TABLE changed) AS counted GROUP BY code"
        ),
        "admission target by organization and year": (
            "SELECT code || ' ' || year AS key, target::text AS value FROM target"
        ),
    }
    tables = f"""
        {PLACES}
        CREATE TABLE admitted (
            code     text NOT NULL,
            day      date NOT NULL,
            standing text NOT NULL,
            members  integer NOT NULL,
            PRIMARY KEY (code, day, standing)
        );
        {TABLES}
        {TABLE}
        CREATE TABLE target (
            code   text NOT NULL,
            year   integer NOT NULL,
            target integer NOT NULL,
            PRIMARY KEY (code, year)
        );
    """

    def fold(self) -> "Joining":
        """Return the fold of nothing yet."""
        return Joining()

    async def on(self, organization: str, day: date, structure: Structure = "then") -> Count:
        """Return the members of the subtree at the end of `day`."""
        [row] = await self.rows(
            f"SELECT {SUMS} FROM {held(self.schema, structure)}", root=organization, day=day
        )
        return Count(**row)

    async def by_child(self, organization: str, day: date, structure: Structure = "then") -> Subtree:
        """Return the members of the subtree at the end of `day`, and of what stands directly beneath.

        In the tree of today that is what stands today, founded by `day` or not, and what held members then.
        """
        if structure == "then":
            listed = organizations(self.schema, "then")
        else:
            listed = f"(SELECT *, ended_on IS NULL AS stands FROM {self.schema}.organization) AS organization"
        rows = await self.rows(
            f"""
            WITH beneath AS (
                SELECT path[array_position(path, %(root)s) + 1] AS child, {SUMS}
                FROM {held(self.schema, structure)} GROUP BY child
            )
            SELECT code, name, kind, stands, coalesce("full", 0) AS "full",
                coalesce(probationary, 0) AS probationary
            FROM beneath FULL JOIN (
                SELECT code, name, kind, stands FROM {listed} WHERE parent = %(root)s
            ) AS listed ON code = child
            ORDER BY code
            """,
            root=organization,
            day=day,
        )
        return Subtree(
            Count(sum(row["full"] for row in rows), sum(row["probationary"] for row in rows)),
            [
                ChildCount(row["code"], row["name"], row["kind"], row["full"] + row["probationary"])
                for row in rows
                if row["code"] and (row["stands"] or row["full"] or row["probationary"])
            ],
        )

    async def by_organization(self, root: str, day: date, structure: Structure = "then") -> dict[str, Count]:
        """Return the members on `day` of what ever had any in the subtree, each with all beneath it."""
        above = "unnest(path[array_position(path, %(root)s):])"
        query = f"SELECT {above} AS above, {SUMS} FROM {held(self.schema, structure)} GROUP BY above"
        rows = await self.rows(query, root=root, day=day)
        return {row.pop("above"): Count(**row) for row in rows}

    async def series(self, organization: str, from_day: date, to_day: date) -> list[tuple[date, int]]:
        """Return (day, members of the subtree) for each day of the span on which the number changed.

        Every day is counted over its own tree: what is moved out of the subtree takes its members along.
        """
        rows = await self.rows(
            f"""
            WITH placed AS (
                SELECT greatest(day, from_on) AS since, until_on, members
                FROM {self.schema}.place JOIN (
                    SELECT code, day, members FROM {self.schema}.admitted
                    UNION ALL SELECT code, day, members FROM {self.schema}.changed
                ) AS counted USING (code)
                WHERE path @> ARRAY[%(root)s] AND (until_on IS NULL OR day < until_on)
            ), turned AS (
                SELECT since AS day, members FROM placed
                UNION ALL
                SELECT until_on, -members FROM placed WHERE until_on IS NOT NULL
            )
            SELECT day, members FROM (
                SELECT day, sum(members) AS turned, sum(sum(members)) OVER (ORDER BY day)::bigint AS members
                FROM turned WHERE day <= %(last)s
                GROUP BY day
            ) AS running
            WHERE day >= %(first)s AND turned <> 0
            ORDER BY day
            """,
            root=organization,
            first=from_day,
            last=to_day,
        )
        return [(row["day"], row["members"]) for row in rows]

    async def elsewhere(self, organization: str) -> list[str]:
        """Return where else they were, on any day, who came to the organization or went from it."""
        rows = await self.rows(
            f"""
            SELECT DISTINCT unnest(ARRAY[origin, code]) AS code FROM {self.schema}.transfer
            WHERE member IN (
                SELECT member FROM {self.schema}.transfer WHERE origin = %(code)s OR code = %(code)s
            )
            """,
            code=organization,
        )
        return sorted(row["code"] for row in rows if row["code"] != organization)

    async def admissions(self, organization: str, year: int, structure: Structure = "then") -> Admissions:
        """Return the subtree's admissions of `year`, and the target `organization` itself was set for it."""
        rows = await self.rows(
            f"""
            SELECT coalesce(sum(members), 0)::bigint AS admitted, (
                SELECT target FROM {self.schema}.target WHERE code = %(root)s AND year = %(year)s
            ) AS target
            FROM {self._admitted(structure)}
            WHERE path @> ARRAY[%(root)s] AND day BETWEEN %(first)s AND %(last)s
            """,
            root=organization,
            year=year,
            first=date(year, 1, 1),
            last=date(year, 12, 31),
        )
        return Admissions(year=year, **rows[0])

    async def years(self, organization: str) -> list[int]:
        """Return the years with admissions in what the subtree then was, ascending."""
        rows = await self.rows(
            f"""
            SELECT extract(year FROM day)::int AS year FROM {self._admitted("then")}
            WHERE path @> ARRAY[%(root)s]
            GROUP BY year ORDER BY year
            """,
            root=organization,
        )
        return [row["year"] for row in rows]

    def _admitted(self, structure: Structure) -> str:
        """Return the admissions, each with the path of the organization on its own day, or today."""
        if structure == "now":
            return f"{self.schema}.admitted JOIN {self.schema}.organization USING (code)"
        return (
            f"{self.schema}.admitted JOIN {self.schema}.place ON place.code = admitted.code"
            " AND from_on <= day AND (until_on IS NULL OR until_on > day)"
        )


class Joining(SubtreeFold):
    """Admissions by organization, day and standing, what became of members, and the newest targets."""

    def __init__(self) -> None:
        super().__init__()
        self.joined: Counter[Joined] = Counter()
        self.changes = Changes()
        self.targets: dict[tuple[str, int], int] = {}

    def add(self, told: Iterable[Told]) -> None:
        """Count the admissions at once, since they are most of what there is; then take the rest in."""
        told = list(told)
        self.joined.update([one.data for one in told if type(one.data) is Joined])
        super().add([one for one in told if type(one.data) is not Joined])

    def take(self, event: Any) -> None:
        """Take in what changes members, or remember a target."""
        if not self.changes.take(event):
            self.targets[event.organization, int(event.year)] = event.target

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the admissions and the changes up, and set the targets."""
        await super().write(cursor)
        await self.changes.write(cursor)
        await load(
            cursor,
            "admitted",
            "code, day, standing, members",
            ((j.organization, j.ceremony_on, j.standing, members) for j, members in self.joined.items()),
            "ON CONFLICT (code, day, standing) DO UPDATE SET members = before.members + excluded.members",
        )
        await bring_up(cursor, [*((j.organization, j.ceremony_on) for j in self.joined), *self.changes.days])
        await load(
            cursor,
            "target",
            "code, year, target",
            [(*key, target) for key, target in self.targets.items()],
            "ON CONFLICT (code, year) DO UPDATE SET target = excluded.target",
        )
