"""How long probation lasts, by when it is decided: the registry records by it, assessment waits for it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from contracts.days import months_after
from services.chassis.stated import Parameters
from services.chassis.working_days import WorkingDays

PACKS = Path(__file__).parent / "packs"

MEMBERSHIP = PACKS / "membership.json"
DEADLINES = PACKS / "deadlines.json"


@dataclass(frozen=True)
class Probation:
    """What the packs on membership and on deadlines state of it."""

    months: int
    recognition_working_days: int
    working_days: WorkingDays

    def ends(self, ceremony_on: date) -> date:
        """Return the day on which probation ends (Charter art. 5.1)."""
        return months_after(ceremony_on, self.months)

    def recognize_by(self, ends_on: date) -> date:
        """Return the last day on which recognition is in time (294-QĐ/TW art. 4.2)."""
        return self.working_days.after(ends_on, self.recognition_working_days)


def probation(working_days: WorkingDays) -> Probation:
    """Return the rules on probation, over the working days of a calendar."""
    months = Parameters.read(MEMBERSHIP).values()["probation_months"]
    return Probation(months, Parameters.read(DEADLINES).values()["recognition_working_days"], working_days)
