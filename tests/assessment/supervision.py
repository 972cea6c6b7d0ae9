"""Supervision in Than Uyên's and Tam Kỳ's trees, in facts and in JSON: what its tests begin with."""

from datetime import UTC, date, datetime
from typing import Any

from services.assessment.domain import Meeting, Supervision, VisitPlan
from services.assessment.domain.visit import VisitReport, Word
from tests.assessment import movement
from tests.assessment.bodies import MEETING
from tests.edges import bearer
from tests.spec import fact

TAM_KY = {"name": "tam-ky", "version": "1"}
KON_TUM = {"name": "776-QĐ/TU", "version": "2023-01-16"}
OFFICER = bearer("officer", "TAM-KY")

ASSIGN: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "superior": "THAN-UYEN",
    "supervisor": "TU-M-0900",
    "year": "2024",
    "assigned_on": "2024-01-15",
    "rules": TAM_KY,
}
END: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "superior": "THAN-UYEN",
    "supervisor": "TU-M-0900",
    "year": "2024",
    "ended_on": "2024-10-01",
    "reason": "moved to another task",
    "replaced_by": "TU-M-0901",
}

assigned = fact(Supervision.Assigned, **ASSIGN | {"minimum": 2})
ended = fact(Supervision.Ended, **END)

WHO = {"organization": "TU-FINANCE", "superior": "THAN-UYEN", "supervisor": "TU-M-0900"}
OF_MEETING = WHO | {"meeting": "TU-FINANCE-2024-11"}
REPORT: dict[str, Any] = {
    "reported_on": "2024-12-02",
    "quality": "QUALITY_GOOD",
    "findings": "papers were sent ahead",
    "concerns": ["TU-ROAD"],
    "due_on": "2024-12-08",
    "rules": {"name": "visit-reports", "version": "1"},
}


def moment(day, hour=2, month=12):
    return datetime(2024, month, day, hour, tzinfo=UTC)


planned = fact(VisitPlan.Planned, **WHO, planned_for="2024-11-28", registered_on="2024-11-20")
confirmed = fact(Meeting.VisitConfirmed, **OF_MEETING, side="CELL", attended=False, confirmed_at=moment(1))
noted = fact(Meeting.MismatchNoted, **OF_MEETING, denied_by="CELL", noted_on="2025-01-01")
settled = fact(Meeting.MismatchSettled, **OF_MEETING, attended=True, settled_on="2025-01-01")
reported = fact(Meeting.VisitReported, **OF_MEETING, **REPORT)


def word(side="CELL", attended=False, confirmed_at=None, superior="THAN-UYEN", supervisor="TU-M-0900"):
    return Word(side, supervisor, superior, attended, confirmed_at or moment(1))


def report(**changed):
    days = {name: date.fromisoformat(REPORT[name]) for name in ("reported_on", "due_on")}
    who = {"supervisor": "TU-M-0900", "superior": "THAN-UYEN"}
    return VisitReport(**REPORT | who | days | changed)


# -- Tam Kỳ, over HTTP


def assignment(cell="TK-CELL", supervisor="TK-M-1", **changed):
    body = {"organization": cell, "superior": "TAM-KY", "supervisor": supervisor}
    return body | {"year": "2024", "assigned_on": "2024-01-15", "rules": TAM_KY} | changed


def ending(cell="TK-CELL", supervisor="TK-M-1", **changed):
    body = {"organization": cell, "superior": "TAM-KY", "supervisor": supervisor, "year": "2024"}
    return body | {"ended_on": "2024-10-01", "reason": "moved to another task"} | changed


def held(cell, on):
    return MEETING | {
        "meeting": f"{cell}-{on}",
        "organization": cell,
        "held_at": f"{on}T14:00:00+07:00",
        "tasks": [],
    }


def attendance(cell, on, supervisor="TK-M-1", superior="TAM-KY"):
    body = {"supervisor": supervisor, "superior": superior, "organization": cell, "attended_on": on}
    return body | {"meeting": f"{cell}-{on}"}


async def post(api, path, body, headers=OFFICER):
    return await movement.post(api, path, body, headers)


async def visit(api, cell, on, supervisor="TK-M-1", superior="TAM-KY", hold=True):
    """Hold a meeting, unless it was held, and sit in."""
    headers = bearer("officer")
    if hold:
        await post(api, "/meetings", held(cell, on), headers)
    body = attendance(cell, on, supervisor, superior)
    await post(api, f"/meetings/{body.pop('meeting')}/attendances", body, headers)


async def supervision(ask, organization="TAM-KY", year="2024"):
    """Return the supervision of a subtree, and its supervisors by code."""
    response = await ask(f"/supervision?organization={organization}&year={year}")
    assert 200 == response.status_code, response.text
    shown = response.json()
    return shown, {one["supervisor"]: one for one in shown["supervisors"]}
