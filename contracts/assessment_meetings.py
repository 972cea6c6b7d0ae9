"""What assessment tells of a meeting besides its minutes: called, corrected, followed up, scored."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.assessment import Minutes
from contracts.message import Code, DayOn, Event, Instant, Value
from contracts.vocabulary import Line, Score, Text, Word

TaskNumber = Annotated[int, Strict(), Field(ge=1, le=200)]
"""A task's place in the minutes of the meeting that set it, from 1."""


class MeetingScheduled(Event):
    """A cell called a meeting, or called it for another time: then what was announced last counts.

    12-HD/BTCTW (2018) II.1.1.a: time, place and contents are told to members and to the assigned supervisor.
    """

    type = "assessment.MeetingScheduled.v1"
    occurred_in = "announced_at"

    meeting: Code
    kind: Literal["REGULAR", "THEMATIC", "EXTRAORDINARY"]
    scheduled_for: Instant
    announced_at: Instant
    place: Line | None = None
    topics: Annotated[tuple[Line, ...], Field(max_length=50)] = ()


class MeetingCancelled(Event):
    """A cell called a meeting off. It is not held under this code any more."""

    type = "assessment.MeetingCancelled.v1"
    occurred_in = "cancelled_at"

    meeting: Code
    cancelled_at: Instant
    reason: Text


class MinutesCorrected(Minutes):
    """A cell replaced the minutes of a meeting as a whole, and says why; what they replaced stays on record.

    Of several corrections the one with the latest `corrected_at` counts, however they arrive.
    """

    type = "assessment.MinutesCorrected.v1"
    occurred_in = "corrected_at"

    corrected_at: Instant
    reason: Text


class TaskReported(Event):
    """At a later meeting (`at_meeting`) a cell said what became of a task. The latest report counts.

    `organization` is the cell that met: the one that set the task, or the one it has merged into.
    """

    type = "assessment.TaskReported.v1"
    occurred_in = "reported_on"

    meeting: Code
    task: TaskNumber
    state: Literal["DONE", "UNDER_WAY", "NOT_DONE"]
    at_meeting: Code
    reported_on: DayOn


class ScoringPack(Value):
    """The rules a meeting was scored by."""

    name: Line
    version: Line


class Points(Value):
    """The points given to one component of a sheet."""

    component: Word
    points: Score


class MeetingScored(Event):
    """A meeting was scored: by the cell, or by the committee `superior` above it, by a scoring pack.

    `total` and `level` are what assessment computed of the points. The latest sheet of each counts.
    """

    type = "assessment.MeetingScored.v1"
    occurred_in = "scored_at"

    meeting: Code
    pack: ScoringPack
    points: Annotated[tuple[Points, ...], Field(min_length=1, max_length=30)]
    scored_at: Instant
    superior: Code | None = None
    total: Score | None = None
    level: Word | None = None
