"""Who is a member where, on any day: a row for each stay of a member in an organization.

Where a merger took members nothing is told of them: the tree says into what. Codes only; who they are, the
registry tells those who may know.
"""

from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncCursor

from services.chassis.views.counts import FULL, MemberRecognized, MembershipEnded, MemberTransferred
from services.chassis.views.fold import load
from services.chassis.views.places import ON, PLACED, PLACES
from services.chassis.views.view import View
from services.reporting.events import (
    MemberAdmitted,
    MemberExempted,
    MemberReinstated,
    MemberReleased,
    MemberRestricted,
    RestrictionLifted,
    reading,
)
from services.reporting.views.spans import Spans
from services.reporting.views.subtree import Structure, SubtreeFold, organizations

ROSTER: tuple[type[Any], ...] = (
    MemberAdmitted,
    MemberRecognized,
    MemberReleased,
    MemberTransferred,
    MemberExempted,
    MemberReinstated,
    MembershipEnded,
    MemberRestricted,
    RestrictionLifted,
)
"""The events that tell of a member."""


class Roster(View):
    """Members and their stays, exemptions and releases, each from a day until another."""

    name = "roster"
    version = 3
    reads: ClassVar = reading(*PLACED.values(), *ROSTER)
    compared: ClassVar = {
        "members by organization": (
            "SELECT code AS key, count(*)::text AS value FROM stay WHERE until_on IS NULL GROUP BY code"
        ),
        "standing by member": (
            "SELECT member AS key, concat_ws(' ', admitted_on, full_from, ended_on, restricted_on) AS value"
            " FROM member"
        ),
    }
    tables = f"""
        {PLACES}
        CREATE TABLE member (
            member        text PRIMARY KEY,
            decided_on    date NOT NULL,
            admitted_on   date NOT NULL,
            full_from     date,
            ended_on      date,
            reason        text,
            restricted_on date
        );
        CREATE INDEX member_restricted ON member (member) WHERE restricted_on IS NOT NULL;
        CREATE TABLE stay (
            member   text NOT NULL,
            from_on  date NOT NULL,
            until_on date,
            code     text NOT NULL,
            home     text
        );
        CREATE INDEX stay_member ON stay (member, from_on);
        CREATE INDEX stay_code ON stay (code);
        CREATE TABLE exemption (
            member   text NOT NULL,
            from_on  date NOT NULL,
            until_on date
        );
        CREATE INDEX exemption_member ON exemption (member);
        CREATE TABLE release (
            member      text NOT NULL,
            from_on     date NOT NULL,
            until_on    date,
            code        text NOT NULL,
            destination text NOT NULL,
            kind        text NOT NULL,
            accept_by   date NOT NULL
        );
        CREATE INDEX release_member ON release (member);
    """

    def fold(self) -> "Memberships":
        """Return the fold of nothing yet."""
        return Memberships()

    async def restricted(self) -> set[str]:
        """Return who restricts the use of their data now, by code."""
        rows = await self.rows("SELECT member FROM roster.member WHERE restricted_on IS NOT NULL")
        return {row["member"] for row in rows}


def seats(schema: str, structure: Structure, alias: str) -> str:
    """Return what stands in a FROM for where the members of each organization are on `%(day)s`.

    `code` is where they were admitted or sent, `organization` what that was merged into by then, with its
    `name`; `path` leads to `code`.
    """
    every = organizations(schema, structure)
    return f"""(
        SELECT seat.code, seat.path, here.code AS organization, here.name
        FROM (
            SELECT code, path, coalesce(merged.into, code) AS here
            FROM {every} LEFT JOIN LATERAL (
                SELECT above.code AS into FROM {schema}.place AS above
                WHERE NOT organization.stands AND above.code = ANY(organization.path) AND above.stands
                AND above.from_on <= %(day)s AND (above.until_on IS NULL OR above.until_on > %(day)s)
                AND EXISTS (
                    SELECT FROM {schema}.change AS told
                    WHERE told.code = organization.code AND told.what = 'MERGED'
                )
                ORDER BY cardinality(above.path) DESC LIMIT 1
            ) AS merged ON true
            OFFSET 0
        ) AS seat JOIN (SELECT code, name FROM {every}) AS here ON here.code = seat.here
    ) AS {alias}"""


def shown(member: str) -> str:
    """Return the condition for whoever may be listed: nobody who restricts the use of their data today.

    So it is asked of the live tables, whatever day the list is of and whatever was known then.
    """
    return f"{member} NOT IN (SELECT member FROM roster.member WHERE restricted_on IS NOT NULL)"


def members(schema: str, structure: Structure) -> str:
    """Return the query for all who are or were members in the subtree of `%(root)s` by `%(day)s`.

    Who now has the use of their data restricted is left out, whatever the day.
    """
    return f"""
        SELECT stay.member, seat.organization, seat.name AS organization_name,
            CASE WHEN ended_on <= %(day)s THEN 'ENDED' WHEN full_from <= %(day)s THEN 'FULL'
                ELSE 'PROBATIONARY' END AS standing,
            decided_on, admitted_on,
            CASE WHEN full_from <= %(day)s THEN full_from END AS full_from,
            stay.from_on AS here_since, stay.home AS away_from,
            exemption.from_on AS exempted_on, release.destination AS released_to,
            CASE WHEN ended_on <= %(day)s THEN ended_on END AS ended_on,
            CASE WHEN ended_on <= %(day)s THEN reason END AS end_reason
        FROM {seats(schema, structure, "seat")}
        JOIN (SELECT * FROM {schema}.stay WHERE {ON}) AS stay ON stay.code = seat.code
        JOIN {schema}.member ON member.member = stay.member
        LEFT JOIN (SELECT * FROM {schema}.exemption WHERE {ON}) AS exemption ON exemption.member = stay.member
        LEFT JOIN (SELECT * FROM {schema}.release WHERE {ON} AND accept_by >= %(day)s) AS release
            ON release.member = stay.member
        WHERE seat.path @> ARRAY[%(root)s] AND {shown("member.member")}
    """


def transfers(schema: str, structure: Structure) -> str:
    """Return the query for releases out of the subtree of `%(root)s` or into it that nobody accepted.

    The seats are found once: joined as they stand, they were found anew for every release (1.4 s for 200).
    """
    return f"""
        WITH seat AS MATERIALIZED (SELECT * FROM {seats(schema, structure, "every")})
        SELECT member, kind, origin.organization, origin.name AS organization_name,
            there.organization AS destination, there.name AS destination_name,
            from_on AS released_on, accept_by,
            CASE WHEN accept_by < %(day)s THEN 'LAPSED' ELSE 'WAITING' END AS state,
            origin.path @> ARRAY[%(root)s] AS leaving, there.path @> ARRAY[%(root)s] AS arriving
        FROM (SELECT * FROM {schema}.release WHERE {ON}) AS release
        JOIN seat AS origin ON origin.code = release.code
        JOIN seat AS there ON there.code = release.destination
        JOIN {schema}.member USING (member)
        WHERE (origin.path @> ARRAY[%(root)s] OR there.path @> ARRAY[%(root)s]) AND {shown("member.member")}
    """


class Memberships(SubtreeFold):
    """What is told of members, in the registry's order: each stay begins where the one before ends."""

    def __init__(self) -> None:
        super().__init__()
        self.admitted: list[tuple[str, date, date, date | None]] = []
        self.recognized: list[dict[str, Any]] = []
        self.ended: list[dict[str, Any]] = []
        self.restricted: dict[str, date | None] = {}
        self.stays = Spans("stay", "code, home")
        self.exemptions = Spans("exemption")
        self.releases = Spans("release", "code, destination, kind, accept_by")

    def take(self, event: Any) -> None:
        """Remember what an event says."""
        match event:
            case MemberAdmitted():
                full_from = event.ceremony_on if event.standing == FULL else None
                self.admitted.append((event.member, event.decision.date, event.ceremony_on, full_from))
                self.stays.first(event.member, event.ceremony_on, event.organization, None)
            case MemberRecognized():
                self.recognized.append({"member": event.member, "full_from": event.full_from})
            case MemberReleased():
                terms = event.organization, event.to, event.kind, event.accept_by
                self.releases.begin(event.member, event.released_on, *terms)
            case MemberTransferred():
                away = event.kind == "TEMPORARY" and event.reason == "TRANSFER"
                home = event.origin if away else None
                self.stays.begin(event.member, event.transferred_on, event.organization, home)
                self.releases.end(event.member, event.transferred_on)
            case MemberExempted():
                self.exemptions.begin(event.member, event.exempted_on)
            case MemberReinstated():
                self.exemptions.end(event.member, event.reinstated_on)
            case MembershipEnded():
                said = {"ended_on": event.ended_on, "reason": event.reason}
                self.ended.append({"member": event.member, **said})
                self.releases.end(event.member, event.ended_on)
            case MemberRestricted():
                self.restricted[event.member] = event.restricted_on
            case RestrictionLifted():
                self.restricted[event.member] = None

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the members, then what became of them."""
        await super().write(cursor)
        await load(cursor, "member", "member, decided_on, admitted_on, full_from", self.admitted)
        restricted = [{"member": member, "restricted_on": on} for member, on in self.restricted.items()]
        for column, told in ((FULL_FROM, self.recognized), (ENDED, self.ended), (RESTRICTED, restricted)):
            if told:
                await cursor.execute(
                    f"UPDATE member SET {column} FROM json_populate_recordset(null::member, %s::json) AS told"
                    " WHERE member.member = told.member",
                    (msgspec.json.encode(told).decode(),),
                )
        for spans in (self.stays, self.exemptions, self.releases):
            await spans.write(cursor)


FULL_FROM = "full_from = told.full_from"
RESTRICTED = "restricted_on = told.restricted_on"
ENDED = "ended_on = told.ended_on, reason = told.reason"
