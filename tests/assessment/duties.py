"""What cells owe, in facts and in days: what the tests of obligations begin with."""

from datetime import date
from typing import Any

from services.assessment.application import submission_rules
from services.assessment.domain import Obligations, Period
from services.assessment.domain.obligation import (
    Binding,
    DutyRules,
    Met,
    Owing,
    Recorded,
    judge,
)
from services.assessment.domain.watch import Watch
from tests.assessment.examples import OF_NOVEMBER
from tests.spec import fact

RULES = DutyRules("obligations", "1", "2018-08", 1, 1, 5, submission_rules())
PINNED = {"name": "obligations", "version": "1"}
CELL = Owing("TU-FINANCE", date(1995, 3, 1), ("LAI-CHAU", "THAN-UYEN", "TU-AGENCIES", "TU-FINANCE"))
MONTHLY = Binding("THAN-UYEN", "MONTH", date(2024, 6, 1))


def day(text):
    return date.fromisoformat(text)


def met(on, kind="REGULAR"):
    return Met(f"TU-FINANCE-{on}", kind, day(on))


def judged(month, today, *, rules=RULES, cell=CELL, **recorded):
    """Return what the cell owes in a month by duty and subject: (outcome, done_on)."""
    found = judge(rules, cell, Period(month), Recorded(**recorded), day(today))
    return {one.key: one for one in found}


def outcome(month, today, duty="MEETING", subject=None, **recorded):
    one = judged(month, today, **recorded)[duty, subject or month]
    return one.outcome, one.done_on and str(one.done_on), one.because


# -- Facts

MEETING: dict[str, Any] = {
    "duty": "MEETING",
    "subject": "2024-11",
    "owed_by": "TU-FINANCE",
    "opens_on": "2024-11-01",
    "due_on": "2024-11-30",
}
ENDED: dict[str, Any] = OF_NOVEMBER | {
    "duty": "MEETING",
    "subject": "2024-11",
    "owed_by": "TU-FINANCE",
    "due_on": "2024-11-30",
    "judged_on": "2024-12-31",
    "outcome": "MET",
    "done_on": "2024-11-28",
    "rests_on": ["TU-FINANCE-2024-11-28"],
    "because": None,
    "rules": PINNED,
}
EXCUSE: dict[str, Any] = OF_NOVEMBER | {
    "duty": "MEETING",
    "subject": "2024-11",
    "excused_by": "THAN-UYEN",
    "decision": {"number": "31-QĐ/HU", "date": "2024-11-07"},
    "reason": "the road was cut off",
}

watching = fact(Watch.Begun, first="2024-11")
begun = fact(Obligations.Begun, **OF_NOVEMBER)
opened = fact(Obligations.Opened, **OF_NOVEMBER, opened_on="2024-11-01", rules=PINNED, obligations=[MEETING])
met_in_time = fact(Obligations.Ended, **ENDED)
missed = fact(Obligations.Ended, **ENDED | {"outcome": "MISSED", "done_on": None, "rests_on": []})
excused = fact(
    Obligations.Excused,
    **{name: value for name, value in EXCUSE.items() if name != "decision"},
    number="31-QĐ/HU",
    dated="2024-11-07",
)
by_decision = fact(
    Obligations.Ended,
    **ENDED | {"outcome": "EXCUSED", "done_on": None, "rests_on": [], "because": "DECISION"},
)
