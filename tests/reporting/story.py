"""The events the tests of reporting tell, and a publisher that gives them their places as services do."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from contracts.assessment import (
    CriteriaFrameworkIssued,
    CriterionResult,
    GoodResult,
    MeetingHeld,
    ModelCellSelected,
    SelfAssessmentCorrected,
    SelfAssessmentSubmitted,
    SupervisorAttended,
)
from contracts.assessment_frameworks import CriteriaFrameworkIssuedV2
from contracts.assessment_selves import (
    SelfAssessmentAccepted,
    SelfAssessmentRestated,
    SelfAssessmentResubmitted,
    SelfAssessmentReturned,
)
from contracts.classification import CellClassified, evidence_of
from contracts.message import Message
from contracts.registry import AdmissionTargetSet, MemberAdmitted, OrganizationFounded, TargetSet
from tests.telling import delivered

RECORDED = datetime(2024, 1, 1, tzinfo=UTC)


class Publisher:
    """Gives every event its place: each service counts its own, in steps of two (some facts stay private)."""

    def __init__(self):
        self._at = Counter()

    def message(self, event, recorded_at=None):
        source = event.type.partition(".")[0]
        previous = self._at[source]
        self._at[source] += 2
        return Message(
            id=f"{source}-{self._at[source]}",
            source=source,
            type=event.type,
            subject=event.organization,
            time=event.occurred_at,
            sequence=self._at[source],
            previous=previous,
            recordedtime=recorded_at or RECORDED + timedelta(seconds=self._at[source]),
            correlationid="c",
            causationid="c",
            actor="THAN-UYEN",
            organization=event.organization,
            data=event.model_dump(mode="json"),
        )

    def tell(self, *events):
        """Return the deliveries of `events`, in the order given."""
        return [delivered(self.message(event)) for event in events]


def told(*events):
    return Publisher().tell(*events)


def founded(code, kind="SUBORDINATE_CELL", parent=None, on=date(2020, 1, 1)):
    name = f"Chi bộ {code}"
    return OrganizationFounded(organization=code, name=name, kind=kind, parent=parent, founded_on=on)


def admitted(member, cell, on, standing="FULL"):
    decision = {"number": "12-QĐ/HU", "date": on}
    return MemberAdmitted(
        organization=cell, member=member, decision=decision, ceremony_on=on, standing=standing
    )


def target(organization, year, number):
    set_on = date(int(year), 1, 15)
    return AdmissionTargetSet(organization=organization, year=year, target=number, set_on=set_on)


def share(organization, year, percent, measure="GOOD_OR_BETTER"):
    set_on = date(int(year), 1, 7)
    return TargetSet(organization=organization, year=year, measure=measure, percent=percent, set_on=set_on)


def framework(issuer, effective_on, number="05-HD/BTCTU", period="MONTH"):
    criterion = {
        "criterion": "monthly_meeting_held",
        "name_vi": "Sinh hoạt hằng tháng",
        "name_en": "Met this month",
        "kind": "ACHIEVED",
        "period": "MONTH",
        "source": "S000",
        "legal_tag": "LOCAL_POLICY",
    }
    good = {"good": "MEETING_QUALITY", "name_vi": "Sinh hoạt", "name_en": "Meetings", "criteria": [criterion]}
    return CriteriaFrameworkIssued(
        organization=issuer,
        framework={"number": number, "date": effective_on},
        title=f"Khung tiêu chí {number}",
        period=period,
        effective_on=effective_on,
        goods=[good],
    )


def framework_anew(issuer, effective_on, number="7-HD/HU", period="QUARTER", amends=None, kinds=()):
    """Return what the first version of the event cannot say; `amends` is a framework."""
    first = framework(issuer, effective_on, number, "MONTH").model_dump()
    replaced = amends.framework.model_dump() if amends else None
    said = {"period": period, "amends": replaced, "kinds": kinds}
    return CriteriaFrameworkIssuedV2.model_validate(first | said)


def _assessment(cell, period, on, four_good):
    return {
        "organization": cell,
        "period": period,
        "framework": {"number": "05-HD/BTCTU", "date": date(2024, 5, 19)},
        "results": [CriterionResult(criterion="monthly_meeting_held", achieved=four_good)],
        "submitted_on": on,
        "goods": [GoodResult(good="MEETING_QUALITY", achieved=four_good)],
        "four_good": four_good,
    }


def assessed(cell, period, on, four_good=True):
    return SelfAssessmentSubmitted(**_assessment(cell, period, on, four_good))


def corrected(cell, period, on, four_good):
    return SelfAssessmentCorrected(**_assessment(cell, period, on, four_good), reason="a figure was mistyped")


def resubmitted(cell, period, on, four_good=True):
    return SelfAssessmentResubmitted(**_assessment(cell, period, on, four_good))


def restated(cell, period, on, four_good, by="D-1"):
    said = _assessment(cell, period, on, four_good)
    return SelfAssessmentRestated(**said, decided_by=by, reason="the minutes were corrected")


def returned(cell, period, on, by="D-1"):
    why = {"reason": "the minutes are missing", "resubmit_by": on}
    return SelfAssessmentReturned(organization=cell, period=period, returned_by=by, returned_on=on, **why)


def accepted(cell, period, on, by="D-1"):
    return SelfAssessmentAccepted(organization=cell, period=period, accepted_by=by, accepted_on=on)


def held(meeting, cell, at, full=20, probationary=2, present=20):
    return MeetingHeld(
        organization=cell,
        meeting=meeting,
        kind="THEMATIC",
        held_at=at,
        duration_min=95,
        topic="Ổn định sản xuất",
        summoned={"full": full, "probationary": probationary},
        present=present,
        excused=full + probationary - present,
        unexcused=0,
        discusses_solutions=True,
        resolution={"number": "11-NQ/CB", "title": "Khôi phục sản xuất"},
        tasks=[{"member": "M-1", "what": "Tuyên truyền lịch thời vụ", "due_on": date(2024, 12, 1)}],
    )


def attended(supervisor, cell, meeting, on, superior="D-1"):
    return SupervisorAttended(
        organization=cell, supervisor=supervisor, superior=superior, meeting=meeting, attended_on=on
    )


def selected(cell, role, on):
    return ModelCellSelected(organization=cell, selected_by="D-1", selected_on=on, role=role)


def classified(cell, year, level, on, four_good=True):
    return CellClassified(
        organization=cell,
        period=year,
        level=level,
        four_good=four_good,
        score="92.50",
        decided_by="D-1",
        decided_on=on,
        rule_pack={"name": "366-QĐ/TW", "version": "1"},
        evidence=evidence_of(["e-1", "e-2"]),
        reasons=["score 92.50 of 100"],
        events=["e-1", "e-2"],
    )
