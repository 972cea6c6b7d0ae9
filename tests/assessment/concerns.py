"""Trường Đồng's concern of September 2024 (S002), as bodies and facts, in Than Uyên's tree."""

from datetime import date
from typing import Any

from services.assessment.domain import Concern, Taking
from services.assessment.domain.concern import ConcernRules
from services.chassis.calendar import working_days
from tests.assessment.bodies import MEETING
from tests.assessment.examples import CELL, DISTRICT
from tests.spec import fact

CODE = "TU-NORTH-WEST"
RULES = ConcernRules("concerns 1", 10, working_days())
PROVINCE = "LAI-CHAU"
CITY = "THAN-UYEN"

SEPTEMBER: dict[str, Any] = MEETING | {
    "meeting": "TU-FINANCE-2024-09",
    "held_at": "2024-09-06T19:30:00+07:00",
    "resolution": None,
    "tasks": [],
}

RAISE: dict[str, Any] = {
    "concern": CODE,
    "organization": "TU-FINANCE",
    "meeting": "TU-FINANCE-2024-09",
    "raised_on": "2024-09-06",
    "raised_to": CITY,
    "matter": "Khu đô thị kiểu mẫu Tây Bắc",
    "category": "PLANNING",
    "hot_spot_risk": True,
}
ACKNOWLEDGE: dict[str, Any] = {
    "by": CITY,
    "acknowledged_on": "2024-09-20",
    "document": {"number": "211-CV/TU", "date": "2024-09-18"},
}
ANSWER: dict[str, Any] = {"by": CITY, "answered_on": "2024-09-06", "answer": "explained"}
ESCALATE: dict[str, Any] = {
    "by": CITY,
    "to": PROVINCE,
    "escalated_on": "2024-09-07",
    "reasons": ["LONG_RUNNING", "HARDSHIP", "BEYOND_COMPETENCE"],
}
HEAR: dict[str, Any] = {
    "by": PROVINCE,
    "heard_on": "2024-09-10",
    "report": True,
    "opinions": True,
    "field_survey": True,
}
ASSIGN: dict[str, Any] = {
    "by": PROVINCE,
    "assigned_on": "2024-09-10",
    "agency": "Ủy ban nhân dân tỉnh",
    "due_on": "2024-10-31",
}
RESOLVE: dict[str, Any] = {"by": PROVINCE, "resolved_on": "2024-10-28", "outcome": "approved"}
CONFIRM: dict[str, Any] = {"organization": "TU-FINANCE", "confirmed_on": "2024-11-05"}
REOPEN: dict[str, Any] = {"by": "TU-FINANCE", "reopened_on": "2024-12-03", "reason": "no drains yet"}

# -- As facts

WHOSE = {"concern": CODE, "organization": "TU-FINANCE"}

raised = fact(
    Concern.Raised,
    **{name: said for name, said in RAISE.items() if name != "raised_on"},
    by="TU-FINANCE",
    on="2024-09-06",
    acknowledge_by="2024-09-20",
    rules="concerns 1",
    calendar="45/2019/QH14 2019-11-20 2027-2",
)


def became(kind: Any, by: str, on: str, **said: Any) -> Any:
    """State what became of it."""
    return fact(kind, **WHOSE, by=by, on=on, **said)


acknowledged = became(Concern.Acknowledged, CITY, "2024-09-20", number="211-CV/TU", dated="2024-09-18")
answered = became(Concern.Answered, CITY, "2024-09-06", step=2, answer="explained")
escalated = became(
    Concern.Escalated, CITY, "2024-09-07", step=3, to=PROVINCE, reasons=list(ESCALATE["reasons"])
)
heard = became(Concern.Heard, PROVINCE, "2024-09-10", step=4, report=True, opinions=True, field_survey=True)
assigned = became(
    Concern.Assigned, PROVINCE, "2024-09-10", step=5, agency="Ủy ban nhân dân tỉnh", due_on="2024-10-31"
)
resolved = became(Concern.Resolved, PROVINCE, "2024-10-28", step=6, outcome="approved")
confirmed = became(Concern.ConfirmedToCell, "TU-FINANCE", "2024-11-05", step=7)
reopened = became(Concern.Reopened, "TU-FINANCE", "2024-12-03", step=8, reason="no drains yet")

LIFE = (raised, answered, escalated, heard, assigned, resolved, confirmed, reopened)
FACTS = (raised, acknowledged, *LIFE[1:])


def taking(by: str, on: str, step: int | None = None, *, holder: Any = DISTRICT, cell: Any = CELL) -> Taking:
    """Return a step as it is taken, unless it is said otherwise with the district as holder."""
    return Taking(by, date.fromisoformat(on), step, cell, holder)
