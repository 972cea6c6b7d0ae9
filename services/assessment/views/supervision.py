"""Who is assigned to which cell, and who sat in where, as they were told. Fed by ASSESSMENT."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncCursor

from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Assigned(msgspec.Struct, frozen=True):
    """What an assignment says."""

    organization: str
    supervisor: str
    year: str
    superior: str
    assigned_on: date
    minimum: int


class Ended(msgspec.Struct, frozen=True):
    """What its end says."""

    organization: str
    supervisor: str
    year: str
    ended_on: date
    replaced_by: str | None = None


class Attended(msgspec.Struct, frozen=True):
    """What a visit says."""

    meeting: str
    supervisor: str
    organization: str
    attended_on: date


TABLES: dict[type[msgspec.Struct], str] = {Assigned: "assignment", Ended: "ending", Attended: "visit"}


class SupervisionTold(View):
    """Each of these events, a row."""

    name = "supervision"
    reads: ClassVar = {
        "assessment.SupervisionAssigned.v1": Assigned,
        "assessment.SupervisionEnded.v1": Ended,
        "assessment.SupervisorAttended.v1": Attended,
    }
    compared: ClassVar = {
        "assignment by cell, year and supervisor": (
            "SELECT concat_ws(' ', organization, year, supervisor) AS key,"
            " concat(assigned_on, ' / ', ended_on) AS value"
            " FROM assignment LEFT JOIN ending USING (organization, year, supervisor)"
        ),
        "visits by supervisor": (
            "SELECT supervisor AS key, count(*)::text AS value FROM visit GROUP BY supervisor"
        ),
    }
    tables = """
        CREATE TABLE assignment (
            organization text NOT NULL,
            supervisor   text NOT NULL,
            year         text NOT NULL,
            superior     text NOT NULL,
            assigned_on  date NOT NULL,
            minimum      integer NOT NULL,
            PRIMARY KEY (year, organization, supervisor)
        );
        CREATE INDEX assignment_of ON assignment (year, supervisor);
        CREATE TABLE ending (
            organization text NOT NULL,
            supervisor   text NOT NULL,
            year         text NOT NULL,
            ended_on     date NOT NULL,
            replaced_by  text,
            PRIMARY KEY (year, organization, supervisor)
        );
        CREATE TABLE visit (
            meeting      text NOT NULL,
            supervisor   text NOT NULL,
            organization text NOT NULL,
            attended_on  date NOT NULL,
            PRIMARY KEY (supervisor, meeting)
        );
    """

    def fold(self) -> "Rows":
        """Return the fold of nothing yet."""
        return Rows()

    async def assigned(self, year: str, cells: Collection[str], day: date) -> list[dict[str, Any]]:
        """Return all assignments in `year`, to `day`, of whoever has one to any of `cells`, by supervisor."""
        return await self.rows(
            """
            SELECT organization, supervisor, superior, assigned_on, minimum,
                CASE WHEN ended_on <= %(day)s THEN ended_on END AS ended_on,
                CASE WHEN ended_on <= %(day)s THEN replaced_by END AS replaced_by
            FROM supervision.assignment LEFT JOIN supervision.ending USING (year, organization, supervisor)
            WHERE year = %(year)s AND assigned_on <= %(day)s AND supervisor IN (
                SELECT supervisor FROM supervision.assignment
                WHERE year = %(year)s AND organization = ANY(%(cells)s)
            ) ORDER BY supervisor, superior, organization
            """,
            year=year,
            cells=list(cells),
            day=day,
        )

    async def visits(self, supervisors: Collection[str], first: date, last: date) -> list[dict[str, Any]]:
        """Return where `supervisors` sat in from `first` to `last`, both included, oldest first."""
        return await self.rows(
            "SELECT meeting, supervisor, organization, attended_on FROM supervision.visit"
            " WHERE supervisor = ANY(%(supervisors)s) AND attended_on BETWEEN %(first)s AND %(last)s"
            " ORDER BY attended_on, meeting, supervisor",
            supervisors=list(supervisors),
            first=first,
            last=last,
        )


class Rows:
    """Events as rows of their tables."""

    def __init__(self) -> None:
        self._rows: dict[type[msgspec.Struct], list[tuple[object, ...]]] = defaultdict(list)

    def add(self, told: Iterable[Told]) -> None:
        """Take them in."""
        for one in told:
            self._rows[type(one.data)].append(msgspec.structs.astuple(one.data))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the rows."""
        for event, rows in self._rows.items():
            await load(cursor, TABLES[event], ", ".join(event.__struct_fields__), rows)
