"""Which cell each member belongs to on any day: its meetings are no visits of theirs. Fed by REGISTRY."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncCursor

from contracts.registry import MemberAdmitted, MemberTransferred
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Admitted(msgspec.Struct, frozen=True):
    """Where a member began."""

    member: str
    organization: str
    ceremony_on: date


class Transferred(msgspec.Struct, frozen=True):
    """Where a member went."""

    member: str
    organization: str
    transferred_on: date


class Homes(View):
    """A row for each arrival of a member in an organization: by code, and by day."""

    name = "homes"
    reads: ClassVar = {
        MemberAdmitted.type: Admitted,
        MemberTransferred.type: Transferred,
    }
    compared: ClassVar = {
        "members by first organization": (
            "SELECT organization AS key, count(*)::text AS value FROM home GROUP BY organization"
        )
    }
    tables = """
        CREATE TABLE home (
            member       text NOT NULL,
            from_on      date NOT NULL,
            organization text NOT NULL,
            PRIMARY KEY (member, from_on, organization)
        );
    """

    def fold(self) -> "Arrivals":
        """Return the fold of nothing yet."""
        return Arrivals()

    async def on(self, member: str, day: date) -> str | None:
        """Return where `member` belonged at the end of `day`, None if that is not known."""
        homes = (await self.of([member], day)).get(member)
        return homes[-1][1] if homes else None

    async def of(self, members: Collection[str], last: date) -> dict[str, list[tuple[date, str]]]:
        """Return by member since when they belonged where, by the end of `last`, oldest first."""
        rows = await self.rows(
            "SELECT member, from_on, organization FROM homes.home"
            " WHERE member = ANY(%(members)s) AND from_on <= %(day)s ORDER BY member, from_on, organization",
            members=list(members),
            day=last,
        )
        homes = defaultdict(list)
        for row in rows:
            homes[row["member"]].append((row["from_on"], row["organization"]))
        return homes


class Arrivals:
    """Who arrived where, and when."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, date, str]] = []

    def add(self, told: Iterable[Told]) -> None:
        """Take arrivals in."""
        for one in told:
            event = one.data
            on = event.ceremony_on if isinstance(event, Admitted) else event.transferred_on
            self.rows.append((event.member, on, event.organization))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the rows."""
        rows = list(dict.fromkeys(self.rows))
        await load(cursor, "home", "member, from_on, organization", rows, "ON CONFLICT DO NOTHING")
