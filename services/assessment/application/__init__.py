"""Assessment's use cases. Commands lie in a file for each aggregate; `use_cases` says what follows."""

from services.assessment.application.framework import IssueCriteriaFramework, Pack, read_packs
from services.assessment.application.meeting import Attendance, HoldMeeting, RecordSupervisorAttendance
from services.assessment.application.model_cell import SelectModelCell
from services.assessment.application.self_assessment import (
    Correction,
    CorrectSelfAssessment,
    SubmitSelfAssessment,
)
from services.assessment.application.use_cases import Assessment

__all__ = [
    "Assessment",
    "Attendance",
    "CorrectSelfAssessment",
    "Correction",
    "HoldMeeting",
    "IssueCriteriaFramework",
    "Pack",
    "RecordSupervisorAttendance",
    "SelectModelCell",
    "SubmitSelfAssessment",
    "read_packs",
]
