"""What the registry finds by itself and tells: nobody decided it, and no district can say it."""

from contracts.message import Code, DayOn, Event
from contracts.vocabulary import Headcount, Line, Word


class CellFellBelowMinimum(Event):
    """A full member left, and fewer were left than a cell needs (Charter arts. 21.2, 24.1).

    Until its superior sends members or merges it, the cell decides nothing. `rules` names the rule pack.
    """

    type = "registry.CellFellBelowMinimum.v1"
    occurred_in = "fell_on"

    fell_on: DayOn
    full_members: Headcount
    minimum: Headcount
    rules: Line


class DeadlineNoted(Event):
    """Something that `organization` has to do by the end of `due_on` is near, or was missed.

    `duty` is what: CEREMONY, RECOGNITION, RELEASE (to accept, and once lapsed to release anew),
    DATA_REQUEST_ANSWER, DATA_REQUEST; more may come. Of what a person asks about their data, nobody is named.
    """

    type = "registry.DeadlineNoted.v1"
    occurred_in = "noted_on"

    duty: Word
    state: Word
    due_on: DayOn
    noted_on: DayOn
    member: Code | None = None
    rules: Line
