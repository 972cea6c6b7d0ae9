"""By how many members organizations changed on which day: who came, who went, who became full.

Counts need no row for each member: an event says with which standing somebody came or went. Only a
recognition may reach back, to the day probation ended, behind moves that were told as a probationary
member's; so moves are kept by member, and the recognition corrects them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncCursor

from services.chassis.views.fold import load
from services.chassis.views.places import Seen


class Joined(msgspec.Struct, frozen=True):
    """Of an admission, by what it is counted. Equal ones are one row."""

    organization: str
    ceremony_on: date
    standing: str


class MemberRecognized(Seen, frozen=True):
    """A member is full from `full_from` on, when the organization was theirs."""

    member: str
    full_from: date


class MemberTransferred(Seen, frozen=True):
    """A member counts in the organization from that day on, and no longer in `origin`."""

    member: str
    origin: str
    kind: str
    transferred_on: date
    reason: str
    standing: str


class MembershipEnded(Seen, frozen=True):
    """A member counts no more from `ended_on` on."""

    member: str
    ended_on: date
    reason: str
    standing: str


FULL, PROBATIONARY = "FULL", "PROBATIONARY"

CHANGES: tuple[type[Seen], ...] = (MemberRecognized, MemberTransferred, MembershipEnded)
"""The events after which an organization has other members, or as many of another standing."""

TABLES = """
    CREATE TABLE changed (
        code     text NOT NULL,
        day      date NOT NULL,
        standing text NOT NULL,
        members  integer NOT NULL,
        PRIMARY KEY (code, day, standing)
    );
    CREATE TABLE transfer (
        member text NOT NULL,
        day    date NOT NULL,
        origin text NOT NULL,
        code   text NOT NULL
    );
    CREATE INDEX transfer_member ON transfer (member);
    CREATE INDEX transfer_origin ON transfer (origin);
    CREATE INDEX transfer_code ON transfer (code);
"""
"""`changed` is by how much the members of an organization changed on a day, beside admissions."""

Move = tuple[date, str, str]
"""On which day, from where, to where."""


class Changes:
    """By how much members changed, and the moves that a later recognition may correct."""

    def __init__(self) -> None:
        self._changed: Counter[tuple[str, date, str]] = Counter()
        self._moves: defaultdict[str, list[Move]] = defaultdict(list)
        self._recognized: list[tuple[MemberRecognized, int]] = []

    def take(self, event: Seen) -> bool:
        """Take in what changes members; return whether it did."""
        match event:
            case MemberTransferred():
                day, standing = event.transferred_on, event.standing
                self.turn(event.origin, day, standing, -1)
                self.turn(event.organization, day, standing, 1)
                self._moves[event.member].append((day, event.origin, event.organization))
            case MembershipEnded():
                self.turn(event.organization, event.ended_on, event.standing, -1)
            case MemberRecognized():
                self._turn_full(event.organization, event.full_from, 1)
                moved = len(self._moves[event.member]) if event.member in self._moves else 0
                self._recognized.append((event, moved))
            case _:
                return False
        return True

    @property
    def days(self) -> Iterable[tuple[str, date]]:
        """Return the days on which members of an organization changed, as written."""
        return ((code, day) for (code, day, _), members in self._changed.items() if members)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Write the changes and the moves; first correct what was told of those who were full already."""
        members = [event.member for event, _ in self._recognized]
        if members:
            await cursor.execute(
                "SELECT member, day, origin, code FROM transfer WHERE member = ANY(%s)", (members,)
            )
            earlier: defaultdict[str, list[Move]] = defaultdict(list)
            for row in await cursor.fetchall():
                earlier[row["member"]].append((row["day"], row["origin"], row["code"]))
            for event, moved in self._recognized:
                moves = self._moves[event.member][:moved] if moved else []
                self._correct(event.full_from, [*earlier[event.member], *moves])
        await load(
            cursor,
            "changed",
            "code, day, standing, members",
            [(*key, members) for key, members in self._changed.items() if members],
            "ON CONFLICT (code, day, standing) DO UPDATE SET members = before.members + excluded.members",
        )
        rows = [(member, *move) for member, moves in self._moves.items() for move in moves]
        await load(cursor, "transfer", "member, day, origin, code", rows)

    def _correct(self, full_from: date, moves: Iterable[Move]) -> None:
        for day, origin, organization in moves:
            if day > full_from:
                self._turn_full(origin, day, -1)
                self._turn_full(organization, day, 1)

    def _turn_full(self, code: str, day: date, members: int) -> None:
        self.turn(code, day, FULL, members)
        self.turn(code, day, PROBATIONARY, -members)

    def turn(self, code: str, day: date, standing: str, members: int) -> None:
        """Count `members` more (or fewer) of a standing from `day` on."""
        self._changed[code, day, standing] += members
