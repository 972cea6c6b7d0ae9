"""Reporting's views, ledger and replay, put as the answers the pages ask for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Self

from contracts.registry import OfficialAppointed, OfficialRelieved, RecognitionVoteFailed
from services.chassis.edge.after import After
from services.chassis.parked import ParkingLot
from services.chassis.sizes import cell_sizes
from services.chassis.views.officials import Holding
from services.chassis.views.tree import Lineage, Node
from services.reporting.cell import CellState, Entry
from services.reporting.console.queries import Child, Children, Goals, Listing, Parked, Totals, ViewProgress
from services.reporting.known import Known
from services.reporting.ledger import Source
from services.reporting.lists.listing import Asked
from services.reporting.lists.listing import Page as Rows
from services.reporting.lists.page import page_of
from services.reporting.lists.sizes import CellOfSize, out_of_size
from services.reporting.replay import Replay
from services.reporting.views import (
    Admissions,
    CellOwing,
    Count,
    Distribution,
    Month,
    Obligation,
    Roster,
    ViewName,
)
from services.reporting.views.life import Life, life_of
from services.reporting.views.structure import Period
from services.reporting.views.subtree import Structure


class Answers:
    """Answers every question of `queries.Queries`. `standing` is the service's own status."""

    def __init__(
        self,
        known: Known,
        replay: Replay,
        parking: ParkingLot,
        standing: Callable[[], Awaitable[Mapping[str, Any]]],
    ) -> None:
        self._known = known
        self._views = known.live
        self._known_at: datetime | None = None
        self._replay = replay
        self._parking = parking
        self._standing = standing

    async def read(self, after: After) -> None:
        """Return once everything that pages rest on has read so far. Raises NotYetRead, ViewRebuilding."""
        await after.wait(*self._views.all, self._replay.ledger)

    @asynccontextmanager
    async def known(self, known_at: datetime | None, *names: ViewName) -> AsyncIterator[Self]:
        """Ask the same of what had been recorded by `known_at`: see `queries.Queries`."""
        if known_at is None:
            yield self
            return
        async with self._known.read(After(()), known_at, *names) as views:
            then = copy(self)
            then._views, then._known_at = views, known_at
            yield then

    # -- The tree

    async def find(self, code: str) -> Node | None:
        """Return the organization, or None."""
        return await self._views.tree.find(code)

    async def ancestors(self, node: Node) -> list[Node]:
        """Return the way from the root down to `node`, inclusive."""
        found = [await self._views.tree.find(code) for code in node.path]
        return [one for one in found if one]

    # -- Figures of a subtree

    async def years(self, code: str) -> list[int]:
        """Return the years in which the subtree reported anything, ascending."""
        views = self._views
        reported = [await view.years(code) for view in (views.headcount, views.completeness, views.classes)]
        return sorted({year for years in reported for year in years})

    async def kinds(self, code: str) -> Mapping[str, int]:
        """Return how many organizations of each kind the subtree holds, `code` excluded."""
        return await self._views.structure.counts_by_kind(code)

    async def models(self, code: str, on: date) -> Mapping[str, int]:
        """Return how many cells of the subtree are `PILOT` and `MODEL` on that day."""
        return await self._views.structure.models(code, on)

    async def headcount(self, code: str, on: date) -> Count:
        """Return the members of the subtree on that day."""
        return await self._views.headcount.on(code, on)

    async def growth(self, code: str, first: date, last: date) -> Sequence[tuple[date, int]]:
        """Return (day, members) at each change between two days, both inclusive."""
        return await self._views.headcount.series(code, first, last)

    async def admissions(self, code: str, year: int) -> Admissions:
        """Return the year's admissions of the subtree against its target."""
        return await self._views.headcount.admissions(code, year)

    async def months(self, code: str, year: int) -> list[Month]:
        """Return the year's twelve months of self-assessment over the subtree."""
        return await self._views.completeness.months(code, f"{year}-01", f"{year}-12")

    async def distribution(self, code: str, year: int) -> Distribution:
        """Return the classes of the subtree in one year."""
        return await self._views.classes.distribution(code, year)

    async def children(self, code: str, year: int, on: date, listing: Listing) -> Children:
        """Return one page of the direct children, each with its subtree's figures."""
        there = await self._views.tree.children_on(code, on)
        nodes = [node for node in there if _matches(node, listing.matching)]
        if not nodes:
            return Children(0, ())
        counted = await self._views.headcount.by_child(code, on)
        members = {child.code: child.count for child in counted.children}
        months = {
            child.code: child.months
            for child in await self._views.completeness.by_child(code, f"{year}-01", f"{year}-12")
        }
        beneath = await self._views.structure.beneath(code, on)
        rows = [
            Child(node, beneath.get(node.code, 0), members.get(node.code, 0), months.get(node.code, ()))
            for node in nodes
        ]
        rows.sort(key=_ORDERS[listing.order], reverse=listing.descending)
        return Children(len(rows), tuple(rows[listing.offset : listing.offset + listing.limit]))

    # -- One organization

    async def state(self, code: str, on: date) -> CellState:
        """Return the organization as it stood at the end of `on`."""
        known = (self._known_at, self._views.tree) if self._known_at else None
        return await self._replay.state(code, on, known)

    async def timeline(self, code: str) -> list[Entry]:
        """Return every event about the organization, oldest first by position; nobody restricted is named."""
        entries = await self._replay.timeline(code)
        if self._known_at:
            entries = [entry for entry in entries if entry.recorded_at <= self._known_at]
        withheld = await self._known.live.roster.restricted()
        return [replace(entry, withheld=withheld) for entry in entries] if withheld else entries

    # -- What is owed in a month

    async def owed(self, code: str, month: str, today: date) -> list[Obligation]:
        """Return what a cell owed in a month, by due day; of nobody restricted."""
        return await self._views.obligations.of([code], month, today)

    async def owed_beneath(self, code: str, month: str, day: date, today: date) -> Totals:
        """Return how much the cells beneath owed in a month, by duty and state."""
        return await self._views.obligations.totals(code, month, day, today)

    async def owing(
        self, code: str, month: str, day: date, today: date, *, missing: bool, after: str, limit: int
    ) -> list[CellOwing]:
        """Return cells beneath that owed something in a month, or of which something is missing, by code."""
        view = self._views.obligations
        return await view.by_cell(code, month, day, today, missing=missing, after=after, limit=limit)

    # -- An organization's record

    async def find_on(self, code: str, day: date) -> Node | None:
        """Return the organization as it was at the end of `day`, or None if it was not founded by then."""
        return await self._views.tree.find_on(code, day)

    async def above(self, node: Node, day: date) -> list[Node]:
        """Return the way from the root down to `node`, inclusive, each as it was on `day`."""
        found = [await self._views.tree.find_on(code, day) for code in node.path]
        return [one for one in found if one]

    async def beneath(self, code: str, day: date) -> list[Node]:
        """Return what stood in the subtree on `day`, itself included, by code."""
        return await self._views.tree.beneath_on(code, day)

    async def counts(self, code: str, day: date, structure: Structure) -> Mapping[str, Count]:
        """Return the members on `day` of every organization in the subtree that has any."""
        return await self._views.headcount.by_organization(code, day, structure)

    async def lineage(self, code: str) -> Lineage:
        """Return what the organization came from, and what it became."""
        return await self._views.tree.lineage(code)

    async def past(self, code: str) -> list[Period]:
        """Return the names and places of the organization, the latest first."""
        return await self._views.structure.past(code)

    async def turns(self, code: str) -> list[date]:
        """Return the days on which anything of the subtree came, went or changed its name, ascending."""
        return await self._views.structure.turns(code)

    async def goals(self, code: str, year: int) -> Goals:
        """Return what the organization means to reach in a year, and what is reached."""
        return Goals(
            year,
            await self._views.headcount.admissions(code, year),
            await self._views.classes.goal(code, year),
            await self._views.classes.share(code, year, "COVERAGE"),
        )

    async def officials(self, code: str, day: date) -> list[Holding]:
        """Return who holds which position in the organization on `day`: its secretary first."""
        return await self._views.officials.on(code, day)

    async def listed(self, code: str, day: date, asked: Asked) -> Rows[Any]:
        """Return a page of the list that `asked` is of, over the subtree. Raises RequestValidationError."""
        return await page_of(self._known, code, day, asked)

    async def out_of_size(self, code: str, day: date, structure: Structure) -> list[CellOfSize]:
        """Return the cells of the subtree that are too small to decide, or as large as a committee."""
        return await out_of_size(self._views.headcount, code, day, cell_sizes(), structure)

    # -- A member

    async def life(self, member: str) -> Life | None:
        """Return a member's life by code; None of one nobody admitted, or whose data are restricted."""
        return await life_of(self._views.roster, member)

    async def positions(self, member: str, day: date) -> list[Holding]:
        """Return what the member holds on `day`, anywhere."""
        return await self._views.officials.held_by(member, day)

    async def told_of(self, member: str, organizations: Sequence[str]) -> list[Entry]:
        """Return what these organizations were told of the member, oldest first by position."""
        of_others = (OfficialAppointed, OfficialRelieved, RecognitionVoteFailed)
        types = [*Roster.reads, *(event.type for event in of_others)]
        told = await self._replay.ledger.told(organizations, types)
        entries = (Entry(one.position, one.message) for one in told)
        return [entry for entry in entries if entry.data.get("member") == member]

    # -- For the operator

    async def sources(self) -> list[Source]:
        """Return how far the ledger has come, per service."""
        return await self._replay.ledger.sources()

    async def views(self) -> list[ViewProgress]:
        """Return how far each view has come."""
        return [ViewProgress(**view) for view in (await self._standing())["views"]]

    async def parked(self) -> list[Parked]:
        """Return the events set aside in this service, newest first."""
        return [
            Parked(
                service="reporting",
                id=str(row["id"]),
                kind=row["kind"],
                where=row["place"],
                type=row["type"],
                reason=row["reason"],
                detail=row["detail"],
                parked_at=row["parked_at"],
            )
            for row in await self._parking.listing()
        ]


def _matches(node: Node, text: str) -> bool:
    return text.casefold() in f"{node.code} {node.name}".casefold()


def _share_submitted(child: Child) -> float:
    due = sum(month.due for month in child.months)
    return sum(month.submitted for month in child.months) / due if due else -1.0


_ORDERS: dict[str, Callable[[Child], Any]] = {
    "code": lambda child: child.node.code,
    "name": lambda child: child.node.name.casefold(),
    "members": lambda child: child.members,
    "beneath": lambda child: child.beneath,
    "submitted": _share_submitted,
}
