"""What assessment hears: districts' events, each applied as the command HTTP would be.

It follows two streams: REGISTRY for the tree, and its own for what stands in its views.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from contracts.assessment_concerns import Concern
from contracts.assessment_visits import VisitConfirmed
from contracts.message import Event
from services.assessment.application import (
    AcceptSelfAssessment,
    AcknowledgeConcern,
    AdoptCriteriaFramework,
    AnswerConcern,
    Assessment,
    AssignConcern,
    AssignSupervision,
    CancelMeeting,
    ConfirmConcern,
    ConfirmVisit,
    CorrectMinutes,
    CorrectSelfAssessment,
    EndSupervision,
    EscalateConcern,
    ExcuseObligation,
    HearConcern,
    HoldMeeting,
    IssueCriteriaFramework,
    LaunchMovement,
    PlanVisit,
    RaiseConcern,
    RecordSupervisorAttendance,
    RegisterCell,
    ReopenConcern,
    ReopenSubmission,
    ReplicateModel,
    ReportTask,
    ReportVisit,
    ResolveConcern,
    RestateSelfAssessment,
    ResubmitSelfAssessment,
    ReturnSelfAssessment,
    ScheduleMeeting,
    ScoreMeeting,
    SelectModelCell,
    SignAgreement,
    SubmitSelfAssessment,
)
from services.chassis.districts.deciding import C, Check, Handler, stated
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Origin, Receipt

COMPUTED = {
    "goods": True,
    "four_good": True,
    "admitted_by": True,
    "points": True,
    "level": True,
    "adopted": True,
    "results": {"__all__": {"measured_from"}},
}
"""What assessment computes of a self-assessment itself, whatever the sender made of it."""

SCORED = {"total", "level"}
"""What it computes of a meeting's points."""

DUE = {"due_on", "rules"}
"""What it computes of a report on a visit."""

CLOCK = {"acknowledge_by", "rules", "calendar"}
"""What it computes of a concern."""


BEGINS = {"MeetingHeld": "meeting", "ModelReplicated": "replication", "ConcernRaised": "concern"}
"""Events that begin something of their own, by the field that names it: they need not wait for each other."""

DECIDED_BY = ("returned_by", "accepted_by", "decided_by", "reopened_by", "excused_by")
"""Fields that name the superior who decided about a self-assessment or an obligation."""


def handlers(assessment: Assessment) -> Mapping[str, Handler]:
    """Return what is done with each event a district may publish here, by its name."""
    assessed, concerns = assessment.self_assessments, assessment.concerns
    return {
        "CriteriaFrameworkIssued": stated(IssueCriteriaFramework, assessment.frameworks.issue),
        "CriteriaFrameworkAdopted": stated(
            AdoptCriteriaFramework, assessment.frameworks.adopt, but={"issuer"}
        ),
        "ModelCellSelected": stated(SelectModelCell, assessment.model_cells.select),
        "MovementLaunched": stated(LaunchMovement, assessment.movements.launch),
        "EmulationAgreementSigned": stated(SignAgreement, assessment.agreements.sign, but={"complete"}),
        "CellRegistered": stated(RegisterCell, assessment.registrations.register, but={"resolution"}),
        "ModelReplicated": stated(ReplicateModel, assessment.replications.replicate),
        "SupervisionAssigned": stated(AssignSupervision, assessment.supervisions.assign, but={"minimum"}),
        "SupervisionEnded": stated(EndSupervision, assessment.supervisions.end),
        "VisitPlanned": stated(PlanVisit, assessment.visits.plan),
        "VisitConfirmed": stated(ConfirmVisit, assessment.visits.confirm),
        "VisitReported": stated(ReportVisit, assessment.visits.report, but=DUE),
        "MeetingHeld": stated(HoldMeeting, assessment.meetings.hold),
        "SupervisorAttended": stated(RecordSupervisorAttendance, assessment.meetings.attend),
        "MeetingScheduled": stated(ScheduleMeeting, assessment.meetings.schedule),
        "MeetingCancelled": stated(CancelMeeting, assessment.meetings.cancel),
        "MinutesCorrected": stated(CorrectMinutes, assessment.meetings.correct),
        "TaskReported": stated(ReportTask, assessment.meetings.report_task),
        "MeetingScored": stated(ScoreMeeting, assessment.meetings.score, but=SCORED),
        "SelfAssessmentSubmitted": stated(SubmitSelfAssessment, assessed.submit, but=COMPUTED),
        "SelfAssessmentCorrected": stated(CorrectSelfAssessment, assessed.correct, but=COMPUTED),
        "ConcernRaised": stated(RaiseConcern, concerns.put, but=CLOCK),
        "ConcernAcknowledged": of_concern(AcknowledgeConcern, concerns.acknowledge),
        "ConcernAnswered": of_concern(AnswerConcern, concerns.answer),
        "ConcernEscalated": of_concern(EscalateConcern, concerns.escalate),
        "ConcernHeard": of_concern(HearConcern, concerns.hear),
        "ConcernAssigned": of_concern(AssignConcern, concerns.assign),
        "ConcernResolved": of_concern(ResolveConcern, concerns.resolve),
        "ConcernConfirmedToCell": of_concern(ConfirmConcern, concerns.confirm),
        "ConcernReopened": of_concern(ReopenConcern, concerns.reopen),
        "SelfAssessmentReturned": stated(ReturnSelfAssessment, assessed.send_back),
        "SelfAssessmentResubmitted": stated(ResubmitSelfAssessment, assessed.resubmit, but=COMPUTED),
        "SelfAssessmentAccepted": stated(AcceptSelfAssessment, assessed.accept),
        "SelfAssessmentRestated": stated(RestateSelfAssessment, assessed.restate, but=COMPUTED),
        "SubmissionReopened": stated(ReopenSubmission, assessed.reopen),
        "ObligationExcused": stated(ExcuseObligation, assessment.duties.excuse),
    }


def of_concern(command: type[C], use_case: Callable[..., Awaitable[Receipt]]) -> Handler:
    """Return the handler of what became of a concern, which the event names beside what the command says."""

    async def ask(event: Concern, origin: Origin) -> Receipt:
        said = event.model_dump(exclude={"concern", "organization"} - set(command.model_fields))
        cell = {} if "organization" in said else {"cell": event.organization}
        return await use_case(event.concern, command.model_validate(said), origin, **cell)

    return ask


def check(rights: Rights) -> Check:
    """Return the rule on who may speak of what: a district of itself and of those beneath it.

    So too of what was decided there: what stands above a district tells its decisions itself.
    """

    async def may_speak(district: str, event: Any) -> None:
        assert isinstance(event, Event)
        deciding = [getattr(event, name) for name in DECIDED_BY if hasattr(event, name)]
        if isinstance(event, VisitConfirmed) and event.side == "SUPERIOR":
            deciding.append(event.superior)
        for named in (event.organization, *deciding):
            await rights.check_district(district, named)

    return may_speak
