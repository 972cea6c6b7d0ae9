"""The border: each private fact, and what of it others may know. Here that is all: there are only codes."""

from typing import Any

from contracts import assessment as public
from contracts.message import Event
from services.assessment.domain import CriteriaFramework, Meeting, ModelCell, SelfAssessment


def publish(fact: object) -> Event | None:
    """Return the public event for `fact`, or None if it stays private.

    Raises LookupError for a fact nobody has decided about, so that a new one stops the relay in a
    test rather than slipping out, or away, unnoticed.
    """
    match fact:
        case CriteriaFramework.Issued():
            return _issued(fact)
        case ModelCell.Selected():
            return public.ModelCellSelected.model_validate(_said(fact))
        case Meeting.Held():
            return held(fact)
        case Meeting.Attended():
            return public.SupervisorAttended.model_validate(_said(fact))
        case SelfAssessment.Submitted():
            return submitted(fact)
        case SelfAssessment.Corrected():
            return corrected(fact)
        case _:
            raise LookupError(f"undecided whether {type(fact).__name__} is public")


def held(fact: Meeting.Held) -> public.MeetingHeld:
    """Return the meeting with those who were summoned in one place."""
    summoned = {"full": fact.summoned_full, "probationary": fact.summoned_probationary}
    return public.MeetingHeld.model_validate(_said(fact) | {"summoned": summoned})


def submitted(fact: SelfAssessment.Submitted) -> public.SelfAssessmentSubmitted:
    """Return the self-assessment with what its answers amount to."""
    return public.SelfAssessmentSubmitted.model_validate(_said(fact) | _document(fact))


def corrected(fact: SelfAssessment.Corrected) -> public.SelfAssessmentCorrected:
    """Return the corrected self-assessment with the reason."""
    return public.SelfAssessmentCorrected.model_validate(_said(fact) | _document(fact))


def _issued(fact: CriteriaFramework.Issued) -> public.CriteriaFrameworkIssued:
    """Return the framework without the name of the pack: its goods are all there."""
    return public.CriteriaFrameworkIssued.model_validate(_said(fact) | _document(fact))


def _document(
    fact: CriteriaFramework.Issued | SelfAssessment.Submitted | SelfAssessment.Corrected,
) -> dict[str, Any]:
    return {"framework": {"number": fact.number, "date": fact.dated}}


def _said(fact: object) -> dict[str, Any]:
    """Return the fact's fields; a contract takes those it knows, by the same names."""
    return dict(vars(fact))
