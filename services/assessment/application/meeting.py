"""Commands about meetings and those who sit in."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.message import Code, DayOn, Instant
from contracts.vocabulary import DocumentNumber, Flag, Headcount, Line, Text
from services.assessment.domain import Minutes
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
