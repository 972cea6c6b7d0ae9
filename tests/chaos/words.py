"""What clients say: the bodies of commands, which are also the data of a district's events."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.assessment import year
from tests.assessment.bodies import ISSUE
from tests.assessment.scored import ADOPT_BELOW, ISSUE_POINTS

PROVINCE = "CHAOS"
DECISION = {"number": "12-QĐ/HU", "date": "2023-01-10"}
ISSUED = {"number": "05-HD/BTCTU", "date": "2023-05-19"}
YEAR = 2025
"""The year that is classified: over, and the rule pack is in force."""

MONTHS = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]

FRAMEWORK: dict[str, Any] = ISSUE | {
    "organization": PROVINCE,
    "framework": ISSUED,
    "effective_on": "2023-06-01",
}

POINTS: dict[str, Any] = ISSUE_POINTS | {"organization": PROVINCE}
"""What only those answer who adopt it."""


def founded(code: str, kind: str, parent: str | None) -> dict[str, Any]:
    return {"organization": code, "name": code, "kind": kind, "parent": parent, "founded_on": "2000-01-01"}


def cell(code: str, parent: str) -> dict[str, Any]:
    return founded(code, "GRASSROOTS_CELL", parent)


def admitted(member: str, organization: str, day: int = 3) -> dict[str, Any]:
    return {
        "member": member,
        "organization": organization,
        "decision": DECISION,
        "ceremony_on": f"2024-02-{day:02}",
        "standing": "PROBATIONARY" if day % 3 else "FULL",
    }


DAYS = [date(2025, 3, 1) + timedelta(days=day) for day in range(600)]
"""Days on which something becomes of members and organizations, after all probation has ended."""


def renamed(name: str, on: date) -> dict[str, Any]:
    return {"name": name, "effective_on": f"{on}", "decision": DECISION}


def moved(parent: str, on: date) -> dict[str, Any]:
    return {"parent": parent, "effective_on": f"{on}", "decision": DECISION}


def merged(into: str, on: date) -> dict[str, Any]:
    return {"into": into, "effective_on": f"{on}", "decision": DECISION}


def voted(organization: str, on: date) -> dict[str, Any]:
    return {"organization": organization, "voted_on": f"{on}", "vote": {"summoned": 10, "in_favour": 6}}


def recognized(organization: str, on: date) -> dict[str, Any]:
    return {"organization": organization, "decision": {"number": "7-QĐ/HU", "date": f"{on}"}}


def released(organization: str, to: str, on: date) -> dict[str, Any]:
    at = {"released_on": f"{on}", "kind": "OFFICIAL"}
    return {"organization": organization, "to": to, **at, "decision": DECISION}


def transferred(organization: str, on: date) -> dict[str, Any]:
    return {"organization": organization, "transferred_on": f"{on}", "decision": DECISION}


def exempted(organization: str, on: date) -> dict[str, Any]:
    return {"organization": organization, "exempted_on": f"{on}", "decision": DECISION}


def reinstated(organization: str, on: date) -> dict[str, Any]:
    return {"organization": organization, "reinstated_on": f"{on}", "decision": DECISION}


def appointed(member: str, on: date) -> dict[str, Any]:
    return {"member": member, "position": "COMMITTEE_MEMBER", "from_on": f"{on}", "decision": DECISION}


def excused(member: str, organization: str, days: Iterator[date]) -> list[tuple[str, dict[str, Any]]]:
    """Return the events by which a district tells that a member was excused for a while."""
    told = {"member": member}
    return [
        ("registry.MemberExempted.v1", told | exempted(organization, next(days))),
        ("registry.MemberReinstated.v1", told | reinstated(organization, next(days))),
    ]


def ended(organization: str, on: date) -> dict[str, Any]:
    return {"organization": organization, "ended_on": f"{on}", "reason": "LEFT", "decision": DECISION}


def target(organization: str, members: int) -> dict[str, Any]:
    return {"organization": organization, "year": "2026", "target": members, "set_on": "2025-12-01"}


def held(meeting: str, organization: str, month: str) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "organization": organization,
        "kind": "THEMATIC" if month.endswith("6") else "REGULAR",
        "held_at": f"{month}-05T08:00:00+07:00",
        "duration_min": 95,
        "topic": "Sinh hoạt thường kỳ",
        "summoned": {"full": 10, "probationary": 0},
        "present": 9,
        "excused": 1,
        "unexcused": 0,
        "discusses_solutions": True,
        "resolution": None,
        "tasks": [],
    }


def assessed(organization: str, month: str, attendance: int) -> dict[str, Any]:
    return {
        "organization": organization,
        "period": month,
        "framework": ISSUED,
        "results": [{"criterion": "attendance_pct", "value": str(attendance)}],
        "submitted_on": f"{int(month[:4]) + 1}-01-15",
    }


def corrected(month: str, attendance: int) -> dict[str, Any]:
    """A correction over HTTP: whose and of what is in the path."""
    said = assessed("", month, attendance)
    return {
        "framework": said["framework"],
        "results": said["results"],
        "reason": "one member was counted twice",
        "submitted_on": f"{int(month[:4]) + 1}-01-16",
    }


def launched(organization: str, follows: str | None = None) -> dict[str, Any]:
    """A launch of the movement, on the same day above and beneath."""
    above = {"organization": follows, "document": ISSUED}
    said = {"organization": organization, "document": ISSUED, "title": "Phát động"}
    return said | {"launched_on": "2023-06-28", "follows": above if follows else None}


def adopted(district: str) -> dict[str, Any]:
    """What a district adds to the framework of points."""
    return ADOPT_BELOW | {"organization": district}


def whole_year(cell: str, other: str, district: str) -> list[year.Told]:
    """Return all that may be told of a cell but of its members: in whatever order, it is taken in the end.

    The `other` cell takes over what it does.
    """
    names = {"THAN-UYEN": district, "LAI-CHAU": PROVINCE, "TU-SCHOOL": other}
    return year.told(cell, **names, **{"2024-05-19": ISSUED["date"]})


def decided(organization: str, by: str) -> dict[str, Any]:
    return {
        "organization": organization,
        "year": YEAR,
        "decided_by": by,
        "common_score": "28",
        "results_score": "64.5",
        "tasks": {"assigned": 20, "done": 20, "late": 0, "above_requirement": 7},
        "disciplined": 0,
        "shortcomings": {"found": 2, "remedied": 2},
    }
