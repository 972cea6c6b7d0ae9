"""Meetings: called, called off, held and corrected; who sat in, and what became of their tasks."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.assessment_meetings import TaskNumber
from contracts.days import day_of
from contracts.message import Code, DayOn, Instant
from contracts.vocabulary import DocumentNumber, Flag, Headcount, Line, Text, Voters
from services.assessment.application.cells import Cells
from services.assessment.application.scoring import ScoreMeeting, ScoringPacks
from services.assessment.domain import Meeting, Minutes
from services.assessment.domain.call import Call
from services.assessment.domain.follow_up import Report
from services.assessment.domain.meeting import NotHeldThere, UnknownMeeting
from services.chassis.errors import AlreadyDone, Conflict, NotFound
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command

Kind = Literal["REGULAR", "THEMATIC", "EXTRAORDINARY"]
Topics = Annotated[tuple[Line, ...], Field(max_length=50)]


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


class Absence(Command):
    """Who was summoned and did not come, with a reason or without."""

    member: Code
    excused: Flag


class VoteTaken(Command):
    """A vote on one matter, against the full members summoned."""

    matter: Line
    summoned: Voters
    in_favour: Headcount
    secret: Flag


class Announcement(Command):
    """When and where a cell is to meet, and what about."""

    organization: Code
    kind: Kind
    scheduled_for: Instant
    announced_at: Instant
    place: Line | None = None
    topics: Topics = ()

    def call(self) -> Call:
        """Return what is announced."""
        return Call(self.kind, self.scheduled_for, self.announced_at, self.place, self.topics)


class ScheduleMeeting(Announcement):
    """Call a meeting, or call it for another time."""

    meeting: Code


class Cancellation(Command):
    """Why a meeting is called off, and since when."""

    organization: Code
    cancelled_at: Instant
    reason: Text


class CancelMeeting(Cancellation):
    """Call a meeting off."""

    meeting: Code


class MinutesStated(Command):
    """What the minutes of a meeting say."""

    organization: Code
    kind: Kind
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
    absences: Annotated[tuple[Absence, ...], Field(max_length=500)] = ()
    votes: Annotated[tuple[VoteTaken, ...], Field(max_length=50)] = ()
    topics: Topics = ()
    supervisors: Annotated[tuple[Code, ...], Field(max_length=50)] | None = None
    chaired_by: Code | None = None

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
            absences=[absence.model_dump() for absence in self.absences],
            votes=[vote.model_dump() for vote in self.votes],
            topics=list(self.topics),
            supervisors=None if self.supervisors is None else list(self.supervisors),
            chaired_by=self.chaired_by,
        )


class HoldMeeting(MinutesStated):
    """Record the minutes of a meeting that a cell held."""

    meeting: Code


class MinutesReplaced(MinutesStated):
    """The whole minutes anew, and why."""

    corrected_at: Instant
    reason: Text


class CorrectMinutes(MinutesReplaced):
    """Replace the minutes of a meeting."""

    meeting: Code


class Attendance(Command):
    """Who sat in, from which committee, with which cell, and when."""

    supervisor: Code
    superior: Code
    organization: Code
    attended_on: DayOn


class RecordSupervisorAttendance(Attendance):
    """Record that a member of a superior committee sat in a meeting."""

    meeting: Code


class TaskState(Command):
    """What a cell heard of a task at a later meeting; `organization` is the cell that met."""

    organization: Code
    state: Literal["DONE", "UNDER_WAY", "NOT_DONE"]
    at_meeting: Code
    reported_on: DayOn


class ReportTask(TaskState):
    """Record what became of a task, by its number in the minutes that set it."""

    meeting: Code
    task: TaskNumber


class Meetings:
    """The use cases of meetings."""

    def __init__(self, cells: Cells, packs: ScoringPacks) -> None:
        self.cells = cells
        self.store = cells.store
        self.packs = packs

    @retried
    async def schedule(self, command: ScheduleMeeting, origin: Origin) -> Receipt:
        """Call a meeting, or call it for another time.

        Raises UnknownOrganization, and what `Meeting.schedule` and `Meeting.announce` raise.
        """
        cell = await self.cells.find_on(command.organization, day_of(command.announced_at))
        meeting = await self._look_up(command.meeting)
        if meeting is None:
            meeting = Meeting.schedule(cell, command.meeting, command.call(), at=self.store.clock())
        else:
            meeting.announce(cell, command.call(), at=self.store.clock())
        return await self.store.record(meeting, origin=origin)

    @retried
    async def cancel(self, command: CancelMeeting, origin: Origin) -> Receipt:
        """Call one off. Raises UnknownOrganization, UnknownMeeting, and what `Meeting.cancel` raises."""
        cell = await self.cells.find_on(command.organization, day_of(command.cancelled_at))
        meeting = await self.known(command.meeting)
        meeting.cancel(cell, command.reason, cancelled_at=command.cancelled_at, at=self.store.clock())
        return await self.store.record(meeting, origin=origin)

    @retried
    async def hold(self, command: HoldMeeting, origin: Origin) -> Receipt:
        """Record a meeting. Most were not called here before, so that is tried first.

        Raises UnknownOrganization, and what `Meeting.hold` and `Meeting.take_minutes` raise.
        """
        cell = await self.cells.find_on(command.organization, day_of(command.held_at))
        meeting = Meeting.hold(cell, command.meeting, command.minutes(), at=self.store.clock())
        try:
            return await self.store.record(meeting, origin=origin)
        except AlreadyDone:
            raise
        except Conflict:
            meeting = await self.known(command.meeting)
        meeting.take_minutes(cell, command.minutes(), at=self.store.clock())
        return await self.store.record(meeting, origin=origin)

    @retried
    async def correct(self, command: CorrectMinutes, origin: Origin) -> Receipt:
        """Replace minutes. Raises UnknownOrganization, UnknownMeeting, and what `Meeting.correct` raises."""
        cell = await self.cells.find_on(command.organization, day_of(command.held_at))
        meeting = await self.known(command.meeting)
        why = {"corrected_at": command.corrected_at, "at": self.store.clock()}
        meeting.correct(cell, command.minutes(), command.reason, **why)
        return await self.store.record(meeting, origin=origin)

    @retried
    async def attend(self, command: RecordSupervisorAttendance, origin: Origin) -> Receipt:
        """Record a visit. Raises UnknownOrganization, UnknownMeeting, and what `Meeting.attend` raises."""
        cell = await self.cells.find_on(command.organization, command.attended_on)
        meeting = await self.known(command.meeting)
        who = command.supervisor, command.superior
        meeting.attend(cell, *who, attended_on=command.attended_on, at=self.store.clock())
        return await self.store.record(meeting, origin=origin)

    @retried
    async def report_task(self, command: ReportTask, origin: Origin) -> Receipt:
        """Record what became of a task.

        Raises UnknownOrganization, UnknownMeeting, NotHeldThere, and what `Meeting.report` raises.
        """
        meeting = await self.known(command.meeting)
        later = await self.known(command.at_meeting)
        if later.organization != command.organization:
            raise NotHeldThere(f"{later.code} was not held by {command.organization}")
        cell = await self.cells.find(meeting.organization)
        report = Report(command.task, command.state, command.reported_on)
        meeting.report(cell, report, later, at=self.store.clock())
        return await self.store.record(meeting, origin=origin, resting_on=[later])

    @retried
    async def score(self, command: ScoreMeeting, origin: Origin) -> Receipt:
        """Record a sheet of points.

        Raises UnknownScoringPack, UnknownOrganization, UnknownMeeting, and what `Meeting.score` raises.
        """
        pack = self.packs.find(command.pack)
        cell = await self.cells.find_on(command.organization, day_of(command.scored_at))
        meeting = await self.known(command.meeting)
        meeting.score(cell, pack, command.sheet(), at=self.store.clock())
        return await self.store.record(meeting, origin=origin)

    async def find(self, code: str) -> Meeting:
        """Return a meeting. Raises NotFound."""
        meeting = await self._look_up(code)
        if meeting is None:
            raise NotFound(f"no meeting {code}")
        return meeting

    async def known(self, code: str) -> Meeting:
        """Return a meeting that something rests on. Raises UnknownMeeting."""
        meeting = await self._look_up(code)
        if meeting is None:
            raise UnknownMeeting(f"no meeting {code} is recorded")
        return meeting

    async def _look_up(self, code: str) -> Meeting | None:
        return await self.store.look_up(Meeting, Meeting.id_for(code))
