"""Reporting's views, ledger and replay, put as the answers the pages ask for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from services.chassis.auth import EVERYWHERE
from services.chassis.parked import ParkingLot
from services.chassis.tree import Node
from services.reporting import replay as replayed
from services.reporting.console import queries as asked
from services.reporting.replay import Replay
from services.reporting.views import Views

T = TypeVar("T")


class Answers:
    """Answers every question of `queries.Queries`. `standing` is the service's own status."""

    def __init__(
        self,
        views: Views,
        replay: Replay,
        parking: ParkingLot,
        standing: Callable[[], Awaitable[Mapping[str, Any]]],
    ) -> None:
        self._views = views
        self._replay = replay
        self._parking = parking
        self._standing = standing

    # -- The tree

    async def tops(self, subtree: str) -> Sequence[Node]:
        """Return the organizations without a parent, or the one at the top of `subtree`."""
        if subtree == EVERYWHERE:
            return await self._views.tree.roots()
        node = await self._views.tree.find(subtree)
        return [node] if node else []

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

    async def headcount(self, code: str, on: date) -> asked.Count:
        """Return the members of the subtree on that day."""
        return _as(asked.Count, await self._views.headcount.on(code, on))

    async def growth(self, code: str, first: date, last: date) -> Sequence[tuple[date, int]]:
        """Return (day, members) at each change between two days, both inclusive."""
        return await self._views.headcount.series(code, first, last)

    async def admissions(self, code: str, year: int) -> asked.Admissions:
        """Return the year's admissions of the subtree against its target."""
        return _as(asked.Admissions, await self._views.headcount.admissions(code, year))

    async def months(self, code: str, year: int) -> list[asked.Month]:
        """Return the year's twelve months of self-assessment over the subtree."""
        months = await self._views.completeness.months(code, f"{year}-01", f"{year}-12")
        return [_as(asked.Month, month) for month in months]

    async def distribution(self, code: str, year: int) -> asked.Distribution:
        """Return the classes of the subtree in one year."""
        return _as(asked.Distribution, await self._views.classes.distribution(code, year))

    async def children(self, code: str, year: int, on: date, listing: asked.Listing) -> asked.Children:
        """Return one page of the direct children, each with its subtree's figures."""
        nodes = [node for node in await self._views.tree.children(code) if _matches(node, listing.matching)]
        if not nodes:
            return asked.Children(0, ())
        members = {child.code: child.count for child in await self._views.headcount.by_child(code, on)}
        months = {
            child.code: tuple(_as(asked.Month, month) for month in child.months)
            for child in await self._views.completeness.by_child(code, f"{year}-01", f"{year}-12")
        }
        beneath = await self._views.structure.beneath(code)
        rows = [
            asked.Child(node, beneath.get(node.code, 0), members.get(node.code, 0), months.get(node.code, ()))
            for node in nodes
        ]
        rows.sort(key=_ORDERS[listing.order], reverse=listing.descending)
        return asked.Children(len(rows), tuple(rows[listing.offset : listing.offset + listing.limit]))

    # -- One organization

    async def state(self, code: str, on: date) -> asked.CellState:
        """Return the organization as it stood at the end of `on`."""
        state = await self._replay.state(code, on)
        return _as(
            asked.CellState,
            state,
            members=_as(asked.Count, state.members),
            framework=_as(asked.Framework, state.framework) if state.framework else None,
            meetings=tuple(_as(asked.Meeting, one) for one in state.meetings),
            visits=tuple(_as(asked.Visit, one) for one in state.visits),
            assessments=tuple(_as(asked.SelfAssessment, one) for one in state.assessments),
            classes=tuple(_as(asked.YearClass, one) for one in state.classes),
        )

    async def timeline(self, code: str) -> list[asked.Entry]:
        """Return every event about the organization, oldest first by position."""
        return [_entry(one) for one in await self._replay.timeline(code)]

    # -- For the operator

    async def sources(self) -> list[asked.Source]:
        """Return how far the ledger has come, per service."""
        return [_as(asked.Source, source) for source in await self._replay.ledger.sources()]

    async def views(self) -> list[asked.ViewProgress]:
        """Return how far each view has come."""
        return [asked.ViewProgress(**view) for view in (await self._standing())["views"]]

    async def parked(self) -> list[asked.Parked]:
        """Return the events set aside in this service, newest first."""
        return [
            asked.Parked(
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


def _as(kind: type[T], value: object, **changed: object) -> T:
    """Return `value` as the pages' own kind, which has the same fields, some of them `changed`."""
    same = {one.name: getattr(value, one.name) for one in fields(kind) if one.name not in changed}  # type: ignore[arg-type]
    return kind(**same, **changed)


def _entry(entry: replayed.Entry) -> asked.Entry:
    plain = entry.message.plain
    return asked.Entry(
        position=entry.position,
        at=entry.at,
        recorded_at=entry.recorded_at,
        type=entry.type,
        source=entry.source,
        data=plain["data"],
        message=plain,
    )


def _matches(node: Node, text: str) -> bool:
    return text.casefold() in f"{node.code} {node.name}".casefold()


def _share_submitted(child: asked.Child) -> float:
    due = sum(month.due for month in child.months)
    return sum(month.submitted for month in child.months) / due if due else -1.0


_ORDERS: dict[str, Callable[[asked.Child], Any]] = {
    "code": lambda child: child.node.code,
    "name": lambda child: child.node.name.casefold(),
    "members": lambda child: child.members,
    "beneath": lambda child: child.beneath,
    "submitted": _share_submitted,
}
