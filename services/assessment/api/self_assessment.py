"""Self-assessments over HTTP: submitted, corrected, and as they stand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from contracts.assessment import SelfAssessmentCorrected, SelfAssessmentSubmitted
from contracts.message import Code
from contracts.vocabulary import Period
from services.assessment.application import (
    Assessment,
    Correction,
    CorrectSelfAssessment,
    SubmitSelfAssessment,
)
from services.assessment.domain import SelfAssessment
from services.assessment.publication import corrected, submitted
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


def add_routes(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
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
