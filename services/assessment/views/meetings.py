"""What was called and held where, meeting by meeting: lists, and what criteria measure. Fed by ASSESSMENT."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from msgspec import Struct
from psycopg import AsyncCursor

from contracts.assessment import MeetingHeld
from contracts.assessment_meetings import MeetingCancelled, MeetingScheduled, MinutesCorrected
from contracts.days import day_of
from services.assessment.domain import Period
from services.assessment.domain.figures import Counted, Measured, counted_from, figures
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Summoned(Struct, frozen=True):
    """Whom a meeting was called for."""

    full: int
    probationary: int


class Absence(Struct, frozen=True):
    """Who did not come."""

    member: str
    excused: bool


class Held(Struct, frozen=True):
    """What is counted of a meeting's minutes."""

    organization: str
    meeting: str
    kind: str
    held_at: datetime
    duration_min: int
    summoned: Summoned
    present: int
    excused: int
    unexcused: int
    discusses_solutions: bool
    absences: tuple[Absence, ...] = ()
    supervisors: tuple[str, ...] = ()


class Corrected(Held, frozen=True, kw_only=True):
    """The same of the minutes that replace them, unless later ones do."""

    corrected_at: datetime


class Called(Struct, frozen=True):
    """How a meeting was called."""

    meeting: str
    organization: str
    kind: str
    scheduled_for: datetime
    announced_at: datetime


class CalledOff(Struct, frozen=True):
    """That it was called off."""

    meeting: str


LISTED = """
    SELECT * FROM (
        SELECT meeting, meeting.organization, meeting.kind, 'HELD' AS state, scheduled_for, held_on,
            held_on AS day, summoned, present, duration_min, discusses_solutions
        FROM meetings.meeting LEFT JOIN meetings.call USING (meeting)
        WHERE held_on BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT meeting, call.organization, call.kind,
            CASE WHEN calling_off.meeting IS NULL THEN 'CALLED' ELSE 'CALLED_OFF' END, scheduled_for, null,
            scheduled_on, null, null, null, null
        FROM meetings.call LEFT JOIN meetings.calling_off USING (meeting)
        WHERE scheduled_on BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (SELECT FROM meetings.meeting AS held WHERE held.meeting = call.meeting)
    ) AS listed
    WHERE organization IN (SELECT code FROM tree.organization WHERE path @> ARRAY[%(root)s])
    AND meeting > %(beyond)s ORDER BY meeting LIMIT %(limit)s
"""


class Meetings(View):
    """A row for each meeting that was held, with the counts of its minutes in force, and for each called."""

    name = "meetings"
    version = 3
    reads: ClassVar = {
        MeetingHeld.type: Held,
        MinutesCorrected.type: Corrected,
        MeetingScheduled.type: Called,
        MeetingCancelled.type: CalledOff,
    }
    compared: ClassVar = {
        "present by meeting": "SELECT meeting AS key, present::text AS value FROM meeting",
        "meetings by cell and month": (
            "SELECT organization || ' ' || to_char(held_on, 'YYYY-MM') AS key, count(*)::text AS value"
            " FROM meeting GROUP BY 1"
        ),
    }
    tables = """
        CREATE TABLE meeting (
            meeting             text PRIMARY KEY,
            organization        text NOT NULL,
            kind                text NOT NULL,
            held_on             date NOT NULL,
            duration_min        integer NOT NULL,
            summoned            integer NOT NULL,
            present             integer NOT NULL,
            excused             integer NOT NULL,
            unexcused           integer NOT NULL,
            discusses_solutions boolean NOT NULL,
            excused_named       text[] NOT NULL,
            guests              text[] NOT NULL,
            corrected_at        timestamptz NOT NULL
        );
        CREATE INDEX meeting_of_cell ON meeting (organization, held_on);
        CREATE TABLE call (
            meeting       text PRIMARY KEY,
            organization  text NOT NULL,
            kind          text NOT NULL,
            scheduled_for timestamptz NOT NULL,
            scheduled_on  date NOT NULL,
            announced_at  timestamptz NOT NULL
        );
        CREATE INDEX call_of_cell ON call (organization, scheduled_on);
        CREATE TABLE calling_off (meeting text PRIMARY KEY);
    """

    def fold(self) -> "Counting":
        """Return the fold of nothing yet."""
        return Counting()

    async def held(self, cell: str, first: date, last: date) -> list[Counted]:
        """Return what `cell` itself held from `first` to `last`, both included, oldest first."""
        rows = await self.rows(
            f"SELECT {COUNTED} FROM meetings.meeting WHERE organization = %(cell)s"
            " AND held_on BETWEEN %(first)s AND %(last)s ORDER BY held_on, meeting",
            cell=cell,
            first=first,
            last=last,
        )
        return [Counted(**row) for row in rows]

    async def listed(self, root: str, period: Period, *, beyond: str, limit: int) -> list[dict[str, Any]]:
        """Return the first `limit` meetings beneath `root` in `period`, by code and after the code `beyond`.

        Those held, by the day they were held on, and those called, by the day they were last called for.
        """
        days = {"first": period.first_day, "last": period.last_day}
        return await self.rows(LISTED, root=root, **days, beyond=beyond, limit=limit)

    async def excused(self, cell: str, on: date) -> list[tuple[str, list[str]]]:
        """Return by meeting who was excused, of a cell in the year up to `on`, oldest first."""
        rows = await self.rows(
            "SELECT meeting, excused_named FROM meetings.meeting WHERE organization = %(cell)s"
            " AND held_on BETWEEN %(first)s AND %(on)s ORDER BY held_on, meeting",
            cell=cell,
            first=on.replace(month=1, day=1),
            on=on,
        )
        return [(row["meeting"], row["excused_named"]) for row in rows]

    async def figures(self, cell: str, period: Period) -> Mapping[str, Measured]:
        """Return what the meetings of `cell` amount to in `period`, by `MEASURES`."""
        return figures(await self.held(cell, counted_from(period), period.last_day), period)


COUNTED = "meeting, kind, held_on, duration_min, summoned, present, excused, unexcused, discusses_solutions"


class Counting:
    """The minutes of each meeting: the last correction of them by its own date, else those first taken.

    So too of how it was called: what was announced last.
    """

    def __init__(self) -> None:
        self.meetings: dict[str, Held] = {}
        self.calls: dict[str, Called] = {}
        self.off: set[str] = set()

    def add(self, told: Iterable[Told]) -> None:
        """Take minutes and announcements in."""
        for one in told:
            match one.data:
                case Held() as said:
                    earlier = self.meetings.get(said.meeting)
                    if earlier is None or _corrected_at(said) > _corrected_at(earlier):
                        self.meetings[said.meeting] = said
                case Called() as call:
                    known = self.calls.get(call.meeting)
                    if known is None or call.announced_at > known.announced_at:
                        self.calls[call.meeting] = call
                case CalledOff(meeting=meeting):
                    self.off.add(meeting)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the meetings, and replace those corrected or called anew."""
        columns = f"{COUNTED}, organization, excused_named, guests, corrected_at"
        await load(cursor, "meeting", columns, [_row(m) for m in self.meetings.values()], _if_later(columns))
        columns = "meeting, organization, kind, scheduled_for, scheduled_on, announced_at"
        calls = [
            (c.meeting, c.organization, c.kind, c.scheduled_for, day_of(c.scheduled_for), c.announced_at)
            for c in self.calls.values()
        ]
        await load(cursor, "call", columns, calls, _if_later(columns))
        await load(cursor, "calling_off", "meeting", [(one,) for one in self.off])


def _if_later(columns: str) -> str:
    """Return how rows replace those before them: where their last column is later."""
    names = columns.split(", ")
    replaced = ", ".join(f"{column} = excluded.{column}" for column in names)
    later = f"excluded.{names[-1]} > before.{names[-1]}"
    return f"ON CONFLICT (meeting) DO UPDATE SET {replaced} WHERE {later}"


NEVER = datetime.min.replace(tzinfo=UTC)
"""When minutes were corrected that were not."""


def _corrected_at(said: Held) -> datetime:
    return said.corrected_at if isinstance(said, Corrected) else NEVER


def _row(said: Held) -> tuple[object, ...]:
    summoned = said.summoned.full + said.summoned.probationary
    counts = said.duration_min, summoned, said.present, said.excused, said.unexcused
    named = said.meeting, said.kind, day_of(said.held_at)
    excused = [absence.member for absence in said.absences if absence.excused]
    names = excused, list(said.supervisors)
    return (*named, *counts, said.discusses_solutions, said.organization, *names, _corrected_at(said))
