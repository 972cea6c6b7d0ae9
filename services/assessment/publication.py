"""The border: each private fact, and what of it others may know. Here that is all: there are only codes."""

from collections.abc import Mapping
from typing import Any, TypeVar

from contracts import assessment as public
from contracts import assessment_meetings as meetings
from contracts.message import Event
from services.assessment.domain import CriteriaFramework, Meeting, ModelCell, SelfAssessment
from services.assessment.domain.minutes import Minuting

E = TypeVar("E", bound=Event)

PLAIN: Mapping[type, type[Event]] = {
    ModelCell.Selected: public.ModelCellSelected,
    Meeting.Scheduled: meetings.MeetingScheduled,
    Meeting.Announced: meetings.MeetingScheduled,
    Meeting.Cancelled: meetings.MeetingCancelled,
    Meeting.Attended: public.SupervisorAttended,
    Meeting.TaskReported: meetings.TaskReported,
    Meeting.Scored: meetings.MeetingScored,
}
"""Facts that are told as they are: the event has the fields of the fact, by the same names."""


def publish(fact: object) -> Event | None:
    """Return the public event for `fact`, or None if it stays private.

    Raises LookupError for a fact nobody has decided about, so that a new one stops the relay in a
    test rather than slipping out, or away, unnoticed.
    """
    if event := PLAIN.get(type(fact)):
        return plain(fact, event)
    match fact:
        case CriteriaFramework.Issued():
            return _issued(fact)
        case Minuting():
            return minutes(fact)
        case SelfAssessment.Submitted():
            return submitted(fact)
        case SelfAssessment.Corrected():
            return corrected(fact)
        case _:
            raise LookupError(f"undecided whether {type(fact).__name__} is public")


def plain(fact: object, event: type[E]) -> E:
    """Return what is told as it is."""
    return event.model_validate(_said(fact))


def minutes(fact: Minuting) -> public.MeetingHeld | meetings.MinutesCorrected:
    """Return minutes, those first taken or those that correct them, with who was summoned in one place."""
    summoned = {"full": fact.summoned_full, "probationary": fact.summoned_probationary}
    corrected = isinstance(fact, Meeting.MinutesCorrected)
    told = meetings.MinutesCorrected if corrected else public.MeetingHeld
    return told.model_validate(_said(fact) | {"summoned": summoned})


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
