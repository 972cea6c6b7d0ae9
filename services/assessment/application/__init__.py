"""Assessment's use cases: one command, one method, one transaction. A file for each aggregate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from services.assessment.application.agreement import Agreements, SignAgreement
from services.assessment.application.answers import (
    Acceptance,
    AcceptSelfAssessment,
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
from services.assessment.application.cells import Cells
from services.assessment.application.concern import (
    AcknowledgeConcern,
    AnswerConcern,
    AssignConcern,
    Concerns,
    ConfirmConcern,
    EscalateConcern,
    HearConcern,
    RaiseConcern,
    ReopenConcern,
    ResolveConcern,
    concern_rules,
)
from services.assessment.application.criteria import Pack, read_packs
from services.assessment.application.duty_packs import (
    DutyPacks,
    ExcuseObligation,
    PreviewObligations,
    RecomputeObligations,
)
from services.assessment.application.framework import (
    AdoptCriteriaFramework,
    CriteriaFrameworks,
    IssueCriteriaFramework,
)
from services.assessment.application.meeting import (
    Attendance,
    CancelMeeting,
    CorrectMinutes,
    HoldMeeting,
    Meetings,
    RecordSupervisorAttendance,
    ReportTask,
    ScheduleMeeting,
)
from services.assessment.application.model_cell import PACK, ModelCells, SelectModelCell
from services.assessment.application.movement import LaunchMovement, Movements
from services.assessment.application.obligation import Duties, Recordings
from services.assessment.application.registration import RegisterCell, Registrations
from services.assessment.application.replication import ReplicateModel, Replications
from services.assessment.application.scoring import ScoreMeeting, ScoringPacks, read_scoring_packs
from services.assessment.application.self_assessment import Measuring, SelfAssessments, submission_rules
from services.assessment.application.supervision import (
    AssignSupervision,
    EndSupervision,
    Supervisions,
    read_visit_rules,
)
from services.assessment.application.visit import ConfirmVisit, PlanVisit, ReportVisit, Visits, report_rules
from services.chassis.eventlog.store import Store
from services.chassis.stated import Parameters
from services.chassis.views.homes import Homes
from services.chassis.views.tree import Tree

__all__ = [
    "AcceptSelfAssessment",
    "Acceptance",
    "AcknowledgeConcern",
    "AdoptCriteriaFramework",
    "AnswerConcern",
    "Assessment",
    "AssignConcern",
    "AssignSupervision",
    "Attendance",
    "CancelMeeting",
    "ConfirmConcern",
    "ConfirmVisit",
    "CorrectMinutes",
    "CorrectSelfAssessment",
    "Correction",
    "EndSupervision",
    "EscalateConcern",
    "ExcuseObligation",
    "HearConcern",
    "HoldMeeting",
    "IssueCriteriaFramework",
    "LaunchMovement",
    "Pack",
    "PlanVisit",
    "PreviewObligations",
    "RaiseConcern",
    "RecomputeObligations",
    "RecordSupervisorAttendance",
    "RegisterCell",
    "ReopenConcern",
    "ReopenSubmission",
    "Reopening",
    "ReplicateModel",
    "ReportTask",
    "ReportVisit",
    "ResolveConcern",
    "RestateSelfAssessment",
    "Restatement",
    "Resubmission",
    "ResubmitSelfAssessment",
    "Return",
    "ReturnSelfAssessment",
    "ScheduleMeeting",
    "ScoreMeeting",
    "SelectModelCell",
    "SignAgreement",
    "SubmitSelfAssessment",
    "read_packs",
    "read_scoring_packs",
]


@dataclass(frozen=True)
class Assessment:
    """What happens in cells."""

    cells: Cells
    frameworks: CriteriaFrameworks
    model_cells: ModelCells
    meetings: Meetings
    self_assessments: SelfAssessments
    movements: Movements
    agreements: Agreements
    registrations: Registrations
    replications: Replications
    concerns: Concerns
    supervisions: Supervisions
    visits: Visits
    duties: Duties

    @classmethod
    def on(
        cls,
        store: Store,
        tree: Tree,
        recorded: Measuring,
        homes: Homes,
        packs: Mapping[str, Pack],
        scoring: ScoringPacks,
        owing: Recordings,
    ) -> Self:
        """Return the assessment that decides by `store`, `tree` and `homes`, and by what its views show."""
        cells = Cells(store, tree)
        frameworks = CriteriaFrameworks(cells, packs)
        meetings, submissions = Meetings(cells, scoring), submission_rules()
        return cls(
            cells,
            frameworks,
            ModelCells(cells, Parameters.read(PACK)),
            meetings,
            SelfAssessments(cells, frameworks, recorded, submissions),
            Movements(cells),
            Agreements(cells),
            Registrations(cells, frameworks, meetings),
            Replications(cells),
            Concerns(cells, meetings, concern_rules()),
            Supervisions(cells, homes, read_visit_rules()),
            Visits(cells, meetings, report_rules()),
            Duties(cells, DutyPacks.read(submissions), owing),
        )
