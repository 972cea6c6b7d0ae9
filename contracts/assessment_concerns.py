"""What assessment tells of concerns: raised by a cell about a matter, and what became of them on the way up.

Every word here is about the matter. Who said or thinks what is in no field, and belongs in none.
"""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.message import Code, DayOn, Event
from contracts.vocabulary import Document, Flag, Line, Text, Word

Reason = Literal["BEYOND_COMPETENCE", "LONG_RUNNING", "HARDSHIP", "MULTI_AGENCY", "HOT_SPOT_RISK"]
"""Why a concern goes further up: what Tam Kỳ's went for, and what 11-QĐi/TW (2019-02-18) names."""

Step = Annotated[int, Strict(), Field(ge=2, le=1000)]
"""Which step of the concern's life it is, that it was raised being the first; an acknowledgement is none.

A district that says it may tell steps in any order; one that leaves it out means the next."""


class Concern(Event):
    """What every event of a concern names: the cell that raised it (`organization`), and its code."""

    concern: Code


class Stepped(Concern):
    """A step: after it the concern is in another state, or elsewhere."""

    step: Step | None = None


class ConcernRaised(Concern):
    """A cell raised a concern at a meeting of its own, with the committee `raised_to` above it.

    That is to say in writing by `acknowledge_by` that it accepts it: computed by `rules` and `calendar`.
    """

    type = "assessment.ConcernRaised.v1"
    occurred_in = "raised_on"

    meeting: Code
    raised_on: DayOn
    raised_to: Code
    matter: Line
    category: Word
    hot_spot_risk: Flag = False
    acknowledge_by: DayOn | None = None
    rules: Line | None = None
    calendar: Line | None = None


class ConcernAcknowledged(Concern):
    """The committee `by` told the cell in writing that it accepted the concern, whatever came of it since."""

    type = "assessment.ConcernAcknowledged.v1"
    occurred_in = "acknowledged_on"

    by: Code
    acknowledged_on: DayOn
    document: Document


class ConcernAnswered(Stepped):
    """The committee that has it answered by itself; the cell confirms it, has it reopened, or it goes up."""

    type = "assessment.ConcernAnswered.v1"
    occurred_in = "answered_on"

    by: Code
    answered_on: DayOn
    answer: Text


class ConcernEscalated(Stepped):
    """The committee that has it passed it to one above, which has it from then on."""

    type = "assessment.ConcernEscalated.v1"
    occurred_in = "escalated_on"

    by: Code
    to: Code
    escalated_on: DayOn
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=5)]


class ConcernHeard(Stepped):
    """The committee that has it heard the cell: its report, what was said there, and the place itself."""

    type = "assessment.ConcernHeard.v1"
    occurred_in = "heard_on"

    by: Code
    heard_on: DayOn
    report: Flag
    opinions: Flag
    field_survey: Flag


class ConcernAssigned(Stepped):
    """The committee that has it directed an agency to solve it by a day."""

    type = "assessment.ConcernAssigned.v1"
    occurred_in = "assigned_on"

    by: Code
    assigned_on: DayOn
    agency: Line
    due_on: DayOn


class ConcernResolved(Stepped):
    """The matter was solved, and how."""

    type = "assessment.ConcernResolved.v1"
    occurred_in = "resolved_on"

    by: Code
    resolved_on: DayOn
    outcome: Text


class ConcernConfirmedToCell(Stepped):
    """The cell was told of the answer or of the solution, and confirms that."""

    type = "assessment.ConcernConfirmedToCell.v1"
    occurred_in = "confirmed_on"

    confirmed_on: DayOn


class ConcernReopened(Stepped):
    """The cell, or the committee that has it, found that it is not settled, and why."""

    type = "assessment.ConcernReopened.v1"
    occurred_in = "reopened_on"

    by: Code
    reopened_on: DayOn
    reason: Text
