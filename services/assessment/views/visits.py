"""Visits from above: planned, made, confirmed or disputed, reported on, as told. Fed by ASSESSMENT."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from services.assessment.views.rows import Placed, Rows
from services.chassis.views.homes import Home, belonged
from services.chassis.views.tree import Step, became
from services.chassis.views.view import View


class Attended(msgspec.Struct, frozen=True):
    """What a visit says."""

    meeting: str
    supervisor: str
    organization: str
    attended_on: date


class Planned(msgspec.Struct, frozen=True):
    """What a plan says."""

    organization: str
    supervisor: str
    planned_for: date
    registered_on: date


class Confirmed(msgspec.Struct, frozen=True):
    """What a side says of a visit."""

    meeting: str
    supervisor: str
    side: str
    attended: bool
    confirmed_at: datetime


class Noted(msgspec.Struct, frozen=True):
    """That the two sides differ."""

    meeting: str
    supervisor: str
    organization: str
    superior: str
    denied_by: str
    noted_on: date


class Settled(msgspec.Struct, frozen=True):
    """That they do no more."""

    meeting: str
    supervisor: str


class Reported(msgspec.Struct, frozen=True):
    """That a visit was reported on."""

    meeting: str
    supervisor: str
    reported_on: date


TABLES: dict[type[msgspec.Struct], str] = {
    Attended: "visit",
    Planned: "plan",
    Confirmed: "word",
    Noted: "mismatch",
    Settled: "settling",
    Reported: "report",
}
ORDERED = Noted, Settled
"""Those of which it counts what came last: their rows keep their place in the log."""

OPEN = """
    NOT EXISTS (
        SELECT FROM visits.settling WHERE settling.meeting = disputed.meeting
        AND settling.supervisor = disputed.supervisor AND settling.position > disputed.position
    )
"""

DISPUTED = f"""
    SELECT position, meeting, organization, superior, supervisor, denied_by, noted_on
    FROM visits.mismatch AS disputed
    WHERE position > %(after)s AND {OPEN}
    AND organization IN (SELECT code FROM tree.organization WHERE path @> ARRAY[%(root)s])
    ORDER BY position LIMIT %(limit)s
"""


def _said(side: str) -> str:
    """Return the query of what a side said last of a visit."""
    return (
        "SELECT attended FROM visits.word WHERE word.supervisor = visit.supervisor"
        f" AND word.meeting = visit.meeting AND side = '{side}' ORDER BY confirmed_at DESC LIMIT 1"
    )


MADE = f"""
    SELECT visit.meeting, visit.supervisor, visit.organization, attended_on,
        coalesce(decided.attended, own.attended, true) AND disputed.position IS NULL AS stands,
        disputed.position IS NOT NULL AS disputed,
        coalesce(cell.attended, visit.supervisor = ANY(guests), false) AS confirmed,
        reported_on
    FROM visits.visit
    LEFT JOIN meetings.meeting ON meeting.meeting = visit.meeting
    LEFT JOIN visits.report ON (report.meeting, report.supervisor) = (visit.meeting, visit.supervisor)
    LEFT JOIN LATERAL ({_said("SUPERIOR")}) AS decided ON true
    LEFT JOIN LATERAL ({_said("SUPERVISOR")}) AS own ON true
    LEFT JOIN LATERAL ({_said("CELL")}) AS cell ON true
    LEFT JOIN visits.mismatch AS disputed ON disputed.meeting = visit.meeting
        AND disputed.supervisor = visit.supervisor AND {OPEN}
    WHERE visit.supervisor = ANY(%(supervisors)s) AND attended_on BETWEEN %(first)s AND %(last)s
    ORDER BY attended_on, visit.meeting, visit.supervisor
"""


def to_their_own(
    visits: Iterable[Mapping[str, Any]], homes: Mapping[str, Sequence[Home]], mergers: Mapping[str, Step]
) -> set[tuple[str, str]]:
    """Return those `visits`, as (supervisor, meeting), made to a cell that the supervisor then belonged to.

    Whoever belonged to a cell belongs to what it merged into.
    """
    return {
        (who, one["meeting"])
        for one in visits
        for who, day in [(one["supervisor"], one["attended_on"])]
        for home in belonged(homes.get(who, ()), day)
        if one["organization"] in became(home, day, mergers)
    }


class VisitsTold(View):
    """Each of these events, a row."""

    name = "visits"
    reads: ClassVar = {
        "assessment.SupervisorAttended.v1": Attended,
        "assessment.VisitPlanned.v1": Planned,
        "assessment.VisitConfirmed.v1": Confirmed,
        "assessment.VisitMismatchNoted.v1": Noted,
        "assessment.VisitMismatchSettled.v1": Settled,
        "assessment.VisitReported.v1": Reported,
    }
    envelope = Placed
    compared: ClassVar = {
        "visits by supervisor": (
            "SELECT supervisor AS key, count(*)::text AS value FROM visit GROUP BY supervisor"
        ),
        "plans by supervisor": (
            "SELECT supervisor AS key, count(*)::text AS value FROM plan GROUP BY supervisor"
        ),
        "mismatches noted by meeting": (
            "SELECT meeting AS key, count(*)::text AS value FROM mismatch GROUP BY meeting"
        ),
    }
    tables = """
        CREATE TABLE visit (
            meeting      text NOT NULL,
            supervisor   text NOT NULL,
            organization text NOT NULL,
            attended_on  date NOT NULL,
            PRIMARY KEY (supervisor, meeting)
        );
        CREATE TABLE plan (
            organization  text NOT NULL,
            supervisor    text NOT NULL,
            planned_for   date NOT NULL,
            registered_on date NOT NULL,
            PRIMARY KEY (supervisor, organization, planned_for)
        );
        CREATE TABLE word (
            meeting      text NOT NULL,
            supervisor   text NOT NULL,
            side         text NOT NULL,
            attended     boolean NOT NULL,
            confirmed_at timestamptz NOT NULL,
            PRIMARY KEY (supervisor, meeting, side, confirmed_at)
        );
        CREATE TABLE mismatch (
            position     bigint PRIMARY KEY,
            meeting      text NOT NULL,
            supervisor   text NOT NULL,
            organization text NOT NULL,
            superior     text NOT NULL,
            denied_by    text NOT NULL,
            noted_on     date NOT NULL
        );
        CREATE INDEX mismatch_of ON mismatch (supervisor, meeting);
        CREATE TABLE settling (
            position   bigint PRIMARY KEY,
            meeting    text NOT NULL,
            supervisor text NOT NULL
        );
        CREATE INDEX settling_of ON settling (supervisor, meeting, position);
        CREATE TABLE report (
            meeting     text NOT NULL,
            supervisor  text NOT NULL,
            reported_on date NOT NULL,
            PRIMARY KEY (supervisor, meeting)
        );
    """

    def fold(self) -> Rows:
        """Return the fold of nothing yet."""
        return Rows(TABLES, placed=ORDERED)

    async def made(self, supervisors: Collection[str], first: date, last: date) -> list[dict[str, Any]]:
        """Return where `supervisors` sat in from `first` to `last`, both included, oldest first.

        `stands` is false where they or their superior took it back and while it is `disputed`; `confirmed`
        tells whether the cell says so too.
        """
        return await self.rows(MADE, supervisors=list(supervisors), first=first, last=last)

    async def plans(self, supervisors: Collection[str], first: date, last: date) -> list[dict[str, Any]]:
        """Return what `supervisors` plan from `first` to `last`, both included, in the order of days."""
        return await self.rows(
            "SELECT organization, supervisor, planned_for, registered_on FROM visits.plan"
            " WHERE supervisor = ANY(%(supervisors)s) AND planned_for BETWEEN %(first)s AND %(last)s"
            " ORDER BY planned_for, organization, supervisor",
            supervisors=list(supervisors),
            first=first,
            last=last,
        )

    async def disputed(self, root: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Return up to `limit` open mismatches of visits beneath `root`, noted after a position."""
        return await self.rows(DISPUTED, root=root, after=after, limit=limit)
