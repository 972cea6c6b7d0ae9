"""What is owed and what became of it, and what else that rests on. Fed by ASSESSMENT and REGISTRY."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, ClassVar

import msgspec
from msgspec import Struct
from psycopg import AsyncCursor

from contracts.assessment import SelfAssessmentSubmitted
from contracts.assessment_duties import ObligationEnded, ObligationExcused, ObligationsOpened
from contracts.registry import MemberAdmitted, MemberRecognized, MembershipEnded
from services.assessment.domain.obligation import Because, Duty, Obligation, Outcome
from services.chassis.views.counts import PROBATIONARY
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Owed(Struct, frozen=True):
    """One thing that is owed."""

    duty: str
    subject: str
    owed_by: str
    due_on: date
    opens_on: date


class Opened(Struct, frozen=True):
    """What is owed of a cell in a month."""

    organization: str
    period: str
    obligations: tuple[Owed, ...]


class Ended(Struct, frozen=True):
    """What became of it."""

    organization: str
    period: str
    duty: str
    subject: str
    outcome: str
    done_on: date | None = None
    rests_on: tuple[str, ...] = ()
    because: str | None = None


class Excused(Struct, frozen=True):
    """That a decision excuses a cell from it."""

    organization: str
    period: str
    duty: str
    subject: str


class Submitted(Struct, frozen=True):
    """That a cell assessed itself."""

    organization: str
    period: str
    submitted_on: date


class Admitted(Struct, frozen=True):
    """Since when somebody is on probation, if they are."""

    member: str
    ceremony_on: date
    standing: str


class Decision(Struct, frozen=True):
    """The day of a decision."""

    date: date


class Recognized(Struct, frozen=True):
    """When it was decided that somebody is a full member."""

    member: str
    decision: Decision


class Left(Struct, frozen=True):
    """From when somebody is no member."""

    member: str
    ended_on: date


OBLIGATION = (
    "organization, period, duty, subject, owed_by, opens_on, due_on, outcome, done_on, rests_on, because"
)


class Duties(View):
    """A row for each thing owed, with what was told of it last; and what no other view keeps."""

    name = "duties"
    reads: ClassVar = {
        ObligationsOpened.type: Opened,
        ObligationEnded.type: Ended,
        ObligationExcused.type: Excused,
        SelfAssessmentSubmitted.type: Submitted,
        MemberAdmitted.type: Admitted,
        MemberRecognized.type: Recognized,
        MembershipEnded.type: Left,
    }
    compared: ClassVar = {
        "what became of what is owed, by month": (
            "SELECT concat_ws(' ', period, duty, coalesce(outcome, 'OPEN')) AS key, count(*)::text AS value"
            " FROM obligation GROUP BY 1"
        ),
        "self-assessments by period": (
            "SELECT period AS key, count(*)::text AS value FROM submission GROUP BY period"
        ),
        "recognitions by day of admission": (
            "SELECT ceremony_on::text AS key, count(recognized_on)::text AS value FROM probation GROUP BY 1"
        ),
    }
    tables = """
        CREATE TABLE obligation (
            organization text NOT NULL,
            period       text NOT NULL,
            duty         text NOT NULL,
            subject      text NOT NULL,
            owed_by      text NOT NULL,
            opens_on     date NOT NULL,
            due_on       date NOT NULL,
            outcome      text,
            done_on      date,
            rests_on     text[] NOT NULL,
            because      text,
            PRIMARY KEY (period, organization, duty, subject)
        );
        CREATE TABLE excuse (
            organization text NOT NULL,
            period       text NOT NULL,
            duty         text NOT NULL,
            subject      text NOT NULL,
            PRIMARY KEY (period, organization, duty, subject)
        );
        CREATE TABLE submission (
            organization text NOT NULL,
            period       text NOT NULL,
            submitted_on date NOT NULL,
            PRIMARY KEY (period, organization)
        );
        CREATE TABLE probation (
            member        text PRIMARY KEY,
            ceremony_on   date NOT NULL,
            recognized_on date,
            ended_on      date
        );
        CREATE INDEX probation_by_day ON probation (ceremony_on);
    """

    def fold(self) -> "Books":
        """Return the fold of nothing yet."""
        return Books()

    async def standing(
        self, periods: Collection[str], cells: Collection[str] | None
    ) -> dict[tuple[str, str], list[Obligation]]:
        """Return what is owed, and what became of it, by month and cell; in the order of their days.

        Of `cells` only, unless that is None.
        """
        rows = await self.rows(
            f"SELECT {OBLIGATION} FROM duties.obligation WHERE period = ANY(%(periods)s)"
            " AND (%(cells)s::text[] IS NULL OR organization = ANY(%(cells)s))"
            " ORDER BY period, organization, due_on, duty, subject",
            periods=list(periods),
            cells=None if cells is None else list(cells),
        )
        found: dict[tuple[str, str], list[Obligation]] = {}
        for row in rows:
            found.setdefault((row["period"], row["organization"]), []).append(_obligation(row))
        return found


def _obligation(row: dict[str, Any]) -> Obligation:
    return Obligation(
        Duty(row["duty"]),
        row["subject"],
        row["owed_by"],
        row["opens_on"],
        row["due_on"],
        row["done_on"],
        tuple(row["rests_on"]),
        Outcome(row["outcome"]) if row["outcome"] else None,
        Because(row["because"]) if row["because"] else None,
    )


Key = tuple[str, str, str, str]
"""Month, cell, duty and subject."""

OPEN: tuple[object, ...] = (None, None, [], None)
"""What became of what is open: no outcome, no day, resting on nothing, for no reason."""

ENDED = """
    UPDATE obligation SET outcome = told.outcome, done_on = told.done_on, rests_on = told.rests_on,
        because = told.because
    FROM json_populate_recordset(null::obligation, %s::json) AS told
    WHERE (obligation.period, obligation.organization, obligation.duty, obligation.subject)
        = (told.period, told.organization, told.duty, told.subject)
"""

ON_PROBATION = """
    UPDATE probation SET recognized_on = coalesce(told.recognized_on, probation.recognized_on),
        ended_on = coalesce(told.ended_on, probation.ended_on)
    FROM json_populate_recordset(null::probation, %s::json) AS told WHERE probation.member = told.member
"""


class Books:
    """What was told, added up: of each thing owed what was told last."""

    def __init__(self) -> None:
        self.opened: dict[Key, Owed] = {}
        self.ended: dict[Key, tuple[object, ...]] = {}
        self.excused: set[Key] = set()
        self.submitted: dict[tuple[str, str], date] = {}
        self.admitted: dict[str, date] = {}
        self.became: dict[str, dict[str, date]] = {}

    def add(self, told: Iterable[Told]) -> None:
        """Take it in."""
        for one in told:
            match one.data:
                case Opened() as event:
                    for owed in event.obligations:
                        key = event.period, event.organization, owed.duty, owed.subject
                        self.opened[key], self.ended[key] = owed, OPEN
                case Ended() as event:
                    became = event.outcome, event.done_on, list(event.rests_on), event.because
                    self.ended[event.period, event.organization, event.duty, event.subject] = became
                case Excused() as event:
                    self.excused.add((event.period, event.organization, event.duty, event.subject))
                case Submitted() as event:
                    self.submitted.setdefault((event.period, event.organization), event.submitted_on)
                case _:
                    self._take(one.data)

    def _take(self, event: object) -> None:
        """Take in what became of somebody on probation."""
        match event:
            case Admitted(standing=standing) if standing == PROBATIONARY:
                self.admitted[event.member] = event.ceremony_on
            case Recognized():
                self.became.setdefault(event.member, {})["recognized_on"] = event.decision.date
            case Left():
                self.became.setdefault(event.member, {})["ended_on"] = event.ended_on

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Write it; what was opened before only changes."""
        named = "period, organization, duty, subject"
        days = [(*key, one.owed_by, one.opens_on, one.due_on) for key, one in self.opened.items()]
        columns = "owed_by, opens_on, due_on, outcome, done_on, rests_on, because"
        changed = ", ".join(f"{column} = excluded.{column}" for column in columns.split(", "))
        await load(
            cursor,
            "obligation",
            f"{named}, {columns}",
            [(*row, *self.ended[row[:4]]) for row in days],
            f"ON CONFLICT ({named}) DO UPDATE SET {changed}",
        )
        if later := {key: became for key, became in self.ended.items() if key not in self.opened}:
            names = f"{named}, outcome, done_on, rests_on, because".split(", ")
            rows = [dict(zip(names, (*key, *became), strict=True)) for key, became in later.items()]
            await cursor.execute(ENDED, (msgspec.json.encode(rows).decode(),))
        await load(cursor, "excuse", named, self.excused, "ON CONFLICT DO NOTHING")
        submitted = [(*key, on) for key, on in self.submitted.items()]
        await load(
            cursor,
            "submission",
            "period, organization, submitted_on",
            submitted,
            "ON CONFLICT DO NOTHING",
        )
        admitted = [(*one, *self._became(one[0])) for one in self.admitted.items()]
        await load(cursor, "probation", "member, ceremony_on, recognized_on, ended_on", admitted)
        if later_on := [
            {"member": member, **days} for member, days in self.became.items() if member not in self.admitted
        ]:
            await cursor.execute(ON_PROBATION, (msgspec.json.encode(later_on).decode(),))

    def _became(self, member: str) -> tuple[date | None, date | None]:
        days = self.became.get(member, {})
        return days.get("recognized_on"), days.get("ended_on")
