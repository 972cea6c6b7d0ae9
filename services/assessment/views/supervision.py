"""Who is assigned to which cell, and who no longer is, as they were told. Fed by ASSESSMENT."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar

import msgspec

from services.assessment.views.rows import Rows
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


TABLES: dict[type[msgspec.Struct], str] = {Assigned: "assignment", Ended: "ending"}


def lasts(assignment: Mapping[str, Any], day: date) -> bool:
    """Return whether an assignment, as `SupervisionTold.assigned` returns it, lasts on a day."""
    return bool(assignment["assigned_on"] <= day < (assignment["ended_on"] or date.max))


class SupervisionTold(View):
    """Each of these events, a row."""

    name = "supervision"
    version = 2
    reads: ClassVar = {
        "assessment.SupervisionAssigned.v1": Assigned,
        "assessment.SupervisionEnded.v1": Ended,
    }
    compared: ClassVar = {
        "assignment by cell, year and supervisor": (
            "SELECT concat_ws(' ', organization, year, supervisor) AS key,"
            " concat(assigned_on, ' / ', ended_on) AS value"
            " FROM assignment LEFT JOIN ending USING (organization, year, supervisor)"
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
    """

    def fold(self) -> Rows:
        """Return the fold of nothing yet."""
        return Rows(TABLES)

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
