"""What assessment decides, and when it refuses: one file for each aggregate, refusals first.

No I/O, no clock, no randomness: the same calls always give the same facts.
"""

from services.assessment.domain.adoption import Adoption
from services.assessment.domain.agreement import Agreement
from services.assessment.domain.calendar import Period
from services.assessment.domain.concern import Concern, ConcernRules, Taking
from services.assessment.domain.criteria import Answer, Good
from services.assessment.domain.form import Form
from services.assessment.domain.framework import CriteriaFramework
from services.assessment.domain.meeting import Meeting
from services.assessment.domain.minutes import Minutes
from services.assessment.domain.model_cell import ModelCell
from services.assessment.domain.movement import Movement
from services.assessment.domain.obligations import Obligations
from services.assessment.domain.organization import Organization
from services.assessment.domain.registration import Registration
from services.assessment.domain.replication import Replication
from services.assessment.domain.self_assessment import SelfAssessment
from services.assessment.domain.submission_lock import SubmissionLock, SubmissionRules, Window
from services.assessment.domain.supervision import Supervision
from services.assessment.domain.visit_plan import VisitPlan

__all__ = [
    "Adoption",
    "Agreement",
    "Answer",
    "Concern",
    "ConcernRules",
    "CriteriaFramework",
    "Form",
    "Good",
    "Meeting",
    "Minutes",
    "ModelCell",
    "Movement",
    "Obligations",
    "Organization",
    "Period",
    "Registration",
    "Replication",
    "SelfAssessment",
    "SubmissionLock",
    "SubmissionRules",
    "Supervision",
    "Taking",
    "VisitPlan",
    "Window",
]
