"""How many members each cell had on any day: the roll that attendance is held against. Fed by REGISTRY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from psycopg import AsyncCursor

from contracts import registry
from services.chassis.views.counts import (
    FULL,
    PROBATIONARY,
    TABLES,
    Changes,
    Joined,
    MemberRecognized,
    MembershipEnded,
    MemberTransferred,
)
from services.chassis.views.fold import Told
from services.chassis.views.view import View


@dataclass(frozen=True)
class Members:
    """Members on one day, by standing."""

    full: int
    probationary: int


class Roll(View):
    """By how many members each organization changed on which day, admissions among them."""

    name = "roll"
    reads: ClassVar = {
        registry.MemberAdmitted.type: Joined,
        registry.MemberRecognized.type: MemberRecognized,
        registry.MemberTransferred.type: MemberTransferred,
        registry.MembershipEnded.type: MembershipEnded,
    }
    compared: ClassVar = {
        "members by organization": (
            "SELECT code AS key, sum(members)::text AS value FROM changed GROUP BY code"
        )
    }
    tables = TABLES

    def fold(self) -> "Coming":
        """Return the fold of nothing yet."""
        return Coming()

    async def on(self, organizations: Sequence[str], day: date) -> Members:
        """Return the members at the end of `day`: of a cell, and of what lies in it by then."""
        rows = await self.rows(
            "SELECT standing, sum(members)::integer AS members FROM roll.changed"
            " WHERE code = ANY(%(organizations)s) AND day <= %(day)s GROUP BY standing",
            organizations=list(organizations),
            day=day,
        )
        members = {row["standing"]: row["members"] for row in rows}
        return Members(members.get(FULL, 0), members.get(PROBATIONARY, 0))


class Coming:
    """Who came and went, counted."""

    def __init__(self) -> None:
        self.changes = Changes()

    def add(self, told: Iterable[Told]) -> None:
        """Take in what changes members."""
        for one in told:
            event = one.data
            if isinstance(event, Joined):
                self.changes.turn(event.organization, event.ceremony_on, event.standing, 1)
            else:
                self.changes.take(event)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add it up."""
        await self.changes.write(cursor)
