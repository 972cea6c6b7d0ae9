"""Self-assessments over HTTP: drafted from what was recorded, submitted, corrected, and as they stand."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from contracts.assessment import CriterionCode, SelfAssessmentCorrected, SelfAssessmentSubmitted
from contracts.message import Code
from contracts.vocabulary import Document, Figure, Line, Period, Word
from services.assessment.application import (
    Assessment,
    Correction,
    CorrectSelfAssessment,
    SubmitSelfAssessment,
)
from services.assessment.domain import SelfAssessment, calendar
from services.assessment.publication import corrected, submitted
from services.assessment.views import Views
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt

Named = Annotated[Code, Path()]
Assessed = Annotated[Period, Path(examples=["2024-11"])]


class SelfAssessmentShown(BaseModel):
    """A self-assessment as it stands: the submission, or the last correction of it."""

    stands: SelfAssessmentCorrected | SelfAssessmentSubmitted
    corrections: int


class Drafted(BaseModel):
    """A criterion, and its answer as far as recorded meetings give it; the rest is for the cell to say.

    `measured_by` without a value: there was no meeting to measure it from.
    """

    criterion: CriterionCode
    name_vi: Line
    name_en: Line
    kind: str
    measured_by: Word | None
    value: Figure | None
    achieved: bool | None
    measured_from: list[Code]


class Draft(BaseModel):
    """What a cell is asked in a period, by the nearest framework in force when it ends."""

    organization: Code
    period: Period
    framework: Document
    results: list[Drafted]


def add_routes(router: APIRouter, assessment: Assessment, views: Views, rights: Rights, auth: Auth) -> None:
    """Add what is asked of self-assessments, and about them: answered from the log, so at once."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/self-assessments", status_code=201)
    async def submit(command: SubmitSelfAssessment, asked: request) -> Receipt:
        """Submit a cell's self-assessment of a month or a year."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.self_assessments.submit(command, asked.why)

    @router.post("/self-assessments/{organization}/{period}/corrections", status_code=201)
    async def correct(
        organization: Named, period: Assessed, correction: Correction, asked: request
    ) -> Receipt:
        """Correct a self-assessment, and say why."""
        await asked.require(rights, "officer", "secretary", over=[organization])
        command = CorrectSelfAssessment(organization=organization, period=period, **dict(correction))
        return await assessment.self_assessments.correct(command, asked.why)

    @router.get("/self-assessments/{organization}/{period}/draft")
    async def draft(organization: Named, period: Assessed, by: caller, after: Reading) -> Draft:
        """Show what a cell is asked in a period, with each value that its recorded meetings give."""
        await after.wait(views.frameworks, views.meetings)
        await rights.require(by, *READERS, over=[organization], after=after)
        cell = await assessment.cells.find(organization)
        asked_in = calendar.Period(period)
        known = await views.frameworks.in_force(cell.path, asked_in.last_day)
        framework = await assessment.frameworks.find_asking(cell, known, asked_in)
        figures = await assessment.self_assessments.figures(organization, framework, asked_in)
        return Draft(
            organization=organization,
            period=period,
            framework=Document(number=framework.number, date=date.fromisoformat(framework.dated)),
            results=[
                Drafted.model_validate(
                    vars(criterion) | vars(answer) | {"measured_from": list(answer.measured_from)}
                )
                for criterion, answer in framework.draft(asked_in, figures)
            ],
        )

    @router.get("/self-assessments/{organization}/{period}")
    async def self_assessment(organization: Named, period: Assessed, by: caller) -> SelfAssessmentShown:
        """Show a self-assessment as it stands after its corrections."""
        await rights.require(by, *READERS, over=[organization])
        known = await assessment.self_assessments.find(organization, period)
        return SelfAssessmentShown(stands=_stands(known), corrections=known.version - 1)


def _stands(known: SelfAssessment) -> SelfAssessmentCorrected | SelfAssessmentSubmitted:
    if isinstance(known.latest, SelfAssessment.Corrected):
        return corrected(known.latest)
    return submitted(known.latest)
