"""For when meetings are called, and who follows which cell from above. Fed by ASSESSMENT."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from msgspec import Struct, structs
from psycopg import AsyncCursor

from contracts.assessment_meetings import MeetingScheduled
from contracts.assessment_visits import SupervisionAssigned, SupervisionEnded
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Called(Struct, frozen=True):
    """A meeting was called, or called anew."""

    meeting: str
    scheduled_for: datetime
    announced_at: datetime


class Assigned(Struct, frozen=True):
    """A member follows a cell in a year."""

    organization: str
    supervisor: str
    year: str
    superior: str
    assigned_on: date


class Ended(Struct, frozen=True):
    """They no longer do."""

    organization: str
    supervisor: str
    year: str
    ended_on: date


TABLES: dict[type[Struct], str] = {Called: "call", Assigned: "assignment", Ended: "ending"}


@dataclass(frozen=True)
class Call:
    """When a meeting was called, and for when."""

    announced_at: datetime
    scheduled_for: datetime


@dataclass(frozen=True)
class Following:
    """A member of the committee `superior` who follows a cell, by code."""

    superior: str
    supervisor: str


class Calls(View):
    """Each call, each assignment and each end of one, a row."""

    name = "calls"
    reads: ClassVar = {
        MeetingScheduled.type: Called,
        SupervisionAssigned.type: Assigned,
        SupervisionEnded.type: Ended,
    }
    compared: ClassVar = {
        "calls by meeting": "SELECT meeting AS key, count(*)::text AS value FROM call GROUP BY meeting",
        "assignment by cell, year and supervisor": (
            "SELECT concat_ws(' ', organization, year, supervisor) AS key,"
            " concat(assigned_on, ' / ', ended_on) AS value"
            " FROM assignment LEFT JOIN ending USING (organization, year, supervisor)"
        ),
    }
    tables = """
        CREATE TABLE call (
            meeting       text NOT NULL,
            announced_at  timestamptz NOT NULL,
            scheduled_for timestamptz NOT NULL,
            PRIMARY KEY (meeting, announced_at)
        );
        CREATE TABLE assignment (
            organization text NOT NULL,
            year         text NOT NULL,
            supervisor   text NOT NULL,
            superior     text NOT NULL,
            assigned_on  date NOT NULL,
            PRIMARY KEY (organization, year, supervisor)
        );
        CREATE TABLE ending (
            organization text NOT NULL,
            year         text NOT NULL,
            supervisor   text NOT NULL,
            ended_on     date NOT NULL,
            PRIMARY KEY (organization, year, supervisor)
        );
    """

    def fold(self) -> "Rows":
        """Return the fold of nothing yet."""
        return Rows()

    async def of(self, meeting: str) -> list[Call]:
        """Return when `meeting` was called, and for when, oldest call first."""
        rows = await self.rows(
            "SELECT announced_at, scheduled_for FROM calls.call WHERE meeting = %(meeting)s"
            " ORDER BY announced_at",
            meeting=meeting,
        )
        return [Call(**row) for row in rows]

    async def supervisors(self, cell: str, day: date) -> list[Following]:
        """Return who follows `cell` on `day`, by code."""
        rows = await self.rows(
            """
            SELECT superior, supervisor
            FROM calls.assignment LEFT JOIN calls.ending USING (organization, year, supervisor)
            WHERE organization = %(cell)s AND year = %(year)s AND assigned_on <= %(day)s
              AND (ended_on IS NULL OR ended_on > %(day)s)
            ORDER BY supervisor
            """,
            cell=cell,
            year=f"{day.year}",
            day=day,
        )
        return [Following(**row) for row in rows]


class Rows:
    """Events as rows of their tables."""

    def __init__(self) -> None:
        self._rows: dict[type[Struct], list[tuple[object, ...]]] = defaultdict(list)

    def add(self, told: Iterable[Told]) -> None:
        """Take them in."""
        for one in told:
            self._rows[type(one.data)].append(structs.astuple(one.data))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the rows."""
        for event, rows in self._rows.items():
            await load(cursor, TABLES[event], ", ".join(event.__struct_fields__), rows)
