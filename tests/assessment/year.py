"""A cell's year as its district tells it: every kind of event that may be about a cell, with days and codes.

The cell stands beneath TU-AGENCIES, THAN-UYEN and LAI-CHAU. What the district says may arrive in any order.
"""

from collections.abc import Mapping
from string import Formatter
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
from tests.assessment.duties import EXCUSE
from tests.assessment.movement import COUNTERSIGN, LAUNCH, LAUNCH_BELOW, REGISTER, REPLICATE, SIGN
from tests.assessment.scored import ADOPT, ADOPT_AGAIN, ADOPT_BELOW, ANSWERED, ISSUE_POINTS
from tests.assessment.supervision import ASSIGN as FOLLOW
from tests.assessment.supervision import END, WHO

OF_ALL = (
    ("CriteriaFrameworkIssued.v1", ISSUE),
    ("CriteriaFrameworkIssued.v2", ISSUE_POINTS),
    ("CriteriaFrameworkAdopted.v1", ADOPT_BELOW),
    ("MovementLaunched.v1", LAUNCH),
    ("MovementLaunched.v1", LAUNCH_BELOW),
)
"""What all cells of the district share."""

COMMANDS = {
    "CriteriaFrameworkIssued": "frameworks",
    "CriteriaFrameworkAdopted": "adoptions",
    "MovementLaunched": "movements",
    "ModelCellSelected": "model-cells",
    "EmulationAgreementSigned": "agreements",
    "CellRegistered": "registrations",
    "ModelReplicated": "replications",
    "SupervisionAssigned": "supervision",
    "SupervisionEnded": "supervision/endings",
    "VisitPlanned": "visits/plans",
    "MeetingScheduled": "meetings/{meeting}/announcements",
    "MeetingCancelled": "meetings/{meeting}/cancellation",
    "MeetingHeld": "meetings",
    "MinutesCorrected": "meetings/{meeting}/corrections",
    "SupervisorAttended": "meetings/{meeting}/attendances",
    "VisitConfirmed": "meetings/{meeting}/confirmations",
    "VisitReported": "meetings/{meeting}/visit-reports",
    "TaskReported": "meetings/{meeting}/tasks/{task}/reports",
    "MeetingScored": "meetings/{meeting}/scores",
    "SelfAssessmentSubmitted": "self-assessments",
    "SelfAssessmentCorrected": "self-assessments/{organization}/{period}/corrections",
    "SelfAssessmentReturned": "self-assessments/{organization}/{period}/returns",
    "SelfAssessmentResubmitted": "self-assessments/{organization}/{period}/resubmissions",
    "SelfAssessmentAccepted": "self-assessments/{organization}/{period}/acceptances",
    "SelfAssessmentRestated": "self-assessments/{organization}/{period}/restatements",
    "ObligationExcused": "obligations/excuses",
    "ConcernRaised": "concerns",
    "ConcernAcknowledged": "concerns/{concern}/acknowledgement",
    "ConcernAnswered": "concerns/{concern}/answers",
    "ConcernEscalated": "concerns/{concern}/escalations",
    "ConcernHeard": "concerns/{concern}/hearings",
    "ConcernAssigned": "concerns/{concern}/assignments",
    "ConcernResolved": "concerns/{concern}/resolutions",
    "ConcernConfirmedToCell": "concerns/{concern}/confirmations",
    "ConcernReopened": "concerns/{concern}/reopenings",
}
"""Where the same is told over HTTP, by event; what the path names is not in the body."""

ASKED = (
    *(f"/meetings/{{}}-2024-{code}" for code in ("09", "10-CD", "11", "12", "12-BT")),
    *("/meetings/{}-2024-11/quality", "/figures?organization={}&period=2024"),
    *("/self-assessments/{}/2024-09", "/self-assessments/{}/2024-11"),
    *("/adoptions?organization={}", "/concerns/{}-C1", "/concerns?organization={}"),
    *("/obligations?organization={}&period=2024-11", "/obligations?organization={}&period=2024-12"),
    *("/agreements/{}-01", "/coverage?organization={}&year=2025"),
    *("/supervision?organization={}&year=2024", "/visits/mismatches?organization={}"),
)
"""What is asked of a cell's year."""

PASSED_OVER = {"recorded_at", "position", "next"}
"""What says when it was told: only that depends on the order."""

Told = tuple[str, dict[str, Any]]
"""An event by its name, and what it says."""


def of_all() -> list[Event]:
    """Return what a district tells once for all its cells."""
    return [_event(name, said) for name, said in OF_ALL]


def year(cell: str) -> list[Event]:
    """Return what is told of one cell, in the order in which it happened; all codes begin with its own."""
    return [_event(f"{name}.v1", said) for name, said in told(cell)]


def told(cell: str, **elsewhere: str) -> list[Told]:
    """Return the same as plain values; `elsewhere` has other words for some in it, such as a district's."""
    words = {"TU-FINANCE": cell} | elsewhere
    return [(name, renamed(said, words)) for name, said in (*_meetings(), *_movement(), *_visits(), *_life())]


def command(name: str, said: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the same as a command over HTTP: its path beneath /assessment/v1, and its body."""
    path = COMMANDS[name]
    in_path = {field for _, field, _, _ in Formatter().parse(path) if field}
    if "{concern}" in path and name != "ConcernConfirmedToCell":
        in_path |= {"organization"}  # a concern is known by its code
    return path.format(**said), {field: value for field, value in said.items() if field not in in_path}


def plainly(said: Any, cell: str) -> Any:
    """Return an answer without what depends on the order, about whichever cell."""
    match said:
        case dict():
            return {name: plainly(value, cell) for name, value in said.items() if name not in PASSED_OVER}
        case list():
            return [plainly(value, cell) for value in said]
        case str():
            return said.replace(cell, "CELL")
        case _:
            return said


def _event(name: str, said: dict[str, Any]) -> Event:
    return CATALOGUE[f"assessment.{name}"].model_validate(said)


def renamed(said: Any, words: Mapping[str, str]) -> Any:
    """Return the same with other words in it."""
    match said:
        case dict():
            return {name: renamed(value, words) for name, value in said.items()}
        case list() | tuple():
            return [renamed(value, words) for value in said]
        case str():
            for word, other in words.items():
                said = said.replace(word, other)
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


def _meetings() -> list[Told]:
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


def _movement() -> list[Told]:
    """Return its part in the movement, and who follows it."""
    return [
        ("ModelCellSelected", PILOT),
        ("EmulationAgreementSigned", SIGN | {"agreement": "TU-FINANCE-01"}),
        ("EmulationAgreementSigned", COUNTERSIGN | {"agreement": "TU-FINANCE-01"}),
        ("CellRegistered", REGISTER),
        ("ModelReplicated", REPLICATE | {"replication": "TU-FINANCE-R1"}),
        ("SupervisionAssigned", FOLLOW),
        ("SupervisionEnded", END | {"ended_on": "2024-11-01"}),
    ]


def _visits() -> list[Told]:
    """Return visits: planned, made, disputed until a superior decides or the cell agrees, reported on."""

    def said(side: str, of: str, on: str, attended: bool = True) -> Told:
        word = {"side": side, "attended": attended, "confirmed_at": f"{on}T02:00:00Z"}
        return "VisitConfirmed", WHO | {"meeting": of} | word

    september, theme, november = [f"TU-FINANCE-2024-{code}" for code in ("09", "10-CD", "11")]
    plan = {"planned_for": "2024-10-14", "registered_on": "2024-10-01"}
    visits = (september, "2024-09-06"), (theme, "2024-10-15"), (november, "2024-11-28")
    report = {"meeting": september, "reported_on": "2024-09-10", "quality": "QUALITY_GOOD"}
    return [
        ("VisitPlanned", WHO | plan),
        *(("SupervisorAttended", VISIT | {"attended_on": on, "meeting": code}) for code, on in visits),
        ("VisitReported", WHO | report | {"concerns": ["TU-FINANCE-C1"]}),
        said("CELL", theme, "2024-10-16", attended=False),
        said("SUPERVISOR", theme, "2024-10-17"),
        said("SUPERIOR", theme, "2024-10-18"),
        said("CELL", november, "2024-11-29", attended=False),
        said("CELL", november, "2024-12-02"),
    ]


def _life() -> list[Told]:
    """Return what it answers: a form of points, another up to its restatement, a concern it raised."""
    november = {"organization": "TU-FINANCE", "period": "2024-11"}
    december = {"duty": "SELF_ASSESSMENT", "subject": "2024-12", "period": "2024-12"}
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
        ("CriteriaFrameworkAdopted", ADOPT),
        ("CriteriaFrameworkAdopted", ADOPT_AGAIN),
        ("SelfAssessmentSubmitted", ANSWERED),
        ("SelfAssessmentSubmitted", NOVEMBER),
        ("SelfAssessmentCorrected", CORRECTION | november),
        ("SelfAssessmentReturned", RETURN | november),
        ("SelfAssessmentResubmitted", AGAIN | november),
        ("SelfAssessmentAccepted", ACCEPTANCE | november),
        ("SelfAssessmentRestated", RESTATEMENT | november),
        ("ObligationExcused", EXCUSE | december),
        ("ConcernRaised", RAISE | concern),
        ("ConcernAcknowledged", ACKNOWLEDGE | concern),
        *((name, said | concern | {"step": n}) for n, (name, said) in enumerate(steps, 2)),
    ]
