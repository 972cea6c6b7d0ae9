"""Which cells owed a self-assessment for which month, and whether they gave it: on time, late or not at all.

A cell owes one for every month at whose end it stood and a framework of its own, or of a committee then above
it, asked it something: each month, or each quarter's last; it is counted where it then lay. It is late after
the 5th of the next month. What is owed is computed when asked, from facts alone, so a framework, a founding
or a move that arrives late changes the past as if it had always been known.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from psycopg import AsyncCursor

from contracts.days import day_of
from services.chassis.clock import Clock, utc_now
from services.chassis.eventlog.writer import Pool
from services.chassis.views.binding import (
    ADOPTING,
    ADOPTIONS,
    COLUMNS,
    FRAMEWORKS,
    IS_FOR,
    SINCE,
    Adoption,
    Adoptions,
    binding,
)
from services.chassis.views.fold import load
from services.chassis.views.places import PLACED, PLACES
from services.chassis.views.view import View
from services.reporting.events import (
    CriteriaFrameworkIssued,
    SelfAssessmentCorrected,
    SelfAssessmentRestated,
    SelfAssessmentResubmitted,
    SelfAssessmentSubmitted,
    reading,
)
from services.reporting.views.subtree import CELLS, SubtreeFold, organizations

DEADLINE_DAY = 5
"""Of the next month; the province's habit, the same day on which notification speaks of it."""

MONTHS_MAX = 240
"""Months in one answer."""


@dataclass(frozen=True)
class Month:
    """One month (`2024-11`) of a subtree. `late` and `four_good` are among the `submitted`.

    Until the deadline has passed nothing is `missing`: due = submitted + missing + still to come.
    """

    month: str
    due: int = 0
    submitted: int = 0
    late: int = 0
    missing: int = 0
    four_good: int = 0

    @property
    def on_time(self) -> int:
        """Return those submitted before the deadline had passed."""
        return self.submitted - self.late


@dataclass(frozen=True)
class ChildMonths:
    """One organization directly beneath, with the months of its subtree."""

    code: str
    name: str
    kind: str
    months: tuple[Month, ...]


OWED = """
    WITH asking AS ({asking}), owing AS (
        SELECT code, place.path[array_position(place.path, %(root)s) + 1] AS child, quarterly, until,
            greatest(from_on, min({since})) AS since, until_on
        FROM {schema}.place JOIN asking ON issuer = ANY(place.path)
        JOIN {schema}.organization USING (code) {adopting}
        WHERE place.path @> ARRAY[%(root)s] AND kind = ANY(%(cells)s) AND stands
          AND period <> 'YEAR' AND {is_for}
        GROUP BY code, from_on, quarterly, until
    ), month AS (
        SELECT month::date, (month + interval '1 month')::date - 1 AS ends
        FROM generate_series(%(first)s::date, least(%(last)s::date, %(today)s::date), '1 month') AS month
    ), owed AS (
        SELECT DISTINCT ON (month, code) month, ends + %(deadline)s::int AS deadline, code, child,
            submitted_on, coalesce(four_good, false) AS four_good
        FROM month JOIN owing ON since <= ends AND ends < least(until_on, until, 'infinity')
            AND NOT (quarterly AND extract(month FROM month)::int %% 3 <> 0)
        LEFT JOIN {schema}.assessment USING (code, month)
    )
"""

FIGURES = """
    to_char(month, 'YYYY-MM') AS month, count(*) AS due, count(submitted_on) AS submitted,
    count(*) FILTER (WHERE submitted_on > deadline) AS late,
    count(*) FILTER (WHERE submitted_on IS NULL AND deadline < %(today)s) AS missing,
    count(*) FILTER (WHERE four_good) AS four_good
"""


class Completeness(View):
    """Self-assessments by organization and month. `clock` tells which deadlines have passed."""

    name = "completeness"
    version = 5
    reads: ClassVar = reading(
        *PLACED.values(),
        CriteriaFrameworkIssued,
        Adoption,
        SelfAssessmentSubmitted,
        SelfAssessmentCorrected,
        SelfAssessmentResubmitted,
        SelfAssessmentRestated,
    )
    compared: ClassVar = {
        "self-assessments by month": (
            "SELECT to_char(month, 'YYYY-MM') AS key, count(*)::text AS value FROM assessment GROUP BY month"
        ),
        "result by cell and month": (
            "SELECT code || ' ' || to_char(month, 'YYYY-MM') AS key, four_good::text AS value FROM assessment"
        ),
    }
    tables = f"""
        {PLACES}
        {FRAMEWORKS}
        {ADOPTIONS}
        CREATE TABLE assessment (
            code         text NOT NULL,
            month        date NOT NULL,
            submitted_on date NOT NULL,
            stated_on    date NOT NULL,
            four_good    boolean,
            PRIMARY KEY (code, month)
        );
    """

    def __init__(self, pool: Pool, clock: Clock = utc_now, schema: str = "") -> None:
        super().__init__(pool, schema)
        self._clock = clock

    def fold(self) -> "Assessments":
        """Return the fold of nothing yet."""
        return Assessments()

    async def months(self, organization: str, from_month: str, to_month: str) -> list[Month]:
        """Return every month between the two (`2024-01`, both included), over the subtree."""
        asked = self._asked(organization, from_month, to_month)
        rows = await self.rows(f"{self._owed} SELECT {FIGURES} FROM owed GROUP BY owed.month", **asked)
        found = {row["month"]: Month(**row) for row in rows}
        return [found.get(month, Month(month)) for month in months_between(from_month, to_month)]

    async def by_child(self, organization: str, from_month: str, to_month: str) -> list[ChildMonths]:
        """Return what lay directly beneath when `to_month` ended, by code, each with its subtree's months."""
        asked = self._asked(organization, from_month, to_month)
        query = f"{self._owed} SELECT child, {FIGURES} FROM owed GROUP BY child, owed.month"
        rows = await self.rows(query, **asked)
        found = {(row.pop("child"), row["month"]): Month(**row) for row in rows}
        children = await self.rows(
            f"SELECT code, name, kind FROM {organizations(self.schema, 'then')}"
            " WHERE parent = %(root)s AND stands ORDER BY code",
            root=organization,
            day=_last_day(to_month),
        )
        every = months_between(from_month, to_month)
        return [
            ChildMonths(**child, months=tuple(found.get((child["code"], m), Month(m)) for m in every))
            for child in children
        ]

    async def missing(self, organization: str, month: str) -> list[str]:
        """Return the cells of the subtree that let the deadline of `month` pass, by code."""
        rows = await self.rows(
            f"{self._owed} SELECT code FROM owed"
            " WHERE submitted_on IS NULL AND deadline < %(today)s ORDER BY code",
            **self._asked(organization, month, month),
        )
        return [row["code"] for row in rows]

    async def years(self, organization: str) -> list[int]:
        """Return the years in which cells that ever lay in the subtree assessed a month, ascending."""
        rows = await self.rows(
            f"""
            SELECT DISTINCT extract(year FROM month)::int AS year
            FROM {self.schema}.place JOIN {self.schema}.assessment USING (code)
            WHERE path @> ARRAY[%(root)s] ORDER BY year
            """,
            root=organization,
        )
        return [row["year"] for row in rows]

    @property
    def _owed(self) -> str:
        return OWED.format(
            schema=self.schema,
            asking=binding(self.schema),
            adopting=ADOPTING.format(schema=self.schema),
            is_for=IS_FOR,
            since=SINCE,
        )

    def _asked(self, organization: str, from_month: str, to_month: str) -> dict[str, object]:
        return {
            "root": organization,
            "first": f"{from_month}-01",
            "last": f"{to_month}-01",
            "today": day_of(self._clock()),
            "deadline": DEADLINE_DAY,
            "cells": CELLS,
        }


def _last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


def deadline_of(month: str) -> date:
    """Return the last day on which the self-assessment of `month` (`2024-11`) is on time."""
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, DEADLINE_DAY)


def months_between(from_month: str, to_month: str) -> list[str]:
    """Return the months from one to the other, both included; none if they are the wrong way round."""
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (from_month, to_month))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(first, last + 1)][:MONTHS_MAX]


class Assessments(SubtreeFold):
    """Frameworks and self-assessments of months; a later version changes the result, not the day.

    Later is what is dated later, however late it is told: of one day, what is told later.
    """

    def __init__(self) -> None:
        super().__init__()
        self.frameworks: list[tuple[object, ...]] = []
        self.adoptions = Adoptions()
        self.assessments: dict[tuple[str, str], tuple[date, date, bool | None]] = {}
        """(cell, month): (day of the first submission, day of the newest result, newest result)."""

    def take(self, event: Any) -> None:
        """Remember what is about months."""
        if isinstance(event, SelfAssessmentSubmitted):
            if len(event.period) == len("2024-11"):
                key, on = (event.organization, event.period), event.submitted_on
                first, newest, result = self.assessments.get(key, (on, on, None))
                stands = (on, event.four_good) if on >= newest else (newest, result)
                self.assessments[key] = first, *stands
        elif isinstance(event, CriteriaFrameworkIssued):
            self.frameworks.append(event.row())
        elif isinstance(event, Adoption):
            self.adoptions.take(event)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the frameworks; keep the newest result of each month, and the day of the first submission."""
        await super().write(cursor)
        await load(cursor, "framework", COLUMNS, self.frameworks, "ON CONFLICT DO NOTHING")
        await self.adoptions.write(cursor)
        await load(
            cursor,
            "assessment",
            "code, month, submitted_on, stated_on, four_good",
            ((code, f"{month}-01", *said) for (code, month), said in self.assessments.items()),
            "ON CONFLICT (code, month) DO UPDATE SET stated_on = excluded.stated_on,"
            " four_good = excluded.four_good WHERE excluded.stated_on >= before.stated_on",
        )
