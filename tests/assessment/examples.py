"""Than Uyên's tree, one framework, one meeting: what the tests of assessment begin with."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.assessment.domain import (
    Adoption,
    Answer,
    CriteriaFramework,
    Form,
    Good,
    Meeting,
    Minutes,
    ModelCell,
    Organization,
    SubmissionLock,
    SubmissionRules,
    Window,
)
from services.assessment.domain.criteria import Criterion, Threshold
from services.assessment.domain.self_assessment import SelfAssessment
from tests.spec import NOW, fact

# -- Organizations

DISTRICT = Organization("THAN-UYEN", "DISTRICT_COMMITTEE", date(1950, 1, 1), ("LAI-CHAU", "THAN-UYEN"))
COMMITTEE = Organization(
    "TU-AGENCIES", "GRASSROOTS_COMMITTEE", date(1990, 1, 1), ("LAI-CHAU", "THAN-UYEN", "TU-AGENCIES")
)
CELL = Organization(
    "TU-FINANCE",
    "SUBORDINATE_CELL",
    date(1995, 3, 1),
    ("LAI-CHAU", "THAN-UYEN", "TU-AGENCIES", "TU-FINANCE"),
)
OTHER_CELL = Organization(
    "TU-SCHOOL", "GRASSROOTS_CELL", date(2024, 6, 15), ("LAI-CHAU", "THAN-UYEN", "TU-SCHOOL")
)

# -- A framework of two goods: one for the month and its quarter, one for the year


def criterion(code: str, period: str, threshold: Threshold | None = None) -> Criterion:
    return Criterion(
        criterion=code,
        name_vi="tiêu chí",
        name_en="criterion",
        kind="MEASURED" if threshold else "ACHIEVED",
        test=threshold,
        unit="%" if threshold else None,
        period=period,
        source="12-HD/BTCTW, 2018-07-06",
        legal_tag="LOCAL_POLICY",
    )


MEETINGS = Good(
    "MEETING_QUALITY",
    "Chất lượng sinh hoạt tốt",
    "Good quality of meetings",
    (
        criterion("attendance_pct", "MONTH", Threshold("gt", Decimal(85))),
        criterion("no_unexcused_absence", "MONTH"),
        criterion("thematic_meeting_in_quarter", "QUARTER"),
    ),
)
MEMBERS = Good(
    "CADRES_MEMBERS",
    "Cán bộ, đảng viên tốt",
    "Good cadres and members",
    (criterion("members_good_or_better_pct", "YEAR", Threshold("eq", Decimal(100))),),
)
ISSUE: dict[str, Any] = {
    "number": "05-HD/BTCTU",
    "dated": date(2024, 5, 19),
    "title": "Khung tiêu chí",
    "period": "MONTH",
    "effective_on": date(2024, 6, 1),
    "pack": None,
}

issued = fact(
    CriteriaFramework.Issued,
    organization="THAN-UYEN",
    number="05-HD/BTCTU",
    dated="2024-05-19",
    title="Khung tiêu chí",
    period="MONTH",
    effective_on="2024-06-01",
    goods=[MEETINGS.stored(), MEMBERS.stored()],
    pack=None,
    bands=[],
    kinds=[],
    amends=None,
    requires_adoption=False,
    based_on=[],
)


def framework(**changed: Any) -> CriteriaFramework:
    """Return the framework as THAN-UYEN issued it, or otherwise as `changed` says."""
    return CriteriaFramework.issue(DISTRICT, [MEETINGS, MEMBERS], **ISSUE | changed, at=NOW)


PUPILS = replace(criterion("pupils_helped", "MONTH"), mandatory=False)
ADOPTED: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "issuer": "THAN-UYEN",
    "number": "05-HD/BTCTU",
    "dated": "2024-05-19",
    "adopted_on": "2024-06-03",
    "goods": [
        Good("POLITICAL_TASKS", "Nhiệm vụ", "Tasks", (PUPILS,)).stored(),
    ],
    "dropped": [],
    "plan": {"number": "03-KH/CB", "dated": "2024-06-01"},
}
adopted = fact(Adoption.Adopted, **ADOPTED)
renewed = fact(Adoption.Renewed, **ADOPTED | {"adopted_on": "2024-09-02", "goods": [], "plan": None})


def form(**changed: Any) -> Form:
    """Return what it asks of CELL."""
    return Form.of(framework(**changed), CELL)


# -- A meeting: Tam Kỳ's 90 % (18 of 20), on the 28th as the Finance cell has it

MINUTES: dict[str, Any] = {
    "kind": "REGULAR",
    "held_at": datetime(2024, 11, 28, 7, tzinfo=UTC),
    "duration_min": 95,
    "topic": "November",
    "summoned_full": 18,
    "summoned_probationary": 2,
    "present": 18,
    "excused": 2,
    "unexcused": 0,
    "discusses_solutions": True,
    "resolution": {"number": "11-NQ/CB", "title": "Year-end accounts"},
    "tasks": [{"member": "TU-M-0001", "what": "close the books", "due_on": "2024-12-15"}],
    "absences": [
        {"member": "TU-M-0007", "excused": True},
        {"member": "TU-M-0008", "excused": True},
    ],
    "votes": [{"matter": "Year-end accounts", "summoned": 18, "in_favour": 16, "secret": False}],
    "topics": ["Year-end accounts"],
    "supervisors": ["TU-M-0900"],
    "chaired_by": "TU-M-0002",
}
held = fact(Meeting.Held, meeting="TU-FINANCE-2024-11", organization="TU-FINANCE", **MINUTES)
attended = fact(
    Meeting.Attended,
    supervisor="TU-M-0900",
    superior="THAN-UYEN",
    meeting="TU-FINANCE-2024-11",
    organization="TU-FINANCE",
    attended_on="2024-11-28",
)


CALL: dict[str, Any] = {
    "kind": "REGULAR",
    "scheduled_for": datetime(2024, 11, 28, 7, tzinfo=UTC),
    "announced_at": datetime(2024, 11, 20, 2, tzinfo=UTC),
    "place": "the meeting room",
    "topics": ["Year-end accounts"],
}
NAMED = {"meeting": "TU-FINANCE-2024-11", "organization": "TU-FINANCE"}
scheduled = fact(Meeting.Scheduled, **NAMED, **CALL)
put_off = fact(
    Meeting.Announced,
    **NAMED,
    **CALL
    | {
        "scheduled_for": datetime(2024, 11, 29, 7, tzinfo=UTC),
        "announced_at": datetime(2024, 11, 22, 2, tzinfo=UTC),
    },
)
called_off = fact(
    Meeting.Cancelled, **NAMED, cancelled_at=datetime(2024, 11, 25, 2, tzinfo=UTC), reason="the storm"
)
minuted = fact(Meeting.Minuted, **NAMED, **MINUTES)
rewritten = fact(
    Meeting.MinutesCorrected,
    **NAMED,
    **MINUTES | {"duration_min": 90},
    corrected_at=datetime(2024, 11, 30, 2, tzinfo=UTC),
    reason="it ended earlier",
)
task_done = fact(
    Meeting.TaskReported,
    **NAMED,
    task=1,
    state="DONE",
    at_meeting="TU-FINANCE-2024-12",
    reported_on="2024-12-28",
)
scored = fact(
    Meeting.Scored,
    **NAMED,
    pack={"name": "08-QĐ/TU", "version": "2021-09-15"},
    points=[
        {"component": "PREPARATION", "points": Decimal(18)},
        {"component": "ATTENDANCE", "points": Decimal(10)},
        {"component": "RUNNING", "points": Decimal(38)},
        {"component": "PRINCIPLES", "points": Decimal(12)},
        {"component": "CONCLUSION", "points": Decimal(7)},
    ],
    scored_at=datetime(2024, 11, 28, 9, tzinfo=UTC),
    superior="THAN-UYEN",
    total=Decimal(85),
    level="QUALITY_GOOD",
)


def minutes(**changed: Any) -> Minutes:
    return Minutes(**MINUTES | changed)


# -- A self-assessment of November: attendance 90, nobody absent without reason

NOVEMBER = (Answer("attendance_pct", value=Decimal(90)), Answer("no_unexcused_absence", achieved=True))
BETTER = (Answer("attendance_pct", value=Decimal("85.5")), Answer("no_unexcused_absence", achieved=True))

ASSESSED: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "period": "2024-11",
    "issuer": "THAN-UYEN",
    "number": "05-HD/BTCTU",
    "dated": "2024-05-19",
    "results": [
        {"criterion": "attendance_pct", "achieved": True, "value": Decimal(90), "note": None},
        {"criterion": "no_unexcused_absence", "achieved": True, "value": None, "note": None},
    ],
    "goods": [
        {"good": "MEETING_QUALITY", "achieved": True},
        {"good": "CADRES_MEMBERS", "achieved": None},
    ],
    "four_good": True,
    "submitted_on": "2024-12-02",
    "rules": "submissions 1",
    "admitted_by": None,
    "points": None,
    "level": None,
    "adopted": None,
}
submitted = fact(SelfAssessment.Submitted, **ASSESSED)
corrected = fact(
    SelfAssessment.Corrected,
    **ASSESSED
    | {
        "results": [
            {"criterion": "attendance_pct", "achieved": True, "value": Decimal("85.5"), "note": None},
            {"criterion": "no_unexcused_absence", "achieved": True, "value": None, "note": None},
        ],
        "submitted_on": "2024-12-03",
        "reason": "one member was counted twice",
    },
)

# -- What became of it: DISTRICT returned it, accepted the answer, had that restated and reopened the period

RULES = SubmissionRules("submissions 1", due_days=5, locked_from_month=4)
WINDOW = Window(RULES)
RETYPED: dict[str, Any] = {"reason": "typing", "window": WINDOW}
OF_NOVEMBER = {"organization": "TU-FINANCE", "period": "2024-11"}
returned = fact(
    SelfAssessment.Returned,
    **OF_NOVEMBER,
    returned_by="THAN-UYEN",
    returned_on="2024-12-05",
    reason="the minutes are missing",
    resubmit_by="2024-12-12",
)
resubmitted = fact(SelfAssessment.Resubmitted, **ASSESSED | {"submitted_on": "2024-12-09"})
accepted = fact(SelfAssessment.Accepted, **OF_NOVEMBER, accepted_by="THAN-UYEN", accepted_on="2024-12-11")
restated = fact(
    SelfAssessment.Restated,
    **ASSESSED
    | {
        "results": corrected.fields["results"],
        "submitted_on": "2024-12-20",
        "rules": None,
        "decided_by": "THAN-UYEN",
        "reason": "the minutes were corrected",
    },
)
lock = fact(SubmissionLock.Begun, **OF_NOVEMBER)
reopened = fact(
    SubmissionLock.Reopened,
    **OF_NOVEMBER,
    reopened_by="THAN-UYEN",
    number="31-QĐ/HU",
    dated="2025-04-07",
    reason="the cell's papers were lost in a flood",
    until="2025-04-18",
    rules="submissions 1",
)

# -- A pilot cell

selected = fact(
    ModelCell.Selected,
    organization="TU-FINANCE",
    selected_by="THAN-UYEN",
    selected_on="2023-02-01",
    role="PILOT",
)
