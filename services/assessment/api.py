"""Assessment over HTTP: body -> command -> use case -> receipt; questions -> the log, or a view."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from contracts.assessment import (
    CriteriaFrameworkIssued,
    MeetingHeld,
    SelfAssessmentCorrected,
    SelfAssessmentSubmitted,
)
from contracts.days import day_of
from contracts.message import Code, DayOn
from contracts.vocabulary import Period
from services.assessment.application import (
    Assessment,
    Attendance,
    Correction,
    CorrectSelfAssessment,
    HoldMeeting,
    IssueCriteriaFramework,
    Pack,
    RecordSupervisorAttendance,
    SelectModelCell,
    SubmitSelfAssessment,
)
from services.assessment.domain import SelfAssessment
from services.assessment.publication import corrected, held, submitted
from services.assessment.views import Frameworks
from services.chassis.edge.auth import Auth, Caller, Rights
from services.chassis.edge.examples import exemplify, story
from services.chassis.edge.http import Asked, Asking, Reading
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt
from services.chassis.views.restrictions import Restrictions

Named = Annotated[Code, Path()]
Assessed = Annotated[Period, Path(examples=["2024-11"])]


class MeetingShown(BaseModel):
    """A meeting as it was recorded, and the codes of the supervisors who sat in.

    `withheld` counts the tasks and supervisors not shown: of members who restrict the use of their data.
    """

    held: MeetingHeld
    supervisors: list[Code]
    withheld: int


class SelfAssessmentShown(BaseModel):
    """A self-assessment as it stands: the submission, or the last correction of it."""

    stands: SelfAssessmentCorrected | SelfAssessmentSubmitted
    corrections: int


def routes(
    assessment: Assessment, frameworks: Frameworks, restrictions: Restrictions, rights: Rights, auth: Auth
) -> APIRouter:
    """Return assessment's routes: each needs a role, and rights over the organization it is about."""
    router = APIRouter(tags=["assessment"])
    router.include_router(_commands(assessment, rights, auth))
    router.include_router(_questions(assessment, frameworks, restrictions, rights, auth))
    return router


def _commands(assessment: Assessment, rights: Rights, auth: Auth) -> APIRouter:
    """Return the routes that decide. `after=registry:<position>` waits until the tree has read that far."""
    router = APIRouter()
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/frameworks", status_code=201)
    async def issue(command: IssueCriteriaFramework, asked: request) -> Receipt:
        """Issue a criteria framework, from goods stated or from a pack."""
        await asked.require(rights, "officer", over=[command.organization])
        return await assessment.issue_criteria_framework(command, asked.why)

    @router.post("/model-cells", status_code=201)
    async def select(command: SelectModelCell, asked: request) -> Receipt:
        """Select a pilot or model cell."""
        await asked.require(rights, "officer", over=[command.organization])
        return await assessment.select_model_cell(command, asked.why)

    @router.post("/meetings", status_code=201)
    async def hold(command: HoldMeeting, asked: request) -> Receipt:
        """Record a meeting that a cell held."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.hold_meeting(command, asked.why)

    @router.post("/meetings/{meeting}/attendances", status_code=201)
    async def attend(meeting: Named, attendance: Attendance, asked: request) -> Receipt:
        """Record that a member of a superior committee sat in."""
        await asked.require(rights, "officer", "secretary", over=[attendance.organization])
        command = RecordSupervisorAttendance(meeting=meeting, **dict(attendance))
        return await assessment.record_supervisor_attendance(command, asked.why)

    @router.post("/self-assessments", status_code=201)
    async def submit(command: SubmitSelfAssessment, asked: request) -> Receipt:
        """Submit a cell's self-assessment of a month or a year."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.submit_self_assessment(command, asked.why)

    @router.post("/self-assessments/{organization}/{period}/corrections", status_code=201)
    async def correct(
        organization: Named, period: Assessed, correction: Correction, asked: request
    ) -> Receipt:
        """Correct a self-assessment, and say why."""
        await asked.require(rights, "officer", "secretary", over=[organization])
        command = CorrectSelfAssessment(organization=organization, period=period, **dict(correction))
        return await assessment.correct_self_assessment(command, asked.why)

    exemplify(router, story(__file__))
    return router


def _questions(
    assessment: Assessment, frameworks: Frameworks, restrictions: Restrictions, rights: Rights, auth: Auth
) -> APIRouter:
    """Return the routes that show. Only the frameworks come from a view, so only they know `after`."""
    router = APIRouter()
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.get("/meetings/{meeting}")
    async def meeting(meeting: Named, by: caller) -> MeetingShown:
        """Show a meeting and who sat in."""
        by.require("officer", "secretary", "auditor")
        known = await assessment.meeting(meeting)
        await rights.check(by, known.held.organization)
        told = held(known.held)
        named = {*known.supervisors, *(task.member for task in told.tasks)}
        hidden = await restrictions.among(named)
        tasks = tuple(task for task in told.tasks if task.member not in hidden)
        supervisors = sorted(known.supervisors - hidden)
        withheld = len(told.tasks) - len(tasks) + len(known.supervisors) - len(supervisors)
        shown = told.model_copy(update={"tasks": tasks})
        return MeetingShown(held=shown, supervisors=supervisors, withheld=withheld)

    @router.get("/self-assessments/{organization}/{period}")
    async def self_assessment(organization: Named, period: Assessed, by: caller) -> SelfAssessmentShown:
        """Show a self-assessment as it stands after its corrections."""
        by.require("officer", "secretary", "auditor")
        await rights.check(by, organization)
        known = await assessment.self_assessment(organization, period)
        return SelfAssessmentShown(stands=_stands(known), corrections=known.version - 1)

    @router.get("/frameworks")
    async def in_force(
        organization: Annotated[Code, Query()],
        by: caller,
        after: Reading,
        on: Annotated[DayOn | None, Query(description="a day; today unless stated")] = None,
    ) -> list[CriteriaFrameworkIssued]:
        """List the frameworks in force for an organization, its own and those from above, nearest first."""
        by.require("officer", "secretary", "auditor")
        await after.wait(frameworks)
        await rights.check(by, organization)
        node = await rights.tree.find(organization)
        if node is None:
            raise NotFound(f"no organization {organization}")
        return await frameworks.in_force(node.path, on or day_of(assessment.store.clock()))

    @router.get("/packs")
    async def packs(by: caller) -> list[Pack]:
        """List the packs of criteria that a framework may be issued from."""
        by.require("officer", "secretary", "auditor")
        return list(assessment.packs.values())

    return router


def _stands(known: SelfAssessment) -> SelfAssessmentCorrected | SelfAssessmentSubmitted:
    if isinstance(known.latest, SelfAssessment.Corrected):
        return corrected(known.latest)
    return submitted(known.latest)
