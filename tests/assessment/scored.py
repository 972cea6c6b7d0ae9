"""A framework of points that binds only who adopts it, taken over by a committee and by a cell beneath it."""

from typing import Any

POINTS = {"number": "12-HD/HU", "date": "2024-05-28"}
SOURCE = {"source": "12-HD/HU, 2024-05-28", "legal_tag": "LOCAL_POLICY"}


def _criterion(code: str, kind: str, **said: Any) -> dict[str, Any]:
    named = {"criterion": code, "name_vi": code, "name_en": code}
    return {**named, "kind": kind, "period": "MONTH", **SOURCE, **said}


def _good(good: str, name_vi: str, name_en: str, *criteria: dict[str, Any]) -> dict[str, Any]:
    return {"good": good, "name_vi": name_vi, "name_en": name_en, "criteria": [*criteria]}


def _points(code: str, points: str, at: str) -> dict[str, Any]:
    return _criterion(code, "SCORED", points_max=points, test={"op": "gte", "value": at}, unit="điểm")


MEETINGS = "MEETING_QUALITY", "Chất lượng sinh hoạt tốt", "Good quality of meetings"
TASKS = "POLITICAL_TASKS", "Hoàn thành tốt nhiệm vụ chính trị", "Political tasks done well"
BANDS = [
    {"level": "STRONG", "name_vi": "Mạnh", "name_en": "Strong", "points_min": "80", **SOURCE},
    {"level": "WEAK", "name_vi": "Yếu", "name_en": "Weak", "points_min": "0", "below": "80", **SOURCE},
]

ISSUE_POINTS: dict[str, Any] = {
    "organization": "THAN-UYEN",
    "framework": POINTS,
    "title": "Khung chấm điểm",
    "period": "MONTH",
    "effective_on": "2024-07-01",
    "goods": [
        _good(*TASKS, _points("tasks_points", "40", "32")),
        _good(
            *MEETINGS,
            _points("meeting_points", "60", "48"),
            _criterion("pupils_helped", "ACHIEVED", period="QUARTER", mandatory=False),
        ),
    ],
    "bands": BANDS,
    "requires_adoption": True,
}
ADOPT_BELOW: dict[str, Any] = {
    "organization": "TU-AGENCIES",
    "framework": POINTS,
    "adopted_on": "2024-06-03",
    "goods": [_good(*MEETINGS, _criterion("papers_sent_ahead", "ACHIEVED", period="QUARTER"))],
    "plan": {"number": "03-KH/ĐU", "date": "2024-06-03"},
}
ADOPT: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "framework": POINTS,
    "adopted_on": "2024-06-28",
    "goods": [_good(*TASKS, _criterion("books_closed", "ACHIEVED"))],
    "dropped": ["pupils_helped"],
}
ADOPT_AGAIN: dict[str, Any] = ADOPT | {"adopted_on": "2024-11-01", "goods": [], "dropped": []}
ANSWERED: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "period": "2024-09",
    "framework": POINTS,
    "results": [
        {"criterion": "tasks_points", "value": "35"},
        {"criterion": "meeting_points", "value": "46"},
        {"criterion": "papers_sent_ahead", "achieved": True},
        {"criterion": "books_closed", "achieved": True},
    ],
    "submitted_on": "2024-10-03",
}
