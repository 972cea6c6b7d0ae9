"""A cell's year as its district tells it: every kind of event that may be about a cell, with days and codes.

The cell stands beneath TU-AGENCIES, THAN-UYEN and LAI-CHAU. What the district says may arrive in any order.
"""

from typing import Any

from contracts.catalogue import CATALOGUE
from contracts.message import Event
from tests.assessment.bodies import (
    ACCEPTANCE,
    AGAIN,
    BINH_THUAN,
    CALL,
    CORRECTION,
    DONE,
    ISSUE,
    MEETING,
    NOVEMBER,
    PILOT,
    RESTATEMENT,
    RETURN,
    SHEET,
    VISIT,
)
from tests.assessment.concerns import (
    ACKNOWLEDGE,
    ANSWER,
    ASSIGN,
    CONFIRM,
    ESCALATE,
    HEAR,
    RAISE,
    REOPEN,
    RESOLVE,
    SEPTEMBER,
)
from tests.assessment.movement import COUNTERSIGN, LAUNCH, LAUNCH_BELOW, REGISTER, REPLICATE, SIGN
from tests.assessment.supervision import ASSIGN as FOLLOW
from tests.assessment.supervision import END

OF_ALL = (
    ("CriteriaFrameworkIssued", ISSUE),
    ("MovementLaunched", LAUNCH),
    ("MovementLaunched", LAUNCH_BELOW),
)
"""What all cells of the district share."""

MEASURED_ISSUE: dict[str, Any] = ISSUE


def of_all() -> list[Event]:
    """Return what a district tells once for all its cells."""
    return [_event(name, said) for name, said in OF_ALL]


def year(cell: str) -> list[Event]:
    """Return what is told of one cell, in the order in which it happened; all codes begin with its own."""
    return [_event(name, _renamed(said, cell)) for name, said in (*_meetings(), *_movement(), *_life())]


def _event(name: str, said: dict[str, Any]) -> Event:
    return CATALOGUE[f"assessment.{name}.v1"].model_validate(said)


def _renamed(said: Any, cell: str) -> Any:
    """Return the same of another cell."""
    match said:
        case dict():
            return {name: _renamed(value, cell) for name, value in said.items()}
        case list() | tuple():
            return [_renamed(value, cell) for value in said]
        case str():
            return said.replace("TU-FINANCE", cell)
        case _:
            return said


THEME: dict[str, Any] = MEETING | {
    "meeting": "TU-FINANCE-2024-10-CD",
    "kind": "THEMATIC",
    "held_at": "2024-10-15T14:00:00+07:00",
}
DECEMBER: dict[str, Any] = MEETING | {
    "meeting": "TU-FINANCE-2024-12",
    "held_at": "2024-12-27T14:00:00+07:00",
    "absences": [{"member": "TU-M-0002", "excused": True}, {"member": "TU-M-0003", "excused": True}],
    "tasks": [],
}


def _corrected(minutes: dict[str, Any], at: str, **changed: Any) -> dict[str, Any]:
    return minutes | {"corrected_at": at, "reason": "by the notes"} | changed


def _meetings() -> list[tuple[str, dict[str, Any]]]:
    """Return its meetings: called, put off, called off, held, corrected twice, followed up, scored."""
    called = CALL | {"meeting": "TU-FINANCE-2024-12"}
    put_off = {"scheduled_for": "2024-12-27T14:00:00+07:00", "announced_at": "2024-12-22T08:00:00+07:00"}
    off = {"organization": "TU-FINANCE", "cancelled_at": "2024-12-21T08:00:00+07:00", "reason": "the storm"}
    extra = CALL | {"meeting": "TU-FINANCE-2024-12-BT", "kind": "EXTRAORDINARY"}
    names = "ATTENDANCE", "DURATION", "MEMBERS_SPEAKING", "MINUTES", "CONTENTS"
    points = [{"component": name, "points": "9"} for name in names]
    scored = {"meeting": "TU-FINANCE-2024-11"}
    by_cell = {"pack": BINH_THUAN, "points": points, "superior": None}
    return [
        ("MeetingHeld", SEPTEMBER),
        ("MeetingHeld", THEME),
        ("MeetingHeld", MEETING),
        ("MeetingScored", SHEET | scored | by_cell),
        ("MeetingScored", SHEET | scored),
        ("MeetingScored", SHEET | scored | {"scored_at": "2024-11-29T09:00:00+07:00"}),
        ("MinutesCorrected", _corrected(MEETING, "2024-11-30T08:00:00+07:00", duration_min=90)),
        ("MinutesCorrected", _corrected(MEETING, "2024-12-01T08:00:00+07:00")),
        ("MeetingScheduled", called),
        ("MeetingScheduled", extra),
        ("MeetingCancelled", off | {"meeting": "TU-FINANCE-2024-12-BT"}),
        ("MeetingScheduled", called | put_off),
        ("MeetingHeld", DECEMBER),
        ("TaskReported", DONE | {"meeting": "TU-FINANCE-2024-11", "task": 1, "reported_on": "2024-12-27"}),
    ]


def _movement() -> list[tuple[str, dict[str, Any]]]:
    """Return its part in the movement, and who follows it."""
    visits = ("2024-10-15", "TU-FINANCE-2024-10-CD"), ("2024-11-28", "TU-FINANCE-2024-11")
    return [
        ("ModelCellSelected", PILOT),
        ("EmulationAgreementSigned", SIGN | {"agreement": "TU-FINANCE-01"}),
        ("EmulationAgreementSigned", COUNTERSIGN | {"agreement": "TU-FINANCE-01"}),
        ("CellRegistered", REGISTER),
        ("ModelReplicated", REPLICATE | {"replication": "TU-FINANCE-R1"}),
        ("SupervisionAssigned", FOLLOW),
        *(("SupervisorAttended", VISIT | {"attended_on": on, "meeting": code}) for on, code in visits),
        ("SupervisionEnded", END | {"ended_on": "2024-11-01"}),
    ]


def _life() -> list[tuple[str, dict[str, Any]]]:
    """Return a self-assessment up to its restatement, and a concern from the meeting it was raised at."""
    november = {"organization": "TU-FINANCE", "period": "2024-11"}
    concern = {"concern": "TU-FINANCE-C1", "organization": "TU-FINANCE"}
    steps = [
        ("ConcernAnswered", ANSWER),
        ("ConcernEscalated", ESCALATE),
        ("ConcernHeard", HEAR),
        ("ConcernAssigned", ASSIGN),
        ("ConcernResolved", RESOLVE),
        ("ConcernConfirmedToCell", CONFIRM),
        ("ConcernReopened", REOPEN),
    ]
    return [
        ("SelfAssessmentSubmitted", NOVEMBER),
        ("SelfAssessmentCorrected", CORRECTION | november),
        ("SelfAssessmentReturned", RETURN | november),
        ("SelfAssessmentResubmitted", AGAIN | november),
        ("SelfAssessmentAccepted", ACCEPTANCE | november),
        ("SelfAssessmentRestated", RESTATEMENT | november),
        ("ConcernRaised", RAISE | concern),
        ("ConcernAcknowledged", ACKNOWLEDGE | concern),
        *((name, said | concern | {"step": n}) for n, (name, said) in enumerate(steps, 2)),
    ]
