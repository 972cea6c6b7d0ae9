"""What assessment hears: districts' events, each applied as the command HTTP would be.

It follows two streams: REGISTRY for the tree, and its own for what stands in its views.
"""

from collections.abc import Mapping
from typing import Any

from contracts.message import Event
from services.assessment.application import (
    Assessment,
    CancelMeeting,
    CorrectMinutes,
    CorrectSelfAssessment,
    HoldMeeting,
    IssueCriteriaFramework,
    LaunchMovement,
    RecordSupervisorAttendance,
    RegisterCell,
    ReplicateModel,
    ReportTask,
    ScheduleMeeting,
    ScoreMeeting,
    SelectModelCell,
    SignAgreement,
    SubmitSelfAssessment,
)
from services.chassis.districts.intake import Check, Handler, stated
from services.chassis.edge.rights import Rights

COMPUTED = {"goods", "four_good"}
"""What assessment computes of a self-assessment itself, whatever the sender made of it."""

SCORED = {"total", "level"}
"""What it computes of a meeting's points."""


BEGINS = {"MeetingHeld": "meeting", "ModelReplicated": "replication"}
"""Events that begin something of their own, by the field that names it: they need not wait for each other."""


def handlers(assessment: Assessment) -> Mapping[str, Handler]:
    """Return what is done with each event a district may publish here, by its name."""
    assessed = assessment.self_assessments
    return {
        "CriteriaFrameworkIssued": stated(IssueCriteriaFramework, assessment.frameworks.issue),
        "ModelCellSelected": stated(SelectModelCell, assessment.model_cells.select),
        "MovementLaunched": stated(LaunchMovement, assessment.movements.launch),
        "EmulationAgreementSigned": stated(SignAgreement, assessment.agreements.sign, but={"complete"}),
        "CellRegistered": stated(RegisterCell, assessment.registrations.register, but={"resolution"}),
        "ModelReplicated": stated(ReplicateModel, assessment.replications.replicate),
        "MeetingHeld": stated(HoldMeeting, assessment.meetings.hold),
        "SupervisorAttended": stated(RecordSupervisorAttendance, assessment.meetings.attend),
        "MeetingScheduled": stated(ScheduleMeeting, assessment.meetings.schedule),
        "MeetingCancelled": stated(CancelMeeting, assessment.meetings.cancel),
        "MinutesCorrected": stated(CorrectMinutes, assessment.meetings.correct),
        "TaskReported": stated(ReportTask, assessment.meetings.report_task),
        "MeetingScored": stated(ScoreMeeting, assessment.meetings.score, but=SCORED),
        "SelfAssessmentSubmitted": stated(SubmitSelfAssessment, assessed.submit, but=COMPUTED),
        "SelfAssessmentCorrected": stated(CorrectSelfAssessment, assessed.correct, but=COMPUTED),
    }


def check(rights: Rights) -> Check:
    """Return the rule on who may speak of what: a district of itself and of those beneath it."""

    async def may_speak(district: str, event: Any) -> None:
        assert isinstance(event, Event)
        await rights.check_district(district, event.organization)

    return may_speak
