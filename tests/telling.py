"""Public events as their services' streams would tell them: in order, each naming the one before.

tell = Telling()
await view.apply([tell(founded("TU-C-001", under="THAN-UYEN")), tell(met("TU-C-001", "2024-11-28"))])
"""

import json
from datetime import UTC, datetime
from typing import Any

from contracts.assessment import (
    CriteriaFrameworkIssued,
    MeetingHeld,
    SelfAssessmentCorrected,
    SelfAssessmentSubmitted,
    SupervisorAttended,
)
from contracts.assessment_frameworks import CriteriaFrameworkAdopted, CriteriaFrameworkIssuedV2
from contracts.assessment_selves import SelfAssessmentAccepted, SelfAssessmentResubmitted
from contracts.classification import CellClassified, evidence_of
from contracts.message import Event, Message
from contracts.registry import (
    MemberAdmitted,
    OfficialAppointed,
    OfficialRelieved,
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRenamed,
    OrganizationSplit,
)
from contracts.registry_findings import CellFellBelowMinimum, DeadlineNoted
from contracts.registry_persons import MemberRestricted, RestrictionLifted
from services.chassis.delivery import Delivery, delivery_of

FRAMEWORK = {"number": "05-HD/BTCTU", "date": "2024-05-19"}
RECORDED = datetime(2024, 12, 31, tzinfo=UTC)


class Telling:
    """Gives each event its place in its service's log."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}

    def __call__(self, event: Event) -> Delivery:
        """Return the event in its envelope, as the next of its service."""
        source = event.type.partition(".")[0]
        previous = self.positions.get(source, 0)
        self.positions[source] = previous + 1
        id = f"{event.type.split('.')[1]}-{previous + 1}"
        return delivered(
            Message(
                id=id,
                source=source,
                type=event.type,
                subject=id,
                time=event.occurred_at,
                sequence=previous + 1,
                previous=previous,
                recordedtime=RECORDED,
                correlationid="c-1",
                causationid="c-1",
                actor="district:THAN-UYEN",
                organization=event.organization,
                data=event.model_dump(mode="json"),
            )
        )

    def all(self, *events: Event) -> list[Delivery]:
        """Return several events, one after the other."""
        return [self(event) for event in events]


def delivered(message: Message) -> Delivery:
    """Return `message` as a reader of its stream is handed it."""
    return delivery_of(message.model_dump_json().encode())


def altered(delivery: Delivery, **attributes: Any) -> Delivery:
    """Return a delivery whose envelope says otherwise."""
    return delivery_of(json.dumps(json.loads(delivery.raw) | attributes).encode())


def founded(
    code: str, *, under: str | None, kind: str = "SUBORDINATE_CELL", on: str = "2001-01-01"
) -> OrganizationFounded:
    return OrganizationFounded.model_validate(
        {"organization": code, "name": code, "kind": kind, "parent": under, "founded_on": on}
    )


DECISION = {"number": "21-QĐ/TU", "date": "2025-06-20"}


def renamed(code: str, name: str, on: str) -> OrganizationRenamed:
    return OrganizationRenamed.model_validate(
        {"organization": code, "name": name, "effective_on": on, "decision": DECISION}
    )


def moved(code: str, on: str, *, under: str) -> OrganizationMoved:
    return OrganizationMoved.model_validate(
        {"organization": code, "parent": under, "effective_on": on, "decision": DECISION}
    )


def dissolved(code: str, on: str) -> OrganizationDissolved:
    return OrganizationDissolved.model_validate(
        {"organization": code, "effective_on": on, "decision": DECISION}
    )


def merged(code: str, on: str, *, into: str) -> OrganizationMerged:
    return OrganizationMerged.model_validate(
        {"organization": code, "into": into, "effective_on": on, "decision": DECISION}
    )


def split(code: str, on: str, *into: str) -> OrganizationSplit:
    return OrganizationSplit.model_validate(
        {"organization": code, "into": list(into), "effective_on": on, "decision": DECISION}
    )


def admitted(member: str, cell: str, on: str) -> MemberAdmitted:
    return MemberAdmitted.model_validate(
        {
            "organization": cell,
            "member": member,
            "decision": {"number": "12-QĐ/HU", "date": on},
            "ceremony_on": on,
            "standing": "FULL",
        }
    )


def issued(issuer: str, *, effective_on: str, period: str = "MONTH") -> CriteriaFrameworkIssued:
    criterion = {
        "criterion": "monthly_meeting_held",
        "name_vi": "Sinh hoạt hằng tháng",
        "name_en": "Meeting held",
        "kind": "ACHIEVED",
        "period": period,
        "source": "S001",
        "legal_tag": "LOCAL_POLICY",
    }
    good = {"good": "MEETING_QUALITY", "name_vi": "Sinh hoạt", "name_en": "Meetings", "criteria": [criterion]}
    return CriteriaFrameworkIssued.model_validate(
        {
            "organization": issuer,
            "framework": FRAMEWORK,
            "title": "Khung tiêu chí",
            "period": period,
            "effective_on": effective_on,
            "goods": [good],
        }
    )


def issued_anew(
    issuer: str, *, effective_on: str, number: str = "7-HD/HU", **said: Any
) -> CriteriaFrameworkIssuedV2:
    """Return a framework with more than the first version says: `period`, `kinds`, `amends` (a number)."""
    first = issued(issuer, effective_on=effective_on).model_dump()
    document = FRAMEWORK | {"number": number}
    amends = {"amends": FRAMEWORK | {"number": said.pop("amends")}} if "amends" in said else {}
    return CriteriaFrameworkIssuedV2.model_validate(first | {"framework": document} | amends | said)


def adopted(organization: str, issuer: str, on: str, number: str = "7-HD/HU") -> CriteriaFrameworkAdopted:
    document = FRAMEWORK | {"number": number}
    said = {"organization": organization, "issuer": issuer, "framework": document, "adopted_on": on}
    return CriteriaFrameworkAdopted.model_validate(said)


def met(cell: str, on: str, *, kind: str = "REGULAR", present: int = 18, hour: str = "19:30") -> MeetingHeld:
    """Return a meeting of 20 at `hour` in the province."""
    return MeetingHeld.model_validate(
        {
            "organization": cell,
            "meeting": f"{cell}-{on}",
            "kind": kind,
            "held_at": f"{on}T{hour}:00+07:00",
            "duration_min": 90,
            "topic": "Sinh hoạt thường kỳ",
            "summoned": {"full": 18, "probationary": 2},
            "present": present,
            "excused": 20 - present,
            "unexcused": 0,
            "discusses_solutions": kind == "THEMATIC",
        }
    )


def attended(cell: str, on: str, *, supervisor: str = "TK-M-1") -> SupervisorAttended:
    return SupervisorAttended.model_validate(
        {
            "organization": cell,
            "supervisor": supervisor,
            "superior": "TAM-KY",
            "meeting": f"{cell}-{on}",
            "attended_on": on,
        }
    )


def submitted(cell: str, period: str, *, four_good: bool | None = True) -> SelfAssessmentSubmitted:
    return SelfAssessmentSubmitted.model_validate(_assessed(cell, period, four_good))


def corrected(cell: str, period: str, *, four_good: bool | None) -> SelfAssessmentCorrected:
    return SelfAssessmentCorrected.model_validate(
        _assessed(cell, period, four_good) | {"reason": "a sum was wrong"}
    )


def resubmitted(cell: str, period: str, on: str, *, four_good: bool | None) -> SelfAssessmentResubmitted:
    return SelfAssessmentResubmitted.model_validate(_assessed(cell, period, four_good) | {"submitted_on": on})


def accepted(cell: str, period: str, on: str, *, by: str) -> SelfAssessmentAccepted:
    return SelfAssessmentAccepted.model_validate(
        {"organization": cell, "period": period, "accepted_by": by, "accepted_on": on}
    )


def _assessed(cell: str, period: str, four_good: bool | None) -> dict[str, Any]:
    return {
        "organization": cell,
        "period": period,
        "framework": FRAMEWORK,
        "results": [{"criterion": "monthly_meeting_held", "achieved": four_good}],
        "submitted_on": f"{period}-28" if len(period) == 7 else f"{period}-12-28",
        "four_good": four_good,
    }


def classified(organization: str, year: str, *, by: str = "THAN-UYEN", level: str = "GOOD") -> CellClassified:
    return CellClassified.model_validate(
        {
            "organization": organization,
            "period": year,
            "level": level,
            "four_good": True,
            "decided_by": by,
            "decided_on": f"{year}-12-28",
            "rule_pack": {"name": "124-QĐ/TW", "version": "2023-10-04"},
            "evidence": evidence_of([]),
        }
    )


def fell_below(cell: str, on: str, *, full: int = 2) -> CellFellBelowMinimum:
    return CellFellBelowMinimum.model_validate(
        {"organization": cell, "fell_on": on, "full_members": full, "minimum": 3, "rules": "cell-sizes 1"}
    )


def appointed(member: str, organization: str, position: str, on: str) -> OfficialAppointed:
    return OfficialAppointed.model_validate(
        {
            "organization": organization,
            "member": member,
            "position": position,
            "from_on": on,
            "decision": DECISION,
        }
    )


def restricted(member: str, cell: str, on: str) -> MemberRestricted:
    return MemberRestricted(organization=cell, member=member, restricted_on=on)


def lifted(member: str, cell: str, on: str) -> RestrictionLifted:
    return RestrictionLifted(organization=cell, member=member, lifted_on=on)


def relieved(member: str, organization: str, position: str, on: str) -> OfficialRelieved:
    return OfficialRelieved.model_validate(
        {"organization": organization, "member": member, "position": position, "relieved_on": on}
    )


def deadline(duty: str, organization: str, due_on: str, *, state: str = "MISSED") -> DeadlineNoted:
    return DeadlineNoted.model_validate(
        {
            "organization": organization,
            "duty": duty,
            "state": state,
            "due_on": due_on,
            "noted_on": due_on,
            "rules": "deadlines 1",
        }
    )
