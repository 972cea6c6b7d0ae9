"""Supervision: who from above follows which cell in a year, and sits in its meetings."""

from typing import Annotated

from pydantic import Field, Strict

from contracts.message import Code, DayOn, Event, Value
from contracts.vocabulary import Line, Text, Year

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
