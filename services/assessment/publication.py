"""The border: each private fact, and what of it others may know. Here that is all: there are only codes."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from contracts import assessment as public
from contracts import assessment_concerns as concerns
from contracts import assessment_duties as duties
from contracts import assessment_meetings as meetings
from contracts import assessment_movement as movement
from contracts import assessment_selves as selves
from contracts import assessment_visits as visits
from contracts.assessment_frameworks import CriteriaFrameworkAdopted, CriteriaFrameworkIssuedV2
from contracts.message import Event
from services.assessment.domain import (
    Adoption,
    Agreement,
    Concern,
    CriteriaFramework,
    Meeting,
    ModelCell,
    Movement,
    Obligations,
    Registration,
    Replication,
    SelfAssessment,
    SubmissionLock,
    Supervision,
    VisitPlan,
)
from services.assessment.domain.form import Adopting
from services.assessment.domain.minutes import Minuting
from services.assessment.domain.standing import Version
from services.assessment.domain.watch import Watch

E = TypeVar("E", bound=Event)

PLAIN: Mapping[type, type[Event]] = {
    ModelCell.Selected: public.ModelCellSelected,
    Meeting.Scheduled: meetings.MeetingScheduled,
    Meeting.Announced: meetings.MeetingScheduled,
    Meeting.Cancelled: meetings.MeetingCancelled,
    Meeting.Attended: public.SupervisorAttended,
    Meeting.TaskReported: meetings.TaskReported,
    Meeting.Scored: meetings.MeetingScored,
    Replication.Replicated: movement.ModelReplicated,
    Supervision.Assigned: visits.SupervisionAssigned,
    Supervision.Ended: visits.SupervisionEnded,
    VisitPlan.Planned: visits.VisitPlanned,
    Meeting.VisitConfirmed: visits.VisitConfirmed,
    Meeting.MismatchNoted: visits.VisitMismatchNoted,
    Meeting.MismatchSettled: visits.VisitMismatchSettled,
    Meeting.VisitReported: visits.VisitReported,
    SelfAssessment.Returned: selves.SelfAssessmentReturned,
    SelfAssessment.Accepted: selves.SelfAssessmentAccepted,
    Obligations.Opened: duties.ObligationsOpened,
    Obligations.Ended: duties.ObligationEnded,
}
"""Facts that are told as they are: the event has the fields of the fact, by the same names."""


def plain(fact: object, event: type[E]) -> E:
    """Return what is told as it is."""
    return event.model_validate(_said(fact))


def minutes(fact: Minuting) -> public.MeetingHeld | meetings.MinutesCorrected:
    """Return minutes, those first taken or those that correct them, with who was summoned in one place."""
    summoned = {"full": fact.summoned_full, "probationary": fact.summoned_probationary}
    corrected = isinstance(fact, Meeting.MinutesCorrected)
    told = meetings.MinutesCorrected if corrected else public.MeetingHeld
    guests = {"supervisors": fact.supervisors or ()}
    return told.model_validate(_said(fact) | {"summoned": summoned} | guests)


VERSIONS: Mapping[type[Version], type[public.SelfAssessment]] = {
    SelfAssessment.Submitted: public.SelfAssessmentSubmitted,
    SelfAssessment.Corrected: public.SelfAssessmentCorrected,
    SelfAssessment.Resubmitted: selves.SelfAssessmentResubmitted,
    SelfAssessment.Restated: selves.SelfAssessmentRestated,
}
"""The event of each version of a self-assessment."""


def version(fact: Version) -> public.SelfAssessment:
    """Return a version of a self-assessment with what its answers amount to."""
    return VERSIONS[type(fact)].model_validate(_said(fact) | _document(fact))


def _reopened(fact: SubmissionLock.Reopened) -> selves.SubmissionReopened:
    """Return the exception with its decision in one place."""
    decision = {"decision": _numbered(fact.number, fact.dated)}
    return selves.SubmissionReopened.model_validate(_said(fact) | decision)


def _excused(fact: Obligations.Excused) -> duties.ObligationExcused:
    """Return the excuse with its decision in one place."""
    decision = {"decision": _numbered(fact.number, fact.dated)}
    return duties.ObligationExcused.model_validate(_said(fact) | decision)


def _issued(fact: CriteriaFramework.Issued) -> public.CriteriaFrameworkIssued | CriteriaFrameworkIssuedV2:
    """Return the framework without the name of the pack: its goods are all there.

    Whatever readers of the first version could be told is told in it.
    """
    amends = {"amends": _numbered(**fact.amends) if fact.amends else None}
    listed = {name: getattr(fact, name) or () for name in ("bands", "kinds")}
    based_on = {"based_on": [_numbered(**one) for one in fact.based_on or ()]}
    told = _said(fact) | _document(fact) | amends | listed | based_on
    newest = CriteriaFrameworkIssuedV2.model_validate(told)
    return public.CriteriaFrameworkIssued.model_validate(told) if _says_little(newest) else newest


def _says_little(framework: CriteriaFrameworkIssuedV2) -> bool:
    """Return whether the first version can say all that it says."""
    criteria = [criterion for good in framework.goods for criterion in good.criteria]
    beyond = (framework.bands, framework.kinds, framework.amends, framework.requires_adoption)
    return not any((*beyond, framework.based_on, framework.period == "QUARTER")) and all(
        one.mandatory and not one.kinds for one in criteria
    )


def _adopted(fact: Adopting) -> CriteriaFrameworkAdopted:
    """Return the adoption with its framework and its own document in one place each."""
    plan = {"plan": _numbered(**fact.plan) if fact.plan else None}
    framework = {"framework": _numbered(fact.number, fact.dated)}
    return CriteriaFrameworkAdopted.model_validate(_said(fact) | framework | plan)


def _launched(fact: Movement.Launched) -> movement.MovementLaunched:
    """Return the launch with its document, and that of the launch it follows."""
    above = fact.follows
    follows = {"organization": above["organization"], "document": _numbered(**above)} if above else None
    document = {"document": _numbered(fact.number, fact.dated), "follows": follows}
    return movement.MovementLaunched.model_validate(_said(fact) | document)


def _signed(fact: Agreement.Signed | Agreement.Countersigned) -> movement.EmulationAgreementSigned:
    """Return the signature, and whether it is the one that completes the agreement."""
    complete = isinstance(fact, Agreement.Countersigned)
    return movement.EmulationAgreementSigned.model_validate(_said(fact) | {"complete": complete})


def _registered(fact: Registration.Registered) -> movement.CellRegistered:
    """Return the registration with the number and date of its framework, whoever issued that."""
    framework = _numbered(**fact.framework) if fact.framework else None
    return movement.CellRegistered.model_validate(_said(fact) | {"framework": framework})


CONCERNS: Mapping[type, type[concerns.Concern]] = {
    Concern.Raised: concerns.ConcernRaised,
    Concern.Acknowledged: concerns.ConcernAcknowledged,
    Concern.Answered: concerns.ConcernAnswered,
    Concern.Escalated: concerns.ConcernEscalated,
    Concern.Heard: concerns.ConcernHeard,
    Concern.Assigned: concerns.ConcernAssigned,
    Concern.Resolved: concerns.ConcernResolved,
    Concern.ConfirmedToCell: concerns.ConcernConfirmedToCell,
    Concern.Reopened: concerns.ConcernReopened,
}
"""The event of each fact about a concern."""


def became(fact: Concern.Raised | Concern.Event) -> concerns.Concern:
    """Return what became of a concern: the same fields, the day under a name of its own."""
    event, said = CONCERNS[type(fact)], _said(fact)
    if isinstance(fact, Concern.Acknowledged):
        said["document"] = _numbered(fact.number, fact.dated)
    return event.model_validate({**said, event.occurred_in: fact.on})


REWORDED: Mapping[type, Callable[[Any], Event]] = {
    CriteriaFramework.Issued: _issued,
    Adoption.Adopted: _adopted,
    Adoption.Renewed: _adopted,
    SubmissionLock.Reopened: _reopened,
    Obligations.Excused: _excused,
    **dict.fromkeys(VERSIONS, version),
    Movement.Launched: _launched,
    Agreement.Signed: _signed,
    Agreement.Countersigned: _signed,
    Registration.Registered: _registered,
    **dict.fromkeys(CONCERNS, became),
}
"""Facts that are told in other words than they are kept in."""

PRIVATE = (SubmissionLock.Begun, Obligations.Begun, Watch.Begun)
"""Facts nobody else is told of."""


def publish(fact: object) -> Event | None:
    """Return the public event for `fact`, or None if it stays private.

    Raises LookupError for a fact nobody has decided about, so that a new one stops the relay in a
    test rather than slipping out, or away, unnoticed.
    """
    if event := PLAIN.get(type(fact)):
        return plain(fact, event)
    if isinstance(fact, Minuting):
        return minutes(fact)
    if reword := REWORDED.get(type(fact)):
        return reword(fact)
    if isinstance(fact, PRIVATE):
        return None
    raise LookupError(f"undecided whether {type(fact).__name__} is public")


def _document(fact: CriteriaFramework.Issued | Version) -> dict[str, Any]:
    return {"framework": _numbered(fact.number, fact.dated)}


def _numbered(number: str, dated: str, **_: str) -> dict[str, str]:
    return {"number": number, "date": dated}


def _said(fact: object) -> dict[str, Any]:
    """Return the fact's fields; a contract takes those it knows, by the same names."""
    return dict(vars(fact))
