"""What the registry finds by itself and tells: nobody decided it, and no district can say it."""

from contracts.message import DayOn, Event
from contracts.vocabulary import Headcount, Line


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
