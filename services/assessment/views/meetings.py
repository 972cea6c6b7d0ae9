"""What was held where, meeting by meeting: what measured criteria are measured by. Fed by ASSESSMENT."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from msgspec import Struct
from psycopg import AsyncCursor

from contracts.assessment import MeetingHeld
from contracts.days import day_of
from services.assessment.domain import Period
from services.assessment.domain.figures import Counted, Measured, counted_from, figures
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Summoned(Struct, frozen=True):
    """Whom a meeting was called for."""

    full: int
    probationary: int


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


class Meetings(View):
    """A row for each meeting that was held, with its counts."""

    name = "meetings"
    reads: ClassVar = {MeetingHeld.type: Held}
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
            discusses_solutions boolean NOT NULL
        );
        CREATE INDEX meeting_of_cell ON meeting (organization, held_on);
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

    async def figures(self, cell: str, period: Period) -> Mapping[str, Measured]:
        """Return what the meetings of `cell` amount to in `period`, by `MEASURES`."""
        return figures(await self.held(cell, counted_from(period), period.last_day), period)


COUNTED = "meeting, kind, held_on, duration_min, summoned, present, excused, unexcused, discusses_solutions"


class Counting:
    """The minutes of each meeting, told once."""

    def __init__(self) -> None:
        self.meetings: list[tuple[object, ...]] = []

    def add(self, told: Iterable[Told]) -> None:
        """Take minutes in."""
        for one in told:
            said: Held = one.data
            summoned = said.summoned.full + said.summoned.probationary
            counts = said.duration_min, summoned, said.present, said.excused, said.unexcused
            named = said.meeting, said.kind, day_of(said.held_at)
            self.meetings.append((*named, *counts, said.discusses_solutions, said.organization))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the meetings."""
        await load(cursor, "meeting", f"{COUNTED}, organization", self.meetings)
