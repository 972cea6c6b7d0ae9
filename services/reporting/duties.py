"""What cells owe by the calendar, as reporting reads it of events."""

from datetime import date

import msgspec

from services.chassis.views.places import Seen


class DutyOpened(msgspec.Struct, frozen=True):
    """One thing that is owed, from `opens_on` to the end of `due_on`."""

    duty: str
    subject: str
    owed_by: str
    opens_on: date
    due_on: date


class ObligationsOpened(Seen, frozen=True):
    """What is owed of a cell in a month; what had ended is open again, with the days it now has."""

    period: str
    obligations: tuple[DutyOpened, ...]


class ObligationEnded(Seen, frozen=True):
    """Something was done, missed or is owed no more: the last that is told of it counts."""

    period: str
    duty: str
    subject: str
    owed_by: str
    due_on: date
    outcome: str
    done_on: date | None = None
    rests_on: tuple[str, ...] = ()
    because: str | None = None


class Decision(msgspec.Struct, frozen=True):
    """A document by number and date."""

    number: str
    date: date


class ObligationExcused(Seen, frozen=True):
    """A superior decided that a cell need not do something."""

    period: str
    duty: str
    subject: str
    excused_by: str
    decision: Decision
    reason: str


DUTIES: dict[str, type[Seen]] = {
    "assessment.ObligationsOpened.v1": ObligationsOpened,
    "assessment.ObligationEnded.v1": ObligationEnded,
    "assessment.ObligationExcused.v1": ObligationExcused,
}
