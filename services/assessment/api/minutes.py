"""A meeting as it is shown: without those who restrict the use of their data, who are only counted."""

from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel

from contracts.assessment import MeetingHeld
from contracts.assessment_meetings import (
    MeetingCancelled,
    MeetingScheduled,
    MeetingScored,
    MinutesCorrected,
    TaskReported,
)
from contracts.assessment_visits import VisitReported
from contracts.message import Code, DayOn
from contracts.vocabulary import Text
from services.assessment.domain import Meeting
from services.assessment.domain.figures import running
from services.assessment.domain.minutes import Minuting
from services.assessment.publication import minutes, plain
from services.assessment.views import Meetings, Roll, Views
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree

RUNNING_SHOWN = 3
"""12-HD/BTCTW (2018): no more than three absences with reason running; whoever reaches them is shown."""


class TaskShown(BaseModel):
    """A task of the meeting by its number, and what was last heard of it; OPEN until then."""

    number: int
    member: Code
    what: Text
    due_on: DayOn
    state: Literal["OPEN", "DONE", "UNDER_WAY", "NOT_DONE"] = "OPEN"
    at_meeting: Code | None = None
    reported_on: DayOn | None = None


class AbsentAgain(BaseModel):
    """A member who was excused at this meeting and at those of the year just before it, oldest first."""

    member: Code
    meetings: list[Code]


class RollShown(BaseModel):
    """The members of the cell on the day of the meeting; whether others were summoned is told, not judged.

    Members away for a while or exempted need not be summoned, and news of members may be late.
    """

    full: int
    probationary: int
    differs: bool


class VisitShown(BaseModel):
    """What the supervisor and the cell say of a visit, null for nothing, and what counts: `attended`.

    That is null while they differ (`disputed`) and nobody above has decided.
    """

    supervisor: Code
    superior: Code
    by_supervisor: bool | None
    by_cell: bool | None
    attended: bool | None
    disputed: bool
    report: VisitReported | None


class MeetingShown(BaseModel):
    """A meeting as it was recorded, and the codes of the supervisors who sat in.

    `held` are the minutes that count. `withheld` counts the tasks, absences and supervisors not shown: of
    members who restrict the use of their data.
    """

    called: MeetingScheduled | None
    cancelled: MeetingCancelled | None
    held: MinutesCorrected | MeetingHeld | None
    roll: RollShown | None
    corrections: int
    supervisors: list[Code]
    visits: list[VisitShown]
    tasks: list[TaskShown]
    excused_running: list[AbsentAgain]
    scores: list[MeetingScored]
    withheld: int


async def shown(known: Meeting, views: Views, tree: Tree, restrictions: Restrictions) -> MeetingShown:
    """Return a meeting as it is shown to whoever may see it."""
    told = minutes(known.minutes) if known.minutes else None
    rows = await excused_running(known, views.meetings) if known.minutes else {}
    again = {member: missed for member, missed in rows.items() if len(missed) >= RUNNING_SHOWN}
    visitors = {said.supervisor: said.superior for said in (*known.words, *known.visits)}
    named = {*visitors, *again, *(_members(told) if told else ())}
    hidden = await restrictions.among(named)
    tasks = [task for task in _tasks(known, told) if task.member not in hidden] if told else []
    seen = _without(told, hidden) if told else None
    withheld = len(visitors.keys() & hidden)
    if told and seen:
        withheld += sum(len(part) for part in _named(told)) - sum(len(part) for part in _named(seen))
    return MeetingShown(
        called=plain(known.call, MeetingScheduled) if known.call else None,
        cancelled=plain(known.cancelled, MeetingCancelled) if known.cancelled else None,
        held=seen,
        roll=await _roll(known.minutes, views.roll, tree) if known.minutes else None,
        corrections=max(0, len(known.versions) - 1),
        supervisors=sorted(known.supervisors - hidden),
        visits=[_visit(known, who, visitors[who]) for who in sorted(visitors.keys() - hidden)],
        tasks=tasks,
        excused_running=[AbsentAgain(member=m, meetings=row) for m, row in again.items() if m not in hidden],
        scores=[plain(sheet, MeetingScored) for sheet in known.sheets],
        withheld=withheld,
    )


def _visit(known: Meeting, supervisor: str, superior: str) -> VisitShown:
    reports = [plain(one, VisitReported) for one in known.reported if one.supervisor == supervisor]
    return VisitShown(
        supervisor=supervisor,
        superior=superior,
        by_supervisor=known.stated(supervisor),
        by_cell=known.seen(supervisor),
        attended=known.attended(supervisor),
        disputed=supervisor in known.disputed,
        report=reports[0] if reports else None,
    )


async def _roll(held: Minuting, roll: Roll, tree: Tree) -> RollShown:
    here = [held.organization, *await tree.lying(held.organization, held.held_on)]
    members = await roll.on(here, held.held_on)
    summoned = held.summoned_full, held.summoned_probationary
    return RollShown(**vars(members), differs=summoned != (members.full, members.probationary))


async def excused_running(known: Meeting, meetings: Meetings) -> dict[str, list[str]]:
    """Return the meetings of the year that each who is excused has missed in a row, up to this one.

    Its own minutes are read from the log, those of earlier meetings from the view.
    """
    year = await meetings.excused(known.organization, known.held.held_on)
    before = [one for one in year if one[0] != known.code]
    excused = [absence["member"] for absence in known.held.absences if absence["excused"]]
    return running([*before, (known.code, excused)])


def _tasks(known: Meeting, told: MeetingHeld | MinutesCorrected) -> list[TaskShown]:
    states = {number: plain(one, TaskReported) for number, one in known.tasks.items()}
    heard = {"state", "at_meeting", "reported_on"}
    return [
        TaskShown(
            number=number,
            **task.model_dump(),
            **(states[number].model_dump(include=heard) if number in states else {}),
        )
        for number, task in enumerate(told.tasks, 1)
    ]


def _named(told: MeetingHeld | MinutesCorrected) -> tuple[Collection[object], ...]:
    """Return what names somebody, part by part."""
    return told.tasks, told.absences, told.supervisors, [told.chaired_by] if told.chaired_by else []


def _members(told: MeetingHeld | MinutesCorrected) -> set[str]:
    named = (task.member for task in told.tasks), (absence.member for absence in told.absences)
    return {*(member for part in named for member in part), *told.supervisors, told.chaired_by or ""} - {""}


def _without(told: MeetingHeld | MinutesCorrected, hidden: Collection[str]) -> MeetingHeld | MinutesCorrected:
    return told.model_copy(
        update={
            "tasks": tuple(task for task in told.tasks if task.member not in hidden),
            "absences": tuple(one for one in told.absences if one.member not in hidden),
            "supervisors": tuple(one for one in told.supervisors if one not in hidden),
            "chaired_by": None if told.chaired_by in hidden else told.chaired_by,
        }
    )
