"""What cells owe by the calendar, and what became of it: silence is an event too."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.message import Code, DayOn, Event, Value
from contracts.vocabulary import Document, Line, Month, Text, Word

Outcome = Literal["MET", "LATE", "MISSED", "EXCUSED"]
"""Done by its day, done after it, not done, or owed no more."""


class DutyRules(Value):
    """The rules that say what is owed, by name and version."""

    name: Line
    version: Line


class Duty(Value):
    """One thing that is owed: `subject` says which of its kind, `owed_by` who has to do it.

    `duty` and its subject: MEETING (the month), THEMATIC_MEETING (the quarter, `2024-Q4`), SELF_ASSESSMENT
    (the month or year assessed), VISIT (who follows the cell, by code), ACKNOWLEDGEMENT (the concern),
    RECOGNITION (the member, by code); more may come.
    """

    duty: Word
    subject: Code
    owed_by: Code
    due_on: DayOn


class DutyOpened(Duty):
    """It is owed from the beginning of `opens_on` to the end of `due_on`."""

    opens_on: DayOn


class ObligationsOpened(Event):
    """What is owed of a cell in a month. More of the same month comes as another such event.

    What is opened again is open again, with the days it now has.
    """

    type = "assessment.ObligationsOpened.v1"
    occurred_in = "opened_on"

    period: Month
    opened_on: DayOn
    rules: DutyRules
    obligations: Annotated[tuple[DutyOpened, ...], Field(min_length=1, max_length=1_000)]


class ObligationEnded(Event, Duty):
    """Something that was owed is done, missed or owed no more: the last that is told of it counts.

    It is told anew when late news comes, or rules change. `done_on` is the day stated, `rests_on` names what
    did it (meetings). EXCUSED has a reason (`because`): DECISION, ORGANIZATION_ENDED, NOT_ASKED; more may
    come.
    """

    type = "assessment.ObligationEnded.v1"
    occurred_in = "judged_on"

    period: Month
    judged_on: DayOn
    outcome: Outcome
    done_on: DayOn | None = None
    rests_on: Annotated[tuple[Code, ...], Field(max_length=100)] = ()
    because: Word | None = None
    rules: DutyRules


class ObligationExcused(Event):
    """A superior excused a cell from something owed of it in a month, by `decision`, and says why."""

    type = "assessment.ObligationExcused.v1"
    occurred_in = "decision.date"

    period: Month
    duty: Word
    subject: Code
    excused_by: Code
    decision: Document
    reason: Text
