"""Who holds which position on which day. Fed by REGISTRY; each service that asks keeps a copy of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncCursor

from contracts.registry import OfficialAppointed, OfficialRelieved
from services.chassis.views.fold import Told, load
from services.chassis.views.memory import Remembering

MEMBERS_MAX = 10_000
"""Members whose positions of today are remembered: those who act for organizations, some 10 MB."""

COLUMNS = "organization, member, position, from_on, until_on, relieved_on, decision_number, decision_dated"


@dataclass(frozen=True)
class Holding:
    """A position somebody holds, since when, and until which day (the last) if the decision named one."""

    organization: str
    member: str
    position: str
    from_on: date
    until_on: date | None
    decision_number: str
    decision_dated: date


class Decided(msgspec.Struct, frozen=True):
    """A document by number and date."""

    number: str
    date: date


class Appointed(msgspec.Struct, frozen=True):
    """A member took up a position."""

    organization: str
    member: str
    position: str
    from_on: date
    decision: Decided
    until_on: date | None = None


class Relieved(msgspec.Struct, frozen=True):
    """A term ended early: the day is the first without the position."""

    organization: str
    member: str
    position: str
    relieved_on: date


class Officials(Remembering[tuple[date, list[Holding]]]):
    """Every term there was: its first day, its last if it was named, and the first day told without it."""

    name = "officials"
    version = 2
    reads: ClassVar = {OfficialAppointed.type: Appointed, OfficialRelieved.type: Relieved}
    compared: ClassVar = {
        "last day named and day of relief by term": (
            "SELECT concat_ws(' ', organization, position, member, from_on) AS key,"
            " concat(until_on, ' / ', relieved_on) AS value FROM term"
        )
    }
    tables = """
        CREATE TABLE term (
            organization    text NOT NULL,
            member          text NOT NULL,
            position        text NOT NULL,
            from_on         date NOT NULL,
            until_on        date,
            relieved_on     date,
            decision_number text NOT NULL,
            decision_dated  date NOT NULL
        );
        CREATE INDEX term_organization ON term (organization, from_on);
        CREATE INDEX term_member ON term (member, from_on);
    """

    remembers = ("officials remembered", MEMBERS_MAX)
    changed_by = reads
    last_change = "SELECT coalesce(sum(sequence), 0) AS last FROM {schema}.bookmark"

    def fold(self) -> "Terms":
        """Return the fold of nothing yet."""
        return Terms()

    async def on(self, organization: str, day: date) -> list[Holding]:
        """Return who holds which position in the organization on `day`: its secretary first."""
        return await self._held("organization = %(of)s", organization, day)

    async def held_by(self, member: str, day: date) -> list[Holding]:
        """Return what the member holds on `day`, anywhere."""
        return await self._held("member = %(of)s", member, day)

    async def held_today(self, member: str, today: date) -> list[Holding]:
        """Return what the member holds `today`, anywhere. It is remembered until any term changes."""
        if self.due():
            await self.look()
        known = self.known.get(member)
        if known and known[0] == today:
            return known[1]
        forgotten = self.forgotten
        held = await self.held_by(member, today)
        if forgotten == self.forgotten:
            self.known.put(member, (today, held))
        return held

    async def _held(self, condition: str, of: str, day: date) -> list[Holding]:
        rows = await self.rows(
            f"""
            SELECT organization, member, position, from_on, until_on, decision_number, decision_dated
            FROM {self.schema}.term
            WHERE {condition} AND from_on <= %(day)s
            AND (until_on IS NULL OR until_on >= %(day)s)
            AND (relieved_on IS NULL OR relieved_on > %(day)s)
            ORDER BY position = 'SECRETARY' DESC, position = 'DEPUTY_SECRETARY' DESC, organization, member
            """,
            of=of,
            day=day,
        )
        return [Holding(**row) for row in rows]


class Terms:
    """Terms begun, and those of earlier batches that ended early."""

    def __init__(self) -> None:
        self.begun: list[tuple[Appointed, date | None]] = []
        self.ended: list[Relieved] = []

    def add(self, told: Iterable[Told]) -> None:
        """Take appointments in, and end those that a relief speaks of."""
        for one in told:
            event = one.data
            if isinstance(event, Appointed):
                self.begun.append((event, None))
            elif (place := self._place(event)) is not None:
                self.begun[place] = self.begun[place][0], event.relieved_on
            else:
                self.ended.append(event)

    def _place(self, event: Relieved) -> int | None:
        """Return where the term that `event` ends, or ends earlier, stands among those begun here."""
        named = event.organization, event.member, event.position
        for place, (term, relieved_on) in enumerate(self.begun):
            same = (term.organization, term.member, term.position) == named
            later = relieved_on is None or relieved_on > event.relieved_on
            if same and later and _runs(term, event.relieved_on):
                return place
        return None

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """End what began in earlier batches, then add what began in this."""
        if self.ended:
            await cursor.execute(
                """
                UPDATE term SET relieved_on = ended.first_on
                FROM (
                    SELECT term.ctid AS place, min(told.relieved_on) AS first_on
                    FROM json_populate_recordset(null::term, %s::json) AS told
                    JOIN term USING (organization, member, position)
                    WHERE term.from_on <= told.relieved_on
                    AND (term.until_on IS NULL OR term.until_on >= told.relieved_on)
                    AND (term.relieved_on IS NULL OR term.relieved_on > told.relieved_on)
                    GROUP BY term.ctid
                ) AS ended
                WHERE term.ctid = ended.place
                """,
                (msgspec.json.encode(self.ended).decode(),),
            )
        rows = (
            (
                term.organization,
                term.member,
                term.position,
                term.from_on,
                term.until_on,
                relieved_on,
                term.decision.number,
                term.decision.date,
            )
            for term, relieved_on in self.begun
        )
        await load(cursor, "term", COLUMNS, rows)


def _runs(term: Appointed, day: date) -> bool:
    return term.from_on <= day and (term.until_on is None or day <= term.until_on)
