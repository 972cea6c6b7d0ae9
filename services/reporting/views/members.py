"""What becomes of members once they were admitted, as it is counted: who came, who went, who became full.

Counts need no row for each member: an event says with which standing somebody came or went. Only a
recognition may reach back, to the day probation ended, behind moves that were told as a probationary
member's; so moves are kept by member, and the recognition corrects them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from psycopg import AsyncCursor

from services.chassis.views.fold import load
from services.chassis.views.places import Seen
from services.reporting.events import (
    MemberAdmitted,
    MemberRecognized,
    MembershipEnded,
    MemberTransferred,
)

CHANGES: tuple[type[Seen], ...] = (MemberRecognized, MemberTransferred, MembershipEnded)
"""The events after which an organization has other members, or as many of another standing."""

FULL, PROBATIONARY = "FULL", "PROBATIONARY"

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
                self._turn(event.origin, day, standing, -1)
                self._turn(event.organization, day, standing, 1)
                self._moves[event.member].append((day, event.origin, event.organization))
            case MembershipEnded():
                self._turn(event.organization, event.ended_on, event.standing, -1)
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
        self._turn(code, day, FULL, members)
        self._turn(code, day, PROBATIONARY, -members)

    def _turn(self, code: str, day: date, standing: str, members: int) -> None:
        self._changed[code, day, standing] += members


class Roll:
    """The members of one organization on a day, from the events until that day, in the order of their days.

    It is told what happened here, who went away, and who of those who came was recognised elsewhere. Here
    is also what merged into it by then, as `lying` says.
    """

    def __init__(self, organization: str, lying: Collection[str] = ()) -> None:
        self.here = {organization, *lying}
        self.standings: dict[str, str] = {}
        self._full: set[str] = set()

    def take(self, event: Seen) -> None:
        """Take in an event; one that is not about members changes nothing."""
        match event:
            case MemberAdmitted():
                self.standings[event.member] = event.standing
            case MemberRecognized():
                self._full.add(event.member)
            case MemberTransferred() if event.organization in self.here:
                self.standings[event.member] = event.standing
            case MemberTransferred() if event.origin in self.here:
                self.standings.pop(event.member, None)
            case MembershipEnded():
                self.standings.pop(event.member, None)

    @property
    def full(self) -> int:
        """Return how many are full members."""
        return sum(standing == FULL or member in self._full for member, standing in self.standings.items())

    @property
    def probationary(self) -> int:
        """Return how many are on probation."""
        return len(self.standings) - self.full
