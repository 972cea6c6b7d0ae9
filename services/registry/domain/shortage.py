"""A cell with too few full members: it decides nothing, and that it fell short is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown
from services.registry.domain.member import Member

# -- Refusals: the docstring is the rule and its source, or that it is ours


class TooFewFullMembers(NotYetKnown):
    """Charter arts. 21.2, 24.1: a cell has at least three full members; with fewer it cannot decide."""


@dataclass(frozen=True)
class FullMembers:
    """The full members of one cell on a day: all of them, or as many as were asked for.

    `told` is whether any was there by that day: a cell whose full members were never told is not judged.
    """

    cell: str
    on: date
    found: Sequence[Member]
    told: bool

    def may_decide(self, minimum: int) -> None:
        """Refuse what a cell decides while it has fewer than `minimum`. Raises TooFewFullMembers."""
        if self.told and len(self.found) < minimum:
            raise TooFewFullMembers(
                f"{self.cell} has {len(self.found)} full members on {self.on}, a cell needs {minimum}"
            )


@dataclass(frozen=True)
class Left:
    """A cell that somebody left on the day `fell_on`: the full members who are left are fewer than needed."""

    organization: str
    fell_on: str
    full_members: int
    minimum: int
    rules: str


class Shortage(Aggregate):
    """How often a cell was left with too few full members, and how few the last time."""

    TOPIC = "registry.Shortage"

    # -- State

    organization: str
    fell_on: str
    full_members: int

    # -- Facts

    class Event(Fact):
        """A fact about the shortage of one cell."""

    class Noted(FirstFact):
        TOPIC = "registry.Shortage.Noted"
        organization: str
        fell_on: str  # the day on which somebody left it so
        full_members: int  # how many were left
        minimum: int
        rules: str

    class NotedAgain(Event):
        TOPIC = "registry.Shortage.NotedAgain"
        organization: str
        fell_on: str
        full_members: int
        minimum: int
        rules: str

        def apply(self, shortage: Shortage) -> None:
            """Put the last time in the place of the one before."""
            shortage.fell_on, shortage.full_members = self.fell_on, self.full_members

    # -- Decisions

    @staticmethod
    def id_for(organization: str) -> str:
        """One cell, one id."""
        return f"shortage-{organization}"

    @classmethod
    def note(cls, left: Left, *, at: datetime) -> Shortage:
        """Note that a cell fell short for the first time."""
        return cls._create(cls.Noted, id=cls.id_for(left.organization), **vars(left), timestamp=at)

    def note_again(self, left: Left, *, at: datetime) -> None:
        """Note that it fell short once more; what is noted already changes nothing."""
        if (left.fell_on, left.full_members) != (self.fell_on, self.full_members):
            self.trigger_event(self.NotedAgain, **vars(left), timestamp=at)
