"""Cell meetings: what was held, by whom, and which superiors sat in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.organization import InTheFuture, Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused


class AlreadyHeld(Refused):
    """A meeting is recorded once, under a code of its own (house rule)."""


class DoesNotAddUp(Refused):
    """Minutes count everyone: present, absent with and without reason are all who were summoned."""


class NobodyPresent(Refused):
    """Where nobody came, no meeting was held (house rule)."""


class DueBeforeMeeting(Refused):
    """A task is due on the meeting's day or later (house rule)."""


class UnknownMeeting(NotYetKnown):
    """A superior sits in a meeting that was held; its minutes may be on their way (house rule)."""


class NotHeldThere(Refused):
    """A visit is to the cell that held the meeting (house rule)."""


class NotThatDay(Refused):
    """A meeting is attended on the day it is held (house rule)."""


class AlreadyAttended(Refused):
    """One meeting counts once for each supervisor (house rule)."""


@dataclass(frozen=True)
class Minutes:
    """What the minutes of a meeting say: who was summoned and came, what was discussed and resolved.

    `kind` is REGULAR, THEMATIC or EXTRAORDINARY; `resolution` {number, title} or None; each of
    `tasks` is {member, what, due_on} with an ISO date.
    """

    kind: str
    held_at: datetime
    duration_min: int
    topic: str
    summoned_full: int
    summoned_probationary: int
    present: int
    excused: int
    unexcused: int
    discusses_solutions: bool
    resolution: dict[str, str] | None
    tasks: list[dict[str, str]]

    def check(self) -> None:
        """Raise DoesNotAddUp, NobodyPresent or DueBeforeMeeting where they contradict themselves."""
        summoned = self.summoned_full + self.summoned_probationary
        counted = self.present + self.excused + self.unexcused
        if counted != summoned:
            raise DoesNotAddUp(f"{summoned} summoned, but {counted} present or absent")
        if self.present == 0:
            raise NobodyPresent(f"none of {summoned}")
        held_on = day_of(self.held_at)
        if early := [task["due_on"] for task in self.tasks if date.fromisoformat(task["due_on"]) < held_on]:
            raise DueBeforeMeeting(f"{min(early)} is before {held_on}")


class Meeting(Aggregate):
    """One meeting of one cell."""

    TOPIC = "assessment.Meeting"

    # -- State: what visits are checked against; the fact itself answers who asks for the minutes
    held: Meeting.Held = field(init=False)
    held_on: date = field(init=False)
    supervisors: frozenset[str] = frozenset()

    # -- Facts
    class Event(Fact):
        """A fact about one meeting."""

    class Held(FirstFact):
        TOPIC = "assessment.Meeting.Held"
        meeting: str
        organization: str
        kind: str
        held_at: datetime
        duration_min: int
        topic: str
        summoned_full: int
        summoned_probationary: int
        present: int
        excused: int
        unexcused: int
        discusses_solutions: bool
        resolution: dict[str, Any] | None
        tasks: list[dict[str, Any]]

        def apply(self, meeting: Meeting) -> None:
            """Remember the minutes, and their day in the province."""
            meeting.held = self
            meeting.held_on = day_of(self.held_at)

    class Attended(Event):
        """`attended_on` is the meeting's day in the province."""

        TOPIC = "assessment.Meeting.Attended"
        supervisor: str
        superior: str
        meeting: str
        organization: str
        attended_on: str

        def apply(self, meeting: Meeting) -> None:
            """Remember who was there."""
            meeting.supervisors |= {self.supervisor}

    # -- Decisions
    @staticmethod
    def id_for(code: str) -> str:
        """Return `meeting-<code>`."""
        return f"meeting-{code}"

    @classmethod
    def hold(cls, cell: Organization, code: str, minutes: Minutes, *, at: datetime) -> Meeting:
        """Record that `cell` met.

        Raises NotACell, InTheFuture, BeforeFounding, DoesNotAddUp, NobodyPresent, DueBeforeMeeting.
        """
        cell.require_cell()
        cell.require_past(day_of(minutes.held_at), at=at)
        if minutes.held_at > at:
            raise InTheFuture(f"{minutes.held_at} is still to come")
        minutes.check()
        return cls._create(
            cls.Held,
            id=cls.id_for(code),
            meeting=code,
            organization=cell.code,
            **vars(minutes) | {"held_at": minutes.held_at.astimezone(UTC)},
            timestamp=at,
        )

    def attend(
        self, cell: Organization, supervisor: str, superior: str, *, attended_on: date, at: datetime
    ) -> None:
        """Record that `supervisor` of the committee `superior` sat in, as a guest of `cell`.

        Raises NotHeldThere, NotASuperior, NotThatDay, AlreadyAttended.
        """
        if cell.code != self.held.organization:
            raise NotHeldThere(f"{self.held.meeting} was not held by {cell.code}")
        cell.require_superior(superior)
        if attended_on != self.held_on:
            raise NotThatDay(f"{self.held.meeting} was held on {self.held_on}, not on {attended_on}")
        if supervisor in self.supervisors:
            raise AlreadyAttended(f"{supervisor} at {self.held.meeting}")
        self.trigger_event(
            self.Attended,
            supervisor=supervisor,
            superior=superior,
            meeting=self.held.meeting,
            organization=cell.code,
            attended_on=attended_on.isoformat(),
            timestamp=at,
        )
