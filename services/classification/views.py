"""What a decision rests on: per organization and year, the public events of others that speak of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from psycopg import AsyncCursor

from contracts import assessment
from contracts.days import day_of
from services.chassis.views.fold import load
from services.chassis.views.tree import Node
from services.chassis.views.view import View
from services.classification.events import (
    READ,
    CriteriaFrameworkIssued,
    Entry,
    MeetingHeld,
    MemberAdmitted,
    SelfAssessment,
    SupervisorAttended,
)
from services.classification.rules import OwnRecord


@dataclass(frozen=True)
class Meetings:
    """The year's meetings. Attendance is of everyone summoned, over all of them."""

    held: int
    thematic: int
    discussing_solutions: int
    summoned: int
    present: int


@dataclass(frozen=True)
class Evidence:
    """One event of the dossier: its id in the envelope, and what it is."""

    id: str
    type: str
    on: date


@dataclass(frozen=True)
class Dossier:
    """What is known of one organization's year: its own meetings and words, not those beneath it."""

    organization: str
    year: int
    members: int
    admitted: int
    meetings: Meetings
    visits: int
    own_record: OwnRecord
    events: list[Evidence]


class Dossiers(View):
    """Events by organization and year, and the figures drawn from them. Fed by REGISTRY and ASSESSMENT.

    A year's dossier has the events of that year in the province's time, a self-assessment counting
    to the year it is about, and the frameworks that applied to the organization in it.
    """

    name = "dossier"
    reads: ClassVar = READ
    envelope = Entry
    compared: ClassVar = {
        "members by organization": (
            "SELECT organization AS key, count(*)::text AS value FROM member GROUP BY organization"
        ),
        "self-assessment by organization and period": (
            "SELECT organization || ' ' || period AS key, four_good::text AS value FROM self_assessment"
        ),
        "events by organization and year": (
            "SELECT organization || ' ' || year AS key, count(*)::text AS value FROM evidence"
            " GROUP BY organization, year"
        ),
    }
    tables = """
        CREATE TABLE evidence (
            id           text PRIMARY KEY,
            type         text NOT NULL,
            organization text NOT NULL,
            year         integer NOT NULL,
            happened_on  date NOT NULL
        );
        CREATE INDEX evidence_of_year ON evidence (organization, year);
        CREATE TABLE member (
            member       text PRIMARY KEY,
            organization text NOT NULL,
            admitted_on  date NOT NULL
        );
        CREATE INDEX member_organization ON member (organization);
        CREATE TABLE meeting (
            meeting             text PRIMARY KEY,
            organization        text NOT NULL,
            year                integer NOT NULL,
            thematic            boolean NOT NULL,
            discusses_solutions boolean NOT NULL,
            summoned            integer NOT NULL,
            present             integer NOT NULL
        );
        CREATE INDEX meeting_of_year ON meeting (organization, year);
        CREATE TABLE visit (
            supervisor   text NOT NULL,
            meeting      text NOT NULL,
            organization text NOT NULL,
            year         integer NOT NULL,
            PRIMARY KEY (supervisor, meeting)
        );
        CREATE INDEX visit_of_year ON visit (organization, year);
        CREATE TABLE self_assessment (
            organization text NOT NULL,
            period       text NOT NULL,
            four_good    boolean,
            PRIMARY KEY (organization, period)
        );
        CREATE TABLE framework (
            id           text PRIMARY KEY,
            issuer       text NOT NULL,
            period       text NOT NULL,
            issued_on    date NOT NULL,
            effective_on date NOT NULL
        );
        CREATE INDEX framework_issuer ON framework (issuer);
    """

    def fold(self) -> "Filing":
        """Return the fold of nothing yet."""
        return Filing()

    # -- Queries

    async def record(self, organization: Node, year: int, on: date) -> tuple[OwnRecord, list[str]]:
        """Return how it assessed itself in the months over before `on`, and the ids of the year's events."""
        dossier = await self.of(organization, year, on)
        return dossier.own_record, [evidence.id for evidence in dossier.events]

    async def of(self, organization: Node, year: int, on: date) -> Dossier:
        """Return the dossier of a year; empty, if nothing was said of it. One moment for all figures."""
        of_year = (organization.code, year)
        async with self.asking() as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor = connection.cursor()
            [members] = await _rows(cursor, MEMBERS, (year, date(year, 12, 31), organization.code))
            [meetings] = await _rows(cursor, MEETINGS, of_year)
            [visits] = await _rows(cursor, "SELECT count(*) AS n FROM dossier.visit" + OF_YEAR, of_year)
            own = await _rows(cursor, OWN, (organization.code, f"{year}%"))
            frameworks = await _rows(cursor, FRAMEWORKS, (organization.path, date(year, 12, 31)))
            events = await _rows(cursor, EVENTS, of_year)
        named = [*frameworks, *events]
        return Dossier(
            organization=organization.code,
            year=year,
            members=members["members"],
            admitted=members["admitted"],
            meetings=Meetings(**meetings),
            visits=visits["n"],
            own_record=_own_record(organization, year, on, own, frameworks),
            events=[Evidence(row["id"], row["type"], row["on"]) for row in named],
        )


OF_YEAR = " WHERE organization = %s AND year = %s"

MEMBERS = """
    SELECT count(*) AS members, count(*) FILTER (WHERE extract(year FROM admitted_on) = %s) AS admitted
    FROM dossier.member WHERE admitted_on <= %s AND organization = %s
"""

MEETINGS = f"""
    SELECT count(*) AS held,
           count(*) FILTER (WHERE thematic) AS thematic,
           count(*) FILTER (WHERE discusses_solutions) AS discussing_solutions,
           coalesce(sum(summoned), 0)::integer AS summoned,
           coalesce(sum(present), 0)::integer AS present
    FROM dossier.meeting{OF_YEAR}
"""

OWN = "SELECT period, four_good FROM dossier.self_assessment WHERE organization = %s AND period LIKE %s"

FRAMEWORKS = f"""
    SELECT id, '{assessment.CriteriaFrameworkIssued.type}' AS type, issued_on AS on, period, effective_on
    FROM dossier.framework WHERE issuer = ANY(%s) AND effective_on <= %s ORDER BY effective_on, id
"""

EVENTS = f'SELECT id, type, happened_on AS "on" FROM dossier.evidence{OF_YEAR} ORDER BY happened_on, id'


def due_months(year: int, founded_on: date, bound_from: Sequence[date], on: date) -> tuple[str, ...]:
    """Return the months of `year` that were over before `on` and whose end found the cell bound.

    `bound_from` says since when each monthly framework of a committee above has applied.
    """
    ends = [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 13)]
    bound = max(founded_on, min(bound_from)) if bound_from else date.max
    return tuple(f"{end:%Y-%m}" for end in ends if bound <= end < on)


def _own_record(
    organization: Node, year: int, on: date, own: list[dict[str, Any]], frameworks: list[dict[str, Any]]
) -> OwnRecord:
    by_period = {row["period"]: row["four_good"] for row in own}
    monthly = [row["effective_on"] for row in frameworks if row["period"] == "MONTH"]
    return OwnRecord(
        due=due_months(year, organization.founded_on, monthly, on),
        months={period: four_good for period, four_good in by_period.items() if period != str(year)},
        yearly=by_period.get(str(year)),
    )


async def _rows(cursor: AsyncCursor[Any], query: str, parameters: tuple[Any, ...]) -> list[dict[str, Any]]:
    await cursor.execute(query, parameters)
    rows: list[dict[str, Any]] = await cursor.fetchall()
    return rows


class Filing:
    """Events put with the year they belong to."""

    def __init__(self) -> None:
        self.evidence: list[tuple[object, ...]] = []
        self.members: list[tuple[object, ...]] = []
        self.meetings: list[tuple[object, ...]] = []
        self.visits: list[tuple[object, ...]] = []
        self.own: dict[tuple[str, str], bool | None] = {}
        self.frameworks: list[tuple[object, ...]] = []

    def add(self, told: Iterable[Entry]) -> None:
        """Take events in."""
        for entry in told:
            event = entry.data
            happened_on = day_of(entry.time)
            if isinstance(event, CriteriaFrameworkIssued):
                dated = event.framework.date, event.effective_on
                self.frameworks.append((entry.id, event.organization, event.period, *dated))
                continue
            year = self._file(event, happened_on.year)
            self.evidence.append((entry.id, entry.type, event.organization, year, happened_on))

    def _file(self, event: Any, year: int) -> int:
        """Put an event where it is counted. Return the year it belongs to."""
        match event:
            case MemberAdmitted():
                self.members.append((event.member, event.organization, event.ceremony_on))
            case MeetingHeld():
                summoned = event.summoned.full + event.summoned.probationary
                told = event.kind == "THEMATIC", event.discusses_solutions, summoned, event.present
                self.meetings.append((event.meeting, event.organization, year, *told))
            case SupervisorAttended():
                self.visits.append((event.supervisor, event.meeting, event.organization, year))
            case SelfAssessment():
                self.own[event.organization, event.period] = event.four_good
                return int(event.period[:4])
        return year

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add what was filed."""
        await load(cursor, "evidence", "id, type, organization, year, happened_on", self.evidence)
        await load(cursor, "member", "member, organization, admitted_on", self.members)
        columns = "meeting, organization, year, thematic, discusses_solutions, summoned, present"
        await load(cursor, "meeting", columns, self.meetings)
        await load(cursor, "visit", "supervisor, meeting, organization, year", self.visits)
        await load(
            cursor,
            "self_assessment",
            "organization, period, four_good",
            [(*key, four_good) for key, four_good in self.own.items()],
            "ON CONFLICT (organization, period) DO UPDATE SET four_good = excluded.four_good",
        )
        await load(cursor, "framework", "id, issuer, period, issued_on, effective_on", self.frameworks)
