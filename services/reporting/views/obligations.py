"""What each cell owed in a month, who owed it, and what became of it: the last that was told of each counts.

Assessment judges; here is kept what it told, beside the places of the cells, so that a committee sees what is
missing beneath it. What is open is still to be judged: it is OPEN to the end of its day, OVERDUE after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from psycopg import AsyncCursor

from services.chassis.views.fold import load
from services.chassis.views.places import PLACED, PLACES
from services.chassis.views.view import View
from services.reporting.duties import DUTIES, ObligationEnded, ObligationExcused, ObligationsOpened
from services.reporting.views.roster import shown
from services.reporting.views.subtree import SubtreeFold, organizations

DUTIES_TOLD = ("MEETING", "THEMATIC_MEETING", "SELF_ASSESSMENT", "VISIT", "ACKNOWLEDGEMENT", "RECOGNITION")
"""What may be owed, in the order in which it is shown; more may come."""

STATES = ("MET", "EXCUSED", "LATE", "OPEN", "OVERDUE", "MISSED")
"""What may have become of it on a day, what asks for least first."""

MISSING = ("OVERDUE", "MISSED")
"""States of what was due and is not done."""

STATE = "coalesce(outcome, CASE WHEN due_on < %(today)s THEN 'OVERDUE' ELSE 'OPEN' END)"
"""The state of a duty on the day called `today`, as SQL."""

NAMED = f"{shown('subject')} AND {shown('owed_by')}"
"""The rows that may be shown, as SQL: none of a member who now restricts the use of their data."""


@dataclass(frozen=True)
class Obligation:
    """One thing that a cell owed in a month: what it rests on, and by which decision it was excused."""

    organization: str
    duty: str
    subject: str
    owed_by: str
    opens_on: date | None
    due_on: date
    state: str
    done_on: date | None
    because: str | None
    rests_on: Sequence[str]
    excused_by: str | None = None
    decision: str | None = None
    decided_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True)
class CellOwing:
    """A cell, and by duty what it owed in the month."""

    code: str
    name: str
    owed: Mapping[str, Sequence[Obligation]]


class Duties(View):
    """What was opened, how it ended, and by which decision it was excused."""

    name = "obligations"
    reads: ClassVar = {**PLACED, **DUTIES}
    compared: ClassVar = {
        "obligations by month and outcome": (
            "SELECT concat_ws(' ', period, coalesce(outcome, 'OPEN')) AS key, count(*)::text AS value"
            " FROM duty GROUP BY period, outcome"
        ),
        "excuses by month": "SELECT period AS key, count(*)::text AS value FROM excuse GROUP BY period",
    }
    tables = f"""
        {PLACES}
        CREATE TABLE duty (
            period   text NOT NULL,
            code     text NOT NULL,
            duty     text NOT NULL,
            subject  text NOT NULL,
            owed_by  text NOT NULL,
            opens_on date,
            due_on   date NOT NULL,
            outcome  text,
            done_on  date,
            because  text,
            rests_on text[] NOT NULL,
            PRIMARY KEY (period, code, duty, subject)
        );
        CREATE TABLE excuse (
            period     text NOT NULL,
            code       text NOT NULL,
            duty       text NOT NULL,
            subject    text NOT NULL,
            excused_by text NOT NULL,
            decision   text NOT NULL,
            decided_on date NOT NULL,
            reason     text NOT NULL,
            PRIMARY KEY (period, code, duty, subject)
        );
    """

    def fold(self) -> "Owed":
        """Return the fold of nothing yet."""
        return Owed()

    async def of(self, cells: Sequence[str], month: str, today: date) -> list[Obligation]:
        """Return what `cells` owed in a month (`2024-11`), as it stands today, by cell and due day."""
        rows = await self.rows(
            f"""
            SELECT code AS organization, duty, subject, owed_by, opens_on, due_on, {STATE} AS state, done_on,
                because, rests_on, excused_by, decision, decided_on, reason
            FROM {self.schema}.duty LEFT JOIN {self.schema}.excuse USING (period, code, duty, subject)
            WHERE period = %(month)s AND code = ANY(%(cells)s) AND {NAMED}
            ORDER BY code, due_on, duty, subject
            """,
            month=month,
            cells=list(cells),
            today=today,
        )
        return [Obligation(**row) for row in rows]

    async def totals(self, root: str, month: str, day: date, today: date) -> dict[str, dict[str, int]]:
        """Return how much was owed in a month beneath what `root` was on `day`, by duty and state today.

        Nobody is left out.
        """
        rows = await self.rows(
            f"""
            SELECT duty, {STATE} AS state, count(*) AS obligations
            FROM {organizations(self.schema, "then")} JOIN {self.schema}.duty USING (code)
            WHERE path @> ARRAY[%(root)s] AND period = %(month)s GROUP BY 1, 2
            """,
            root=root,
            month=month,
            day=day,
            today=today,
        )
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["duty"], {})[row["state"]] = row["obligations"]
        return found

    async def by_cell(
        self, root: str, month: str, day: date, today: date, *, missing: bool, after: str, limit: int
    ) -> list[CellOwing]:
        """Return up to `limit` cells that owed something in a month, beneath `root` on `day`, by code.

        Those after one, and only those of which something is `missing` today, or all.
        """
        rows = await self.rows(
            f"""
            SELECT code, name FROM {organizations(self.schema, "then")}
            WHERE path @> ARRAY[%(root)s] AND code > %(after)s AND EXISTS (
                SELECT FROM {self.schema}.duty WHERE duty.code = organization.code AND period = %(month)s
                AND (NOT %(missing)s OR {STATE} = ANY(%(states)s))
            ) ORDER BY code LIMIT %(limit)s
            """,
            root=root,
            month=month,
            day=day,
            today=today,
            missing=missing,
            states=list(MISSING),
            after=after,
            limit=limit,
        )
        owed: dict[str, dict[str, list[Obligation]]] = {row["code"]: {} for row in rows}
        for one in await self.of(list(owed), month, today):
            owed[one.organization].setdefault(one.duty, []).append(one)
        return [CellOwing(row["code"], row["name"], owed[row["code"]]) for row in rows]


Key = tuple[str, str, str, str]


class Owed(SubtreeFold):
    """What became of each obligation: what was told last stands, and the days on which it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: dict[Key, tuple[Any, ...]] = {}
        self.ended: dict[Key, tuple[Any, ...]] = {}
        self.excused: dict[Key, tuple[Any, ...]] = {}

    def take(self, event: Any) -> None:
        """Remember what is owed, or what became of it."""
        match event:
            case ObligationsOpened():
                for one in event.obligations:
                    key = event.period, event.organization, one.duty, one.subject
                    self.opened[key] = one.owed_by, one.opens_on, one.due_on, None, None, None, ()
                    self.ended.pop(key, None)
            case ObligationEnded():
                key = event.period, event.organization, event.duty, event.subject
                opened = self.opened.pop(key, None)
                ended = event.due_on, event.outcome, event.done_on, event.because, event.rests_on
                if opened:
                    self.opened[key] = event.owed_by, opened[1], *ended
                else:
                    self.ended[key] = event.owed_by, *ended
            case ObligationExcused():
                key = event.period, event.organization, event.duty, event.subject
                decision = event.decision.number, event.decision.date
                self.excused[key] = event.excused_by, *decision, event.reason

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Put each in place of what was told of it before."""
        await super().write(cursor)
        key = "period, code, duty, subject"
        ended = "owed_by, due_on, outcome, done_on, because, rests_on"
        opened = ended.replace("owed_by,", "owed_by, opens_on,")
        excused = "excused_by, decision, decided_on, reason"
        for table, columns, rows in (
            ("duty", opened, self.opened),
            ("duty", ended, self.ended),
            ("excuse", excused, self.excused),
        ):
            values = ", ".join(f"excluded.{one}" for one in columns.split(", "))
            replaced = f"ON CONFLICT ({key}) DO UPDATE SET ({columns}) = ({values})"
            await load(
                cursor, table, f"{key}, {columns}", ((*of, *row) for of, row in rows.items()), replaced
            )
