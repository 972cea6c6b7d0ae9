"""Meetings: what a cell held, and who sat in."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.message import Code, DayOn, Instant
from contracts.vocabulary import DocumentNumber, Flag, Headcount, Line, Text
from services.assessment.application.cells import Cells
from services.assessment.domain import Meeting, Minutes
from services.assessment.domain.meeting import AlreadyHeld, UnknownMeeting
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command


class Summoned(Command):
    """Whom the meeting was called for."""

    full: Headcount
    probationary: Headcount


class Resolution(Command):
    """What a meeting resolved."""

    number: DocumentNumber
    title: Line


class Task(Command):
    """What a resolution asks of one member."""

    member: Code
    what: Text
    due_on: DayOn


class HoldMeeting(Command):
    """Record the minutes of a meeting that a cell held."""

    meeting: Code
    organization: Code
    kind: Literal["REGULAR", "THEMATIC", "EXTRAORDINARY"]
    held_at: Instant
    duration_min: Annotated[int, Strict(), Field(ge=1, le=1440)]
    topic: Line
    summoned: Summoned
    present: Headcount
    excused: Headcount
    unexcused: Headcount
    discusses_solutions: Flag
    resolution: Resolution | None = None
    tasks: Annotated[tuple[Task, ...], Field(max_length=200)] = ()

    def minutes(self) -> Minutes:
        """Return what the minutes say."""
        return Minutes(
            kind=self.kind,
            held_at=self.held_at,
            duration_min=self.duration_min,
            topic=self.topic,
            summoned_full=self.summoned.full,
            summoned_probationary=self.summoned.probationary,
            present=self.present,
            excused=self.excused,
            unexcused=self.unexcused,
            discusses_solutions=self.discusses_solutions,
            resolution=self.resolution.model_dump() if self.resolution else None,
            tasks=[task.model_dump(mode="json") for task in self.tasks],
        )


class Attendance(Command):
    """Who sat in, from which committee, with which cell, and when."""

    supervisor: Code
    superior: Code
    organization: Code
    attended_on: DayOn


class RecordSupervisorAttendance(Attendance):
    """Record that a member of a superior committee sat in a meeting."""

    meeting: Code


class Meetings:
    """The use cases of meetings."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.store = cells.store

    async def hold(self, command: HoldMeeting, origin: Origin) -> Receipt:
        """Record a meeting.

        Raises UnknownOrganization, NotACell, InTheFuture, BeforeFounding, DoesNotAddUp, NobodyPresent,
        DueBeforeMeeting, AlreadyHeld.
        """
        cell = await self.cells.find(command.organization)
        meeting = Meeting.hold(cell, command.meeting, command.minutes(), at=self.store.clock())
        return await self.cells.record_new(meeting, origin, otherwise=AlreadyHeld)

    @retried
    async def attend(self, command: RecordSupervisorAttendance, origin: Origin) -> Receipt:
        """Record a visit.

        Raises UnknownOrganization, UnknownMeeting, NotHeldThere, NotASuperior, NotThatDay, AlreadyAttended.
        """
        cell = await self.cells.find(command.organization)
        meeting = await self.store.look_up(Meeting, Meeting.id_for(command.meeting))
        if meeting is None:
            raise UnknownMeeting(f"no meeting {command.meeting} is recorded")
        meeting.attend(
            cell,
            command.supervisor,
            command.superior,
            attended_on=command.attended_on,
            at=self.store.clock(),
        )
        return await self.store.record(meeting, origin=origin)

    async def find(self, code: str) -> Meeting:
        """Return a meeting. Raises NotFound."""
        meeting = await self.store.look_up(Meeting, Meeting.id_for(code))
        if meeting is None:
            raise NotFound(f"no meeting {code}")
        return meeting
