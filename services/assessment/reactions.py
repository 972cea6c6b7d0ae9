"""What assessment hears: districts' events, each applied as the command HTTP would be.

It follows two streams: REGISTRY for the tree, and its own for the frameworks in force.
"""

from collections.abc import Mapping
from typing import Any

from contracts import assessment as public
from contracts.message import Event
from services.assessment.application import (
    Assessment,
    CorrectSelfAssessment,
    HoldMeeting,
    IssueCriteriaFramework,
    RecordSupervisorAttendance,
    SelectModelCell,
    SubmitSelfAssessment,
)
from services.chassis.districts.intake import Check, Handler
from services.chassis.edge.auth import Rights
from services.chassis.eventlog.store import Origin, Receipt

COMPUTED = {"goods", "four_good"}
"""What assessment computes of a self-assessment itself, whatever the sender made of it."""


BEGINS = {"MeetingHeld": "meeting"}
"""Events that begin something of their own, by the field that names it: they need not wait for each other."""


def handlers(assessment: Assessment) -> Mapping[str, Handler]:
    """Return what is done with each event a district may publish here, by its name."""

    async def issue(event: public.CriteriaFrameworkIssued, origin: Origin) -> Receipt:
        command = IssueCriteriaFramework.model_validate(event.model_dump())
        return await assessment.issue_criteria_framework(command, origin)

    async def select(event: public.ModelCellSelected, origin: Origin) -> Receipt:
        command = SelectModelCell.model_validate(event.model_dump())
        return await assessment.select_model_cell(command, origin)

    async def hold(event: public.MeetingHeld, origin: Origin) -> Receipt:
        command = HoldMeeting.model_validate(event.model_dump())
        return await assessment.hold_meeting(command, origin)

    async def attend(event: public.SupervisorAttended, origin: Origin) -> Receipt:
        command = RecordSupervisorAttendance.model_validate(event.model_dump())
        return await assessment.record_supervisor_attendance(command, origin)

    async def submit(event: public.SelfAssessmentSubmitted, origin: Origin) -> Receipt:
        command = SubmitSelfAssessment.model_validate(event.model_dump(exclude=COMPUTED))
        return await assessment.submit_self_assessment(command, origin)

    async def correct(event: public.SelfAssessmentCorrected, origin: Origin) -> Receipt:
        command = CorrectSelfAssessment.model_validate(event.model_dump(exclude=COMPUTED))
        return await assessment.correct_self_assessment(command, origin)

    return {
        "CriteriaFrameworkIssued": issue,
        "ModelCellSelected": select,
        "MeetingHeld": hold,
        "SupervisorAttended": attend,
        "SelfAssessmentSubmitted": submit,
        "SelfAssessmentCorrected": correct,
    }


def check(rights: Rights) -> Check:
    """Return the rule on who may speak of what: a district of itself and of those beneath it."""

    async def may_speak(district: str, event: Any) -> None:
        assert isinstance(event, Event)
        await rights.check_district(district, event.organization)

    return may_speak
