"""Every public event, by type. Adding one here is what makes it exist."""

from collections.abc import Iterable

from contracts import (
    assessment,
    assessment_concerns,
    assessment_duties,
    assessment_frameworks,
    assessment_meetings,
    assessment_movement,
    assessment_selves,
    assessment_visits,
    classification,
    notification,
    registry,
    registry_closings,
    registry_findings,
    registry_persons,
)
from contracts.message import Attributes, Event

CATALOGUE: dict[str, type[Event]] = {
    event.type: event
    for event in (
        registry.OrganizationFounded,
        registry.OrganizationRenamed,
        registry.OrganizationMoved,
        registry.OrganizationDissolved,
        registry.OrganizationMerged,
        registry.OrganizationSplit,
        registry.MemberAdmitted,
        registry.OfficialAppointed,
        registry.OfficialRelieved,
        registry.MemberRecognized,
        registry.RecognitionVoteFailed,
        registry.MemberReleased,
        registry.MemberTransferred,
        registry.MemberExempted,
        registry.MemberReinstated,
        registry.MembershipEnded,
        registry_findings.CellFellBelowMinimum,
        registry_findings.DeadlineNoted,
        registry_persons.MemberRestricted,
        registry_persons.RestrictionLifted,
        registry.AdmissionTargetSet,
        registry.TargetSet,
        registry_closings.PeriodClosed,
        assessment.CriteriaFrameworkIssued,
        assessment_frameworks.CriteriaFrameworkIssuedV2,
        assessment_frameworks.CriteriaFrameworkAdopted,
        assessment.ModelCellSelected,
        assessment_movement.MovementLaunched,
        assessment_movement.EmulationAgreementSigned,
        assessment_movement.CellRegistered,
        assessment_movement.ModelReplicated,
        assessment_visits.SupervisionAssigned,
        assessment_visits.SupervisionEnded,
        assessment_visits.VisitPlanned,
        assessment_visits.VisitConfirmed,
        assessment_visits.VisitMismatchNoted,
        assessment_visits.VisitMismatchSettled,
        assessment_visits.VisitReported,
        assessment.MeetingHeld,
        assessment.SupervisorAttended,
        assessment.SelfAssessmentSubmitted,
        assessment.SelfAssessmentCorrected,
        assessment_meetings.MeetingScheduled,
        assessment_meetings.MeetingCancelled,
        assessment_meetings.MinutesCorrected,
        assessment_meetings.TaskReported,
        assessment_meetings.MeetingScored,
        assessment_concerns.ConcernRaised,
        assessment_concerns.ConcernAcknowledged,
        assessment_concerns.ConcernAnswered,
        assessment_concerns.ConcernEscalated,
        assessment_concerns.ConcernHeard,
        assessment_concerns.ConcernAssigned,
        assessment_concerns.ConcernResolved,
        assessment_concerns.ConcernConfirmedToCell,
        assessment_concerns.ConcernReopened,
        assessment_selves.SelfAssessmentReturned,
        assessment_selves.SelfAssessmentResubmitted,
        assessment_selves.SelfAssessmentAccepted,
        assessment_selves.SelfAssessmentRestated,
        assessment_selves.SubmissionReopened,
        assessment_duties.ObligationsOpened,
        assessment_duties.ObligationEnded,
        assessment_duties.ObligationExcused,
        classification.CellClassified,
        notification.NoticeSent,
        notification.NoticeSentV2,
    )
}


def decode(message: Attributes) -> Event | None:
    """Return the event inside `message`, or None if its type is not in the catalogue.

    Raises pydantic.ValidationError if the type is known but the data breaks the contract.
    """
    event_type = CATALOGUE.get(message.type)
    return event_type.model_validate(message.data) if event_type else None


def published_by(service: str) -> list[type[Event]]:
    """Return the events `service` owns: those whose type begins with its name."""
    return [event for name, event in CATALOGUE.items() if name.startswith(f"{service}.")]


NOT_FROM_DISTRICTS: frozenset[type[Event]] = frozenset(
    {
        registry_findings.CellFellBelowMinimum,
        registry_findings.DeadlineNoted,
        registry_persons.MemberRestricted,
        registry_persons.RestrictionLifted,
        assessment_duties.ObligationsOpened,
        assessment_duties.ObligationEnded,
        assessment_visits.VisitMismatchNoted,
        assessment_visits.VisitMismatchSettled,
        notification.NoticeSent,
        notification.NoticeSentV2,
    }
)
"""What only a service itself can know."""


def _by_name(events: Iterable[type[Event]]) -> dict[str, tuple[type[Event], ...]]:
    """Return each name with its versions."""
    named: dict[str, tuple[type[Event], ...]] = {}
    for event in events:
        name = event.type.split(".")[1]
        named[name] = (*named.get(name, ()), event)
    return named


INTAKE_NAMES = _by_name(event for event in CATALOGUE.values() if event not in NOT_FROM_DISTRICTS)
"""The events a district may publish, by the name its subject ends in: in whichever version."""

INTAKE_OWNERS = tuple(
    dict.fromkeys(event.type.split(".")[0] for versions in INTAKE_NAMES.values() for event in versions)
)
"""The services that take events in: registry, assessment, classification."""
