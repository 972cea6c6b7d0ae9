"""Self-assessments over HTTP: drafted, submitted, decided about, as they stand, and how they came to."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeVar, cast

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from contracts.assessment import CriterionCode, SelfAssessmentCorrected, SelfAssessmentSubmitted
from contracts.assessment_selves import (
    SelfAssessmentAccepted,
    SelfAssessmentRestated,
    SelfAssessmentResubmitted,
    SelfAssessmentReturned,
    SubmissionReopened,
)
from contracts.days import day_of
from contracts.message import Code, Instant
from contracts.vocabulary import Document, Figure, Line, Period, Word
from services.assessment.application import (
    Acceptance,
    AcceptSelfAssessment,
    Assessment,
    Correction,
    CorrectSelfAssessment,
    Reopening,
    ReopenSubmission,
    Restatement,
    RestateSelfAssessment,
    Resubmission,
    ResubmitSelfAssessment,
    Return,
    ReturnSelfAssessment,
    SubmitSelfAssessment,
)
from services.assessment.application.answers import Of
from services.assessment.domain import SelfAssessment, calendar
from services.assessment.domain.standing import NothingSubmitted, State, standing
from services.assessment.publication import publish, version
from services.assessment.views import Views
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt
from services.chassis.stated import Command

Named = Annotated[Code, Path()]
Assessed = Annotated[Period, Path(examples=["2024-11"])]
C = TypeVar("C", bound=Of)
Version = (
    SelfAssessmentRestated | SelfAssessmentCorrected | SelfAssessmentResubmitted | SelfAssessmentSubmitted
)


class SelfAssessmentShown(BaseModel):
    """A self-assessment as it stands: the submission, or the last version of it that counts.

    `resubmit_by` is stated while it is returned; `due_on` and `locked_from` are those of the period.
    """

    state: State
    stands: Version
    corrections: int
    resubmit_by: date | None
    due_on: date
    late: bool
    locked_from: date
    rules: str


class Step(BaseModel):
    """One thing told of a self-assessment: when it was recorded, and the day from which it counts."""

    type: str
    recorded_at: Instant
    on: date
    event: SelfAssessmentReturned | SelfAssessmentAccepted | SubmissionReopened | Version


class Drafted(BaseModel):
    """A criterion, and its answer as far as recorded meetings give it; the rest is for the cell to say.

    `measured_by` without a value: there was no meeting to measure it from.
    """

    criterion: CriterionCode
    name_vi: Line
    name_en: Line
    kind: str
    mandatory: bool
    points_max: Figure | None
    measured_by: Word | None
    value: Figure | None
    achieved: bool | None
    measured_from: list[Code]


class Draft(BaseModel):
    """What a cell is asked in a period, by the nearest framework in force when it ends."""

    organization: Code
    period: Period
    framework: Document
    to_adopt: bool
    """Whether the cell has to adopt the framework before it can submit."""
    results: list[Drafted]


def add_routes(router: APIRouter, assessment: Assessment, views: Views, rights: Rights, auth: Auth) -> None:
    """Add what is asked of self-assessments, and about them: answered from the log, so at once."""
    _add_cells_commands(router, assessment, rights, auth)
    _add_superiors_commands(router, assessment, rights, auth)
    _add_draft(router, assessment, views, rights, auth)
    _add_queries(router, assessment, rights, auth)


def _add_cells_commands(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    """Add what a cell does with its self-assessment."""
    request = Annotated[Asked, Depends(Asking(auth))]
    assessed = assessment.self_assessments

    @router.post("/self-assessments", status_code=201)
    async def submit(command: SubmitSelfAssessment, asked: request) -> Receipt:
        """Submit a cell's self-assessment of a month or a year."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessed.submit(command, asked.why)

    @router.post("/self-assessments/{organization}/{period}/corrections", status_code=201)
    async def correct(
        organization: Named, period: Assessed, correction: Correction, asked: request
    ) -> Receipt:
        """Correct a self-assessment before its superior accepts it, and say why."""
        await asked.require(rights, "officer", "secretary", over=[organization])
        return await assessed.correct(_of(CorrectSelfAssessment, organization, period, correction), asked.why)

    @router.post("/self-assessments/{organization}/{period}/resubmissions", status_code=201)
    async def resubmit(
        organization: Named, period: Assessed, resubmission: Resubmission, asked: request
    ) -> Receipt:
        """Submit again what the superior returned."""
        await asked.require(rights, "officer", "secretary", over=[organization])
        return await assessed.resubmit(
            _of(ResubmitSelfAssessment, organization, period, resubmission), asked.why
        )


def _add_superiors_commands(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    """Add what a superior decides: each needs an officer of the committee that is named as deciding."""
    request = Annotated[Asked, Depends(Asking(auth))]
    assessed = assessment.self_assessments

    @router.post("/self-assessments/{organization}/{period}/returns", status_code=201)
    async def send_back(organization: Named, period: Assessed, returned: Return, asked: request) -> Receipt:
        """Return a self-assessment to its cell, with the reasons and until when it may answer."""
        await asked.require(rights, "officer", over=[returned.returned_by])
        return await assessed.send_back(_of(ReturnSelfAssessment, organization, period, returned), asked.why)

    @router.post("/self-assessments/{organization}/{period}/acceptances", status_code=201)
    async def accept(
        organization: Named, period: Assessed, acceptance: Acceptance, asked: request
    ) -> Receipt:
        """Accept a self-assessment as the cell's result."""
        await asked.require(rights, "officer", over=[acceptance.accepted_by])
        return await assessed.accept(_of(AcceptSelfAssessment, organization, period, acceptance), asked.why)

    @router.post("/self-assessments/{organization}/{period}/restatements", status_code=201)
    async def restate(
        organization: Named, period: Assessed, restatement: Restatement, asked: request
    ) -> Receipt:
        """Replace an accepted result, and say why; what was reported before stays readable."""
        await asked.require(rights, "officer", over=[restatement.decided_by])
        return await assessed.restate(
            _of(RestateSelfAssessment, organization, period, restatement), asked.why
        )

    @router.post("/self-assessments/{organization}/{period}/reopenings", status_code=201)
    async def reopen(organization: Named, period: Assessed, reopening: Reopening, asked: request) -> Receipt:
        """Open a locked period to one cell, by a decision with a number, a date, a reason and an end."""
        await asked.require(rights, "officer", over=[reopening.reopened_by])
        return await assessed.reopen(_of(ReopenSubmission, organization, period, reopening), asked.why)


def _of(command: type[C], organization: str, period: str, stated: Command) -> C:
    return command(organization=organization, period=period, **dict(stated))


def _add_draft(router: APIRouter, assessment: Assessment, views: Views, rights: Rights, auth: Auth) -> None:
    """Add what a cell is to answer, filled in as far as its meetings answer it."""
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.get("/self-assessments/{organization}/{period}/draft")
    async def draft(organization: Named, period: Assessed, by: caller, after: Reading) -> Draft:
        """Show what a cell is asked in a period, with each value that its recorded meetings give."""
        await after.wait(views.frameworks, views.meetings)
        await rights.require(by, *READERS, over=[organization], after=after)
        asked_in, today = calendar.Period(period), assessment.cells.today()
        cell = await assessment.self_assessments.assessed(organization, asked_in, today)
        known = await views.frameworks.in_force(cell, asked_in.last_day)
        form = await assessment.frameworks.find_asking(cell, known, asked_in, today)
        figures = await assessment.self_assessments.figures(organization, form, asked_in)
        framework = form.framework
        return Draft(
            organization=organization,
            period=period,
            framework=Document(number=framework.number, date=date.fromisoformat(framework.dated)),
            to_adopt=framework.requires_adoption and not form.by_itself,
            results=[
                Drafted.model_validate(
                    vars(criterion) | vars(answer) | {"measured_from": list(answer.measured_from)}
                )
                for criterion, answer in form.draft(asked_in, figures)
            ],
        )


def _add_queries(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    """Add what is asked about self-assessments."""
    caller = Annotated[Caller, Depends(auth.caller)]
    assessed = assessment.self_assessments

    @router.get("/self-assessments/{organization}/{period}")
    async def self_assessment(
        organization: Named,
        period: Assessed,
        by: caller,
        known_at: Annotated[Instant | None, Query(description="as it was known at this instant")] = None,
    ) -> SelfAssessmentShown:
        """Show a self-assessment as it stands, or as it stood by what was recorded at an instant."""
        await rights.require(by, *READERS, over=[organization])
        known = await assessed.find(organization, period)
        try:
            now = standing(known.told, known_at=known_at)
        except NothingSubmitted as nothing:
            raise NotFound(f"{organization} {period}: {nothing}") from nothing
        counted = [one for one in known.told if known_at is None or one.timestamp <= known_at]
        named, rules = calendar.Period(period), assessed.rules
        due_on = rules.due_on(named)
        by_day = date.fromisoformat(now.resubmit_by) if now.resubmit_by else None
        return SelfAssessmentShown(
            state=now.state,
            stands=cast("Version", version(now.version)),
            corrections=sum(isinstance(one, SelfAssessment.Corrected) for one in counted),
            resubmit_by=by_day if now.state == "RETURNED" else None,
            due_on=due_on,
            late=known.told[0].on > due_on.isoformat(),
            locked_from=rules.locked_from(named),
            rules=rules.name,
        )

    @router.get("/self-assessments/{organization}/{period}/history")
    async def history(organization: Named, period: Assessed, by: caller) -> Sequence[Step]:
        """Show all that was told of a cell's period, in the order in which it was recorded."""
        await rights.require(by, *READERS, over=[organization])
        opened = [(one, publish(one)) for one in await assessed.reopened(organization, period)]
        try:
            said = [(one, publish(one)) for one in (await assessed.find(organization, period)).told]
        except NotFound:
            if not opened:
                raise
            said = []
        steps = sorted([*opened, *said], key=lambda step: step[0].timestamp)
        return [
            Step(
                type=event.type,
                recorded_at=fact.timestamp,
                on=day_of(event.occurred_at),
                event=cast("Version", event),
            )
            for fact, event in steps
            if event
        ]
