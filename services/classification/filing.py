"""The fold of the dossiers: events of others, put with the organization and the year they belong to."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from psycopg import AsyncCursor

from contracts.days import day_of
from services.chassis.views.binding import COLUMNS, Adoption, Adoptions, Framework
from services.chassis.views.fold import load
from services.chassis.views.places import Merger
from services.classification.events import (
    Entry,
    MeetingHeld,
    MemberAdmitted,
    MembershipEnded,
    MemberTransferred,
    MinutesCorrected,
    OfSelfAssessment,
    SelfAssessment,
    SupervisorAttended,
)

NEVER = datetime.min.replace(tzinfo=UTC)
"""When minutes were corrected that were not."""


class Filing:
    """Events put with the year they belong to."""

    def __init__(self) -> None:
        self.evidence: list[tuple[object, ...]] = []
        self.roll: list[tuple[object, ...]] = []
        self.mergers: list[tuple[object, ...]] = []
        self.meetings: dict[str, tuple[Any, ...]] = {}
        self.visits: list[tuple[object, ...]] = []
        self.own: dict[tuple[str, str], tuple[date, bool | None]] = {}
        self.frameworks: list[tuple[object, ...]] = []
        self.adoptions = Adoptions()

    def add(self, told: Iterable[Entry]) -> None:
        """Take events in."""
        for entry in told:
            event = entry.data
            happened_on = day_of(entry.time)
            if isinstance(event, Framework):
                self.frameworks.append((entry.id, entry.type, *event.row()))
                continue
            if isinstance(event, Adoption):
                self.adoptions.take(event)
                continue
            year = self._file(event, happened_on.year)
            self.evidence.append((entry.id, entry.type, event.organization, year, happened_on))

    def _file(self, event: Any, year: int) -> int:
        """Put an event where it is counted. Return the year it belongs to."""
        match event:
            case MemberAdmitted():
                self.roll.append((event.organization, event.ceremony_on, 1, True))
            case MemberTransferred():
                self.roll.append((event.origin, event.transferred_on, -1, False))
                self.roll.append((event.organization, event.transferred_on, 1, False))
            case MembershipEnded():
                self.roll.append((event.organization, event.ended_on, -1, False))
            case Merger():
                self.mergers.append((event.organization, event.into, event.effective_on))
            case MeetingHeld():
                return self._meeting(event, year)
            case SupervisorAttended():
                self.visits.append((event.supervisor, event.meeting, event.organization, year))
            case OfSelfAssessment():
                self._own(event)
                return int(event.period[:4])
        return year

    def _own(self, event: OfSelfAssessment) -> None:
        """Put the version that is dated last with its period, however late it is told."""
        if isinstance(event, SelfAssessment):
            key = event.organization, event.period
            earlier = self.own.get(key)
            if earlier is None or event.submitted_on >= earlier[0]:
                self.own[key] = event.submitted_on, event.four_good

    def _meeting(self, event: MeetingHeld, year: int) -> int:
        """Put the minutes that count with the year of the meeting, also those told of in another."""
        corrected_at = NEVER
        if isinstance(event, MinutesCorrected):
            year, corrected_at = day_of(event.held_at).year, event.corrected_at
        summoned = event.summoned.full + event.summoned.probationary
        told = event.kind == "THEMATIC", event.discusses_solutions, summoned, event.present
        earlier = self.meetings.get(event.meeting)
        if earlier is None or corrected_at > earlier[-1]:
            self.meetings[event.meeting] = (event.meeting, event.organization, year, *told, corrected_at)
        return year

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add what was filed."""
        await load(cursor, "evidence", "id, type, organization, year, happened_on", self.evidence)
        await load(cursor, "roll", "organization, day, members, admitted", self.roll)
        await load(cursor, "merger", "organization, successor, day", self.mergers)
        columns = (
            "meeting, organization, year, thematic, discusses_solutions, summoned, present, corrected_at"
        )
        replaced = ", ".join(f"{column} = excluded.{column}" for column in columns.split(", "))
        later = f"DO UPDATE SET {replaced} WHERE excluded.corrected_at > before.corrected_at"
        await load(cursor, "meeting", columns, self.meetings.values(), f"ON CONFLICT (meeting) {later}")
        await load(cursor, "visit", "supervisor, meeting, organization, year", self.visits)
        await load(
            cursor,
            "self_assessment",
            "organization, period, stated_on, four_good",
            [(*key, *said) for key, said in self.own.items()],
            "ON CONFLICT (organization, period) DO UPDATE SET stated_on = excluded.stated_on,"
            " four_good = excluded.four_good WHERE excluded.stated_on >= before.stated_on",
        )
        await load(cursor, "framework", f"id, type, {COLUMNS}", self.frameworks)
        await self.adoptions.write(cursor)
