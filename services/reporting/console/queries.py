"""What the console asks of the rest of reporting, and the few answers that only its pages have.

Figures and states come as the views, the replay and the ledger define them. `console.answers` asks these.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, Self

from services.chassis.edge.after import After
from services.chassis.views.officials import Holding
from services.chassis.views.tree import Lineage, Node
from services.reporting.cell import CellState, Entry
from services.reporting.ledger import Source
from services.reporting.lists.listing import Asked
from services.reporting.lists.listing import Page as Rows
from services.reporting.lists.sizes import CellOfSize
from services.reporting.views import (
    Admissions,
    CellOwing,
    Count,
    Distribution,
    Goal,
    Month,
    Obligation,
    ViewName,
)
from services.reporting.views.life import Life
from services.reporting.views.structure import Period
from services.reporting.views.subtree import Structure

Totals = Mapping[str, Mapping[str, int]]
"""How many obligations there are, by duty and state."""


@dataclass(frozen=True)
class Child:
    """One row of the table of children: its subtree in figures."""

    node: Node
    beneath: int
    members: int
    months: tuple[Month, ...]


@dataclass(frozen=True)
class Children:
    """One page of the children that match, and how many match in all."""

    total: int
    rows: tuple[Child, ...]


@dataclass(frozen=True)
class Listing:
    """Which children: matching a text, in which order, which page."""

    matching: str = ""
    order: str = "code"
    descending: bool = False
    offset: int = 0
    limit: int = 25


ORDERS = ("code", "name", "members", "beneath", "submitted")


@dataclass(frozen=True)
class Goals:
    """What an organization was set for a year: admissions, and which share is to be good or better.

    `coverage` is the share of cells that are to take part, in percent.
    """

    year: int
    admissions: Admissions
    good_or_better: Goal | None
    coverage: Decimal | None


@dataclass(frozen=True)
class ViewProgress:
    """How far one view has read each source, and how many events it is behind."""

    name: str
    version: int
    positions: Mapping[str, int]
    lag: int
    rebuilding: bool = False


@dataclass(frozen=True)
class Parked:
    """An event that was set aside because `service` could not take it in."""

    service: str
    id: str
    kind: str
    where: str
    type: str
    reason: str
    detail: str
    parked_at: datetime


class Queries(Protocol):
    """Every question a page may ask. `code` is always known; `find` says whether it is."""

    async def read(self, after: After) -> None:
        """Return once everything that pages rest on has read so far. Raises NotYetRead, ViewRebuilding."""

    def known(self, known_at: datetime | None, *names: ViewName) -> AbstractAsyncContextManager[Self]:
        """Ask the same of what had been recorded by `known_at`; `names` are the views that it rests on.

        Raises as `known.Known.read`. Lists are told the instant by what they are asked.
        """

    async def find(self, code: str) -> Node | None:
        """Return the organization, or None."""

    async def ancestors(self, node: Node) -> Sequence[Node]:
        """Return the way from the root down to `node`, inclusive."""

    async def years(self, code: str) -> Sequence[int]:
        """Return the years in which the subtree reported anything, ascending."""

    async def kinds(self, code: str) -> Mapping[str, int]:
        """Return how many organizations of each kind the subtree holds, `code` excluded."""

    async def models(self, code: str, on: date) -> Mapping[str, int]:
        """Return how many cells of the subtree are `PILOT` and `MODEL` on that day."""

    async def headcount(self, code: str, on: date) -> Count:
        """Return the members of the subtree on that day."""

    async def growth(self, code: str, first: date, last: date) -> Sequence[tuple[date, int]]:
        """Return (day, members) at each change between two days, both inclusive."""

    async def admissions(self, code: str, year: int) -> Admissions:
        """Return the year's admissions of the subtree against its target."""

    async def months(self, code: str, year: int) -> Sequence[Month]:
        """Return the year's twelve months of self-assessment over the subtree."""

    async def distribution(self, code: str, year: int) -> Distribution:
        """Return the classes of the subtree in one year."""

    async def children(self, code: str, year: int, on: date, listing: Listing) -> Children:
        """Return one page of the direct children, each with its subtree's figures."""

    async def state(self, code: str, on: date) -> CellState:
        """Return the organization as it stood at the end of `on`."""

    async def timeline(self, code: str) -> Sequence[Entry]:
        """Return every event about the organization, oldest first by position."""

    # -- What is owed in a month; `today` is when it is looked at, `day` says by which tree

    async def owed(self, code: str, month: str, today: date) -> Sequence[Obligation]:
        """Return what a cell owed in a month, by due day; of nobody restricted."""

    async def owed_beneath(self, code: str, month: str, day: date, today: date) -> Totals:
        """Return how much the cells beneath owed in a month, by duty and state."""

    async def owing(
        self, code: str, month: str, day: date, today: date, *, missing: bool, after: str, limit: int
    ) -> Sequence[CellOwing]:
        """Return cells beneath that owed something in a month, or of which something is missing, by code."""

    # -- An organization's record

    async def find_on(self, code: str, day: date) -> Node | None:
        """Return the organization as it was at the end of `day`, or None if it was not founded by then."""

    async def above(self, node: Node, day: date) -> Sequence[Node]:
        """Return the way from the root down to `node`, inclusive, each as it was on `day`."""

    async def beneath(self, code: str, day: date) -> Sequence[Node]:
        """Return what stood in the subtree on `day`, itself included, by code."""

    async def counts(self, code: str, day: date, structure: Structure) -> Mapping[str, Count]:
        """Return the members on `day` of every organization in the subtree that has any."""

    async def lineage(self, code: str) -> Lineage:
        """Return what the organization came from, and what it became."""

    async def past(self, code: str) -> Sequence[Period]:
        """Return the names and places of the organization, the latest first."""

    async def turns(self, code: str) -> Sequence[date]:
        """Return the days on which anything of the subtree came, went or changed its name, ascending."""

    async def goals(self, code: str, year: int) -> Goals:
        """Return what the organization means to reach in a year, and what is reached."""

    async def officials(self, code: str, day: date) -> Sequence[Holding]:
        """Return who holds which position in the organization on `day`: its secretary first."""

    async def listed(self, code: str, day: date, asked: Asked) -> Rows[Any]:
        """Return a page of the list that `asked` is of, over the subtree. Raises RequestValidationError."""

    async def out_of_size(self, code: str, day: date, structure: Structure) -> Sequence[CellOfSize]:
        """Return the cells of the subtree that are too small to decide, or as large as a committee."""

    # -- A member

    async def life(self, member: str) -> Life | None:
        """Return a member's life by code; None of one nobody admitted, or whose data are restricted."""

    async def positions(self, member: str, day: date) -> Sequence[Holding]:
        """Return what the member holds on `day`, anywhere."""

    async def told_of(self, member: str, organizations: Sequence[str]) -> Sequence[Entry]:
        """Return what these organizations were told of the member, oldest first by position."""

    # -- For the operator

    async def sources(self) -> Sequence[Source]:
        """Return how far the ledger has come, per service."""

    async def views(self) -> Sequence[ViewProgress]:
        """Return how far each view has come."""

    async def parked(self) -> Sequence[Parked]:
        """Return the events set aside in this service, newest first."""
