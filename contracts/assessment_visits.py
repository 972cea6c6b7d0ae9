"""Supervision: who from above follows which cell in a year, plans visits, and whether both sides say so."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.message import Code, DayOn, Event, Instant, Value
from contracts.vocabulary import Flag, Line, Text, Word, Year

Visits = Annotated[int, Strict(), Field(ge=0, le=366)]
"""A number of visits in a year."""


class VisitRules(Value):
    """The rules that say how many visits a year asks for, by name and version."""

    name: Line
    version: Line


class SupervisionAssigned(Event):
    """The committee `superior` assigned one of its members, by code, to follow a cell in a year.

    `minimum` is how many visits a year the rules ask of a member of such a committee, as assessment found it.
    """

    type = "assessment.SupervisionAssigned.v1"
    occurred_in = "assigned_on"

    superior: Code
    supervisor: Code
    year: Year
    assigned_on: DayOn
    rules: VisitRules
    minimum: Visits | None = None


class SupervisionEnded(Event):
    """A member no longer follows a cell from `ended_on` on; visits made before stay theirs.

    `replaced_by` follows it instead, by an assignment of their own.
    """

    type = "assessment.SupervisionEnded.v1"
    occurred_in = "ended_on"

    superior: Code
    supervisor: Code
    year: Year
    ended_on: DayOn
    reason: Text
    replaced_by: Code | None = None


class VisitPlanned(Event):
    """A member who follows a cell registered beforehand on which day they mean to visit it (S003).

    A visit to that cell in the month of `planned_for` carries the plan out, since meetings are put off.
    """

    type = "assessment.VisitPlanned.v1"
    occurred_in = "registered_on"

    superior: Code
    supervisor: Code
    planned_for: DayOn
    registered_on: DayOn


class Visiting(Event):
    """What is told of a visit: `supervisor`, a member of the committee `superior`, at a meeting of a cell."""

    meeting: Code
    superior: Code
    supervisor: Code


class VisitConfirmed(Visiting):
    """One side says whether the supervisor sat in; what it said last counts.

    The supervisor's first word is SupervisorAttended, the cell's its minutes, where they say who came from
    above. Where the two differ, a committee above (SUPERIOR, then named as `superior`) may say what counts.
    """

    type = "assessment.VisitConfirmed.v1"
    occurred_in = "confirmed_at"

    side: Literal["SUPERVISOR", "CELL", "SUPERIOR"]
    attended: Flag
    confirmed_at: Instant


class VisitMismatchNoted(Visiting):
    """Of the supervisor and the cell one says that they sat in, the other (`denied_by`) that they did not.

    It is for the committee `superior` to clear up. Found by assessment itself.
    """

    type = "assessment.VisitMismatchNoted.v1"
    occurred_in = "noted_on"

    denied_by: Literal["SUPERVISOR", "CELL"]
    noted_on: DayOn


class VisitMismatchSettled(Visiting):
    """Both say the same by now, or the superior has said what counts: whether the supervisor sat in."""

    type = "assessment.VisitMismatchSettled.v1"
    occurred_in = "settled_on"

    attended: Flag
    settled_on: DayOn


class VisitReported(Visiting):
    """A supervisor reported on a meeting they sat in: how good it was, what fell short, what cells raised.

    `quality` is a level of a scoring pack; `findings` are about the meeting, never about a person; `concerns`
    were raised at it. `due_on` is by when the rules ask for the report, as assessment found it.
    """

    type = "assessment.VisitReported.v1"
    occurred_in = "reported_on"

    reported_on: DayOn
    quality: Word
    findings: Text | None = None
    concerns: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    due_on: DayOn | None = None
    rules: VisitRules | None = None
