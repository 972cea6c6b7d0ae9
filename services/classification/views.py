"""What a decision rests on: per organization and year, the public events of others that speak of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from psycopg import AsyncCursor

from services.chassis.views.binding import ADOPTING, ADOPTIONS, DEFINED, IS_FOR, SINCE, Bound, binding
from services.chassis.views.tree import Node
from services.chassis.views.view import View
from services.classification.events import READ, Entry
from services.classification.filing import Filing
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
    """What is known of one organization's year: its own meetings and words, not those beneath it.

    `members` are those on the last day of the year, with whom mergers brought; `admitted` those of the year.
    """

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
    version = 6
    reads: ClassVar = READ
    envelope = Entry
    compared: ClassVar = {
        "members by organization": (
            "SELECT organization AS key, sum(members)::text AS value FROM roll GROUP BY organization"
        ),
        "self-assessment by organization and period": (
            "SELECT organization || ' ' || period AS key, four_good::text AS value FROM self_assessment"
        ),
        "events by organization and year": (
            "SELECT organization || ' ' || year AS key, count(*)::text AS value FROM evidence"
            " GROUP BY organization, year"
        ),
    }
    tables = f"""
        CREATE TABLE evidence (
            id           text PRIMARY KEY,
            type         text NOT NULL,
            organization text NOT NULL,
            year         integer NOT NULL,
            happened_on  date NOT NULL
        );
        CREATE INDEX evidence_of_year ON evidence (organization, year);
        CREATE TABLE roll (
            organization text NOT NULL,
            day          date NOT NULL,
            members      integer NOT NULL,
            admitted     boolean NOT NULL
        );
        CREATE INDEX roll_organization ON roll (organization, day);
        CREATE TABLE merger (
            organization text PRIMARY KEY,
            successor    text NOT NULL,
            day          date NOT NULL
        );
        CREATE INDEX merger_successor ON merger (successor);
        CREATE TABLE meeting (
            meeting             text PRIMARY KEY,
            organization        text NOT NULL,
            year                integer NOT NULL,
            thematic            boolean NOT NULL,
            discusses_solutions boolean NOT NULL,
            summoned            integer NOT NULL,
            present             integer NOT NULL,
            corrected_at        timestamptz NOT NULL
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
            stated_on    date NOT NULL,
            four_good    boolean,
            PRIMARY KEY (organization, period)
        );
        CREATE TABLE framework (
            id   text PRIMARY KEY,
            type text NOT NULL,
            {DEFINED}
        );
        CREATE INDEX framework_issuer ON framework (issuer);
        {ADOPTIONS}
    """

    def fold(self) -> Filing:
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
            asked = {"organization": organization.code, "year": year, "last": date(year, 12, 31)}
            [members] = await _rows(cursor, MEMBERS, asked)
            [meetings] = await _rows(cursor, MEETINGS, of_year)
            [visits] = await _rows(cursor, "SELECT count(*) AS n FROM dossier.visit" + OF_YEAR, of_year)
            own = await _rows(cursor, OWN, (organization.code, f"{year}%"))
            place = {"path": organization.path, "kind": organization.kind, "sector": organization.sector}
            frameworks = await _rows(cursor, FRAMEWORKS, place | asked)
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
    WITH RECURSIVE here AS (
        SELECT %(organization)s::text AS organization
        UNION
        SELECT merger.organization FROM here JOIN dossier.merger ON successor = here.organization
        WHERE day <= %(last)s
    )
    SELECT
        coalesce(sum(members) FILTER (WHERE NOT EXISTS (
            SELECT FROM dossier.merger WHERE organization = %(organization)s AND day <= %(last)s
        )), 0)::integer AS members,
        count(*) FILTER (WHERE admitted AND organization = %(organization)s
            AND extract(year FROM day) = %(year)s) AS admitted
    FROM dossier.roll JOIN here USING (organization) WHERE day <= %(last)s
"""
"""Whoever a merger took is counted where it took them, and no longer where they were."""

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
    SELECT id, type, issued_on AS on, period, {SINCE} AS since, until, quarterly
    FROM (SELECT %(organization)s::text AS code, %(kind)s::text AS kind, %(sector)s::text AS sector) AS cell
    CROSS JOIN ({binding("dossier")}) AS known {ADOPTING.format(schema="dossier")}
    WHERE issuer = ANY(%(path)s) AND {SINCE} <= %(last)s AND {IS_FOR} ORDER BY effective_on, id
"""

EVENTS = f'SELECT id, type, happened_on AS "on" FROM dossier.evidence{OF_YEAR} ORDER BY happened_on, id'


def due_months(year: int, founded_on: date, bound: Sequence[Bound], on: date) -> tuple[str, ...]:
    """Return the months of `year` that were over before `on` and whose end found the cell bound."""
    ends = [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 13)]
    due = [end for end in ends if founded_on <= end < on and any(one.asks(end) for one in bound)]
    return tuple(f"{end:%Y-%m}" for end in due)


def _own_record(
    organization: Node, year: int, on: date, own: list[dict[str, Any]], frameworks: list[dict[str, Any]]
) -> OwnRecord:
    by_period = {row["period"]: row["four_good"] for row in own}
    bound = [
        Bound(row["since"], row["until"], row["quarterly"]) for row in frameworks if row["period"] != "YEAR"
    ]
    return OwnRecord(
        due=due_months(year, organization.founded_on, bound, on),
        months={period: four_good for period, four_good in by_period.items() if period != str(year)},
        yearly=by_period.get(str(year)),
    )


async def _rows(
    cursor: AsyncCursor[Any], query: str, parameters: tuple[Any, ...] | dict[str, Any]
) -> list[dict[str, Any]]:
    await cursor.execute(query, parameters)
    rows: list[dict[str, Any]] = await cursor.fetchall()
    return rows
