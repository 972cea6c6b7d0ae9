"""Which cells each member belongs to on any day: their meetings are no visits. Fed by REGISTRY."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple

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
    """Where a member went. Whoever is there for a while belongs to `origin` too, until they are back."""

    member: str
    organization: str
    origin: str
    kind: str
    reason: str
    transferred_on: date


class Home(NamedTuple):
    """Where a member arrived on a day; `keeps` is the cell they belong to besides, while away for a while."""

    from_on: date
    cell: str
    keeps: str | None

    @property
    def cells(self) -> tuple[str, ...]:
        """Return all that they belong to: first where they are."""
        return (self.cell, self.keeps) if self.keeps else (self.cell,)


def belonged(homes: Sequence[Home], day: date) -> tuple[str, ...]:
    """Return to which cells somebody of these `homes` belonged at the end of `day`: first where they were."""
    return next((home.cells for home in reversed(homes) if home.from_on <= day), ())


class Homes(View):
    """A row for each arrival of a member in an organization: by code, and by day.

    `keeps` is the cell that a member belongs to besides, while they are elsewhere for a while.
    """

    name = "homes"
    version = 2
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
            keeps        text,
            PRIMARY KEY (member, from_on, organization)
        );
    """

    def fold(self) -> "Arrivals":
        """Return the fold of nothing yet."""
        return Arrivals()

    async def of(self, members: Collection[str], last: date) -> dict[str, list[Home]]:
        """Return by member since when they belonged where, by the end of `last`, oldest first."""
        rows = await self.rows(
            "SELECT member, from_on, organization, keeps FROM homes.home"
            " WHERE member = ANY(%(members)s) AND from_on <= %(day)s ORDER BY member, from_on, organization",
            members=list(members),
            day=last,
        )
        homes = defaultdict(list)
        for row in rows:
            homes[row["member"]].append(Home(row["from_on"], row["organization"], row["keeps"]))
        return homes


class Arrivals:
    """Who arrived where, and when."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, date, str, str | None]] = []

    def add(self, told: Iterable[Told]) -> None:
        """Take arrivals in."""
        for one in told:
            event = one.data
            if isinstance(event, Admitted):
                self.rows.append((event.member, event.ceremony_on, event.organization, None))
                continue
            away = event.kind == "TEMPORARY" and event.reason != "RETURN"
            keeps = event.origin if away else None
            self.rows.append((event.member, event.transferred_on, event.organization, keeps))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the rows."""
        rows = list(dict.fromkeys(self.rows))
        await load(cursor, "home", "member, from_on, organization, keeps", rows, "ON CONFLICT DO NOTHING")
