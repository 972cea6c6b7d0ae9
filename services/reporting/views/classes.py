"""Which class each organization got in which year, and how the classes of a subtree are spread."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from psycopg import AsyncCursor

from services.chassis.shares import needed_of
from services.chassis.views.fold import load
from services.chassis.views.places import PLACED, PLACES
from services.chassis.views.view import View
from services.reporting.events import CellClassified, TargetSet, reading
from services.reporting.views.subtree import GRASSROOTS, PARTS, Structure, SubtreeFold, organizations

COLUMNS = (
    "code, year, level, four_good, score, decided_by, decided_on, rule_pack, rule_pack_version, evidence,"
    " reasons, events"
)

LEVELS = ("EXCELLENT", "GOOD", "COMPLETED", "NOT_COMPLETED")

GOOD_OR_BETTER = ("EXCELLENT", "GOOD")


@dataclass(frozen=True)
class Distribution:
    """How many organizations of a subtree got which level, and how many at the grassroots got none yet."""

    year: int
    levels: dict[str, int]
    four_good: int
    unclassified: int


@dataclass(frozen=True)
class Goal:
    """Which share should be good or better in a year, and how far that is reached.

    A share is of grassroots organizations and those above them; one set within the grassroots is of its
    sub-committees and cells. `base` is all of these beneath that were or should have been classified,
    `needed` how many of them the share asks for; where there is nothing, `met` is neither true nor false.
    """

    percent: Decimal
    base: int
    needed: int
    reached: int
    met: bool | None


@dataclass(frozen=True)
class YearClass:
    """The class of one organization in one year. `evidence` digests the ids of `events` many."""

    year: str
    level: str
    four_good: bool
    score: Decimal | None
    decided_by: str
    decided_on: date
    rule_pack: str
    rule_pack_version: str
    evidence: str
    reasons: tuple[str, ...]
    events: int


class Classes(View):
    """Classes by year. A later decision about the same year replaces the earlier; the ledger keeps both."""

    name = "classes"
    version = 3
    reads: ClassVar = reading(*PLACED.values(), CellClassified, TargetSet)
    compared: ClassVar = {
        "class by organization and year": "SELECT code || ' ' || year AS key, level AS value FROM class",
        "score by organization and year": (
            "SELECT code || ' ' || year AS key, score::text AS value FROM class"
        ),
        "target by organization, measure and year": (
            "SELECT concat_ws(' ', code, measure, year) AS key, percent::text AS value FROM target"
        ),
    }
    tables = f"""
        {PLACES}
        CREATE TABLE class (
            code              text NOT NULL,
            year              text NOT NULL,
            level             text NOT NULL,
            four_good         boolean NOT NULL,
            score             numeric,
            decided_by        text NOT NULL,
            decided_on        date NOT NULL,
            rule_pack         text NOT NULL,
            rule_pack_version text NOT NULL,
            evidence          text NOT NULL,
            reasons           text[] NOT NULL,
            events            integer NOT NULL,
            PRIMARY KEY (code, year)
        );
        CREATE TABLE target (
            code    text NOT NULL,
            measure text NOT NULL,
            year    text NOT NULL,
            percent numeric NOT NULL,
            PRIMARY KEY (code, measure, year)
        );
    """

    def fold(self) -> "Decisions":
        """Return the fold of nothing yet."""
        return Decisions()

    async def distribution(self, organization: str, year: int, structure: Structure = "then") -> Distribution:
        """Return the spread of classes over the subtree in `year`, as it stood on the last day of it."""
        return await self._spread("true", organization, year, structure)

    async def _spread(
        self, counted: str, organization: str, year: int, structure: Structure = "then"
    ) -> Distribution:
        """Return the spread over those of the subtree for whom the SQL condition `counted` is true."""
        rows = await self.rows(
            f"""
            SELECT level, count(*) AS organizations, count(*) FILTER (WHERE four_good) AS four_good
            FROM {organizations(self.schema, structure)}
            LEFT JOIN {self.schema}.class AS c ON c.code = organization.code AND year = %(year)s
            WHERE path @> ARRAY[%(root)s] AND {counted}
            AND (level IS NOT NULL OR (kind = ANY(%(grassroots)s) AND stands))
            GROUP BY level
            """,
            root=organization,
            year=str(year),
            day=date(year, 12, 31),
            grassroots=GRASSROOTS,
            parts=PARTS,
        )
        found = {row["level"]: row["organizations"] for row in rows}
        return Distribution(
            year=year,
            levels={level: found.get(level, 0) for level in LEVELS},
            four_good=sum(row["four_good"] for row in rows),
            unclassified=found.get(None, 0),
        )

    async def share(self, organization: str, year: int, measure: str) -> Decimal | None:
        """Return which share (in percent) the organization itself was set for a measure and year, if any."""
        target = await self._target(organization, year, measure)
        return target["percent"] if target else None

    async def goal(self, organization: str, year: int) -> Goal | None:
        """Return the share that should be good or better as the organization set it, and what is reached."""
        target = await self._target(organization, year, "GOOD_OR_BETTER")
        if target is None:
            return None
        percent, within = target["percent"], target["kind"] in {"GRASSROOTS_COMMITTEE", *PARTS}
        counted = f"organization.code <> %(root)s AND {'' if within else 'NOT '}kind = ANY(%(parts)s)"
        spread = await self._spread(counted, organization, year)
        base = sum(spread.levels.values()) + spread.unclassified
        reached = sum(spread.levels[level] for level in GOOD_OR_BETTER)
        needed = needed_of(percent, base)
        return Goal(percent, base, needed, reached, met=reached >= needed if base else None)

    async def _target(self, organization: str, year: int, measure: str) -> dict[str, Any] | None:
        rows = await self.rows(
            f"""
            SELECT percent, kind FROM {self.schema}.target LEFT JOIN {self.schema}.organization USING (code)
            WHERE code = %(code)s AND measure = %(measure)s AND year = %(year)s
            """,
            code=organization,
            measure=measure,
            year=str(year),
        )
        return rows[0] if rows else None

    async def of(self, organization: str) -> list[YearClass]:
        """Return the classes of one organization, by year."""
        rows = await self.rows(
            f"""
            SELECT year, level, four_good, score, decided_by, decided_on, rule_pack, rule_pack_version,
                evidence, reasons, events
            FROM {self.schema}.class WHERE code = %(code)s ORDER BY year
            """,
            code=organization,
        )
        return [YearClass(reasons=tuple(row.pop("reasons")), **row) for row in rows]

    async def years(self, organization: str) -> list[int]:
        """Return the years in which anything that ever lay in the subtree was classified, ascending."""
        rows = await self.rows(
            f"""
            SELECT DISTINCT year::int FROM {self.schema}.place JOIN {self.schema}.class USING (code)
            WHERE path @> ARRAY[%(root)s] ORDER BY year
            """,
            root=organization,
        )
        return [row["year"] for row in rows]


class Decisions(SubtreeFold):
    """The newest decision about each organization and year, and the newest target."""

    def __init__(self) -> None:
        super().__init__()
        self.newest: dict[tuple[str, str], CellClassified] = {}
        self.targets: dict[tuple[str, str, str], Decimal] = {}

    def take(self, event: CellClassified | TargetSet) -> None:
        """Let a later decision replace an earlier."""
        if isinstance(event, TargetSet):
            self.targets[event.organization, event.measure, event.year] = event.percent
        else:
            self.newest[event.organization, event.period] = event

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Replace what was decided before."""
        await super().write(cursor)
        kept = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS.split(", ")[2:])
        rows = [_row(event) for event in self.newest.values()]
        await load(cursor, "class", COLUMNS, rows, f"ON CONFLICT (code, year) DO UPDATE SET {kept}")
        await load(
            cursor,
            "target",
            "code, measure, year, percent",
            [(*key, percent) for key, percent in self.targets.items()],
            "ON CONFLICT (code, measure, year) DO UPDATE SET percent = excluded.percent",
        )


def _row(event: CellClassified) -> tuple[object, ...]:
    return (
        event.organization,
        event.period,
        event.level,
        event.four_good,
        event.score,
        event.decided_by,
        event.decided_on,
        event.rule_pack.name,
        event.rule_pack.version,
        event.evidence,
        list(event.reasons),
        len(event.events),
    )
