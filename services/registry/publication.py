"""The border: each private fact, and what of it others may know. Nobody's name or birth date passes."""

import json
from datetime import date
from typing import Any

from contracts import registry as public
from contracts.message import Event
from contracts.registry_closings import PeriodClosed
from contracts.registry_findings import CellFellBelowMinimum, DeadlineNoted
from contracts.registry_persons import MemberRestricted, RestrictionLifted
from contracts.vocabulary import Document, Vote
from services.registry.domain.admission_target import AdmissionTarget
from services.registry.domain.ballot import Ballot
from services.registry.domain.closings import Closings
from services.registry.domain.credentials import Credentials
from services.registry.domain.data_request import DataRequest
from services.registry.domain.deadline import Deadline
from services.registry.domain.member import Member
from services.registry.domain.official import Officials
from services.registry.domain.organization import Organization
from services.registry.domain.shortage import Shortage
from services.registry.domain.target import Target

IN_THEIR_WORDS: dict[type, type[Event]] = {
    Officials.Appointed: public.OfficialAppointed,
    Officials.Relieved: public.OfficialRelieved,
    AdmissionTarget.Set: public.AdmissionTargetSet,
    AdmissionTarget.Reset: public.AdmissionTargetSet,
    Target.Set: public.TargetSet,
    Target.Reset: public.TargetSet,
    Closings.Closed: PeriodClosed,
    Deadline.Noted: DeadlineNoted,
    Shortage.Noted: CellFellBelowMinimum,
    Shortage.NotedAgain: CellFellBelowMinimum,
}
"""Facts that are told as a whole, in the words they are kept in."""

OF_MEMBERS: dict[type, type[Event]] = {
    Member.Recognized: public.MemberRecognized,
    Ballot.Failed: public.RecognitionVoteFailed,
    Member.Released: public.MemberReleased,
    Member.Transferred: public.MemberTransferred,
    Member.Exempted: public.MemberExempted,
    Member.Reinstated: public.MemberReinstated,
    Member.Ended: public.MembershipEnded,
    Member.Restricted: MemberRestricted,
    Member.RestrictionLifted: RestrictionLifted,
}
"""Facts about members that are told in the words they are kept in, with the member's code."""

PRIVATE = (
    Member.PersonCorrected,  # who somebody is, and that it was written wrong, is nobody else's
    Member.PersonForgotten,  # nobody outside ever knew who it was, so there is nothing to take back
    Member.Appointed,  # OfficialAppointed tells it
    Member.Followed,  # the merger told everyone that its members went with it
    DataRequest.Received,  # that somebody asks about their data is between them and who keeps the files
    DataRequest.Answered,
    DataRequest.Extended,
    DataRequest.Completed,
    DataRequest.Declined,
    Ballot.Begun,  # RecognitionVoteFailed tells of the first vote as of the others
    Closings.Begun,  # PeriodClosed tells of the first month as of the others
    Officials.Begun,  # that a list begins says nothing; who is on it does
    Credentials.Begun,  # who may connect, and until when, is between a district and who runs the bus
    Credentials.Issued,
    Credentials.Ended,
)
"""Facts nobody outside is told of."""


def publish(fact: object) -> Event | None:
    """Return the public event for `fact`, or None if it stays private.

    Raises LookupError for a fact nobody has decided about, so that a new one stops the relay in a
    test rather than slipping out, or away, unnoticed.
    """
    match fact:
        case Organization.Founded():
            return _founded(fact)
        case (
            Organization.Renamed()
            | Organization.Moved()
            | Organization.Dissolved()
            | Organization.Merged()
            | Organization.Split()
        ):
            return _changed(fact)
        case Member.Admitted():
            return _admitted(fact)
        case _ if isinstance(fact, PRIVATE):
            return None
        case _ if of_member := OF_MEMBERS.get(type(fact)):
            return of_member.model_validate(_about(fact))
        case _ if event := IN_THEIR_WORDS.get(type(fact)):
            return _told(event, fact)
    raise LookupError(f"undecided whether {type(fact).__name__} is public")


def _founded(fact: Organization.Founded) -> public.OrganizationFounded:
    return public.OrganizationFounded.model_validate(
        {
            "organization": fact.code,
            "name": fact.name,
            "kind": fact.kind,
            "parent": fact.parent,
            "sector": fact.sector,
            "founded_on": fact.founded_on,
            "external_id": fact.external_id,
            "decision": _document(fact.decision_number, fact.decision_dated),
        }
    )


Change = (
    Organization.Renamed
    | Organization.Moved
    | Organization.Dissolved
    | Organization.Merged
    | Organization.Split
)


def _changed(change: Change) -> Event:
    """Return what becomes of an organization: all of it is public."""
    said: dict[str, object] = {
        "organization": change.code,
        "effective_on": change.effective_on,
        "decision": _document(change.decision_number, change.decision_dated),
    }
    match change:
        case Organization.Renamed():
            return public.OrganizationRenamed.model_validate(said | {"name": change.name})
        case Organization.Moved():
            return public.OrganizationMoved.model_validate(said | {"parent": change.parent})
        case Organization.Merged():
            return public.OrganizationMerged.model_validate(said | {"into": change.into})
        case Organization.Split():
            return public.OrganizationSplit.model_validate(said | {"into": tuple(change.into.split())})
        case Organization.Dissolved():
            return public.OrganizationDissolved.model_validate(said)


def _admitted(fact: Member.Admitted) -> public.MemberAdmitted:
    """Return the admission without the person: what is sealed is nobody else's."""
    return public.MemberAdmitted.model_validate(
        {
            "organization": fact.organization,
            "member": fact.code,
            "decision": _document(fact.decision_number, fact.decision_dated),
            "ceremony_on": fact.ceremony_on,
            "standing": fact.standing,
        }
    )


def _told(event: type[Event], fact: Any) -> Event:
    """Return as `event` what `fact` says under the same names."""
    said = {name: getattr(fact, name) for name in event.model_fields if name != "decision"}
    if "decision" in event.model_fields:
        said["decision"] = _document(fact.decision_number, fact.decision_dated)
    if "streams" in event.model_fields:
        said["streams"] = json.loads(fact.streams)
    return event.model_validate(said)


def _about(fact: Any) -> dict[str, Any]:
    """Return what a fact about a member says, in the event's words; fields the event lacks stay inside."""
    member_in = Ballot.member_in if isinstance(fact, Ballot.Event) else Member.code_in
    said: dict[str, Any] = vars(fact) | {"member": member_in(fact.originator_id)}
    if "decision_number" in said:
        said["decision"] = _document(fact.decision_number, fact.decision_dated)
    if "came_from" in said:
        said["origin"] = said["came_from"]
    if said.get("vote_summoned") is not None:
        said["vote"] = {name: said[f"vote_{name}"] for name in Vote.model_fields}
    if isinstance(fact, Ballot.Failed):
        said["vote"] = {name: said[name] for name in Vote.model_fields}
    return said


def _document(number: str | None, dated: str | None) -> Document | None:
    return Document(number=number, date=date.fromisoformat(dated)) if number and dated else None
