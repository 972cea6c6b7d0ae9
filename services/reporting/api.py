"""Reporting over HTTP: figures of any subtree, and the replay of any organization.

Every role reads, each within its subtree. Every query takes `after=<service>:<position>`: it answers
once everything it rests on has read that far.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response

from contracts.days import day_of
from contracts.message import Code, DayOn
from contracts.vocabulary import Month as MonthName
from contracts.vocabulary import Year
from services.chassis.clock import Clock
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import paths_of
from services.chassis.edge.rights import OF_FIGURES, Rights
from services.chassis.errors import NotFound
from services.chassis.views.tree import Node
from services.reporting.cell import CellState, Entry
from services.reporting.known import Known, KnownAt
from services.reporting.ledger import ENTRIES_MAX, Source
from services.reporting.lists.export import Files
from services.reporting.lists.routes import add_lists
from services.reporting.replay import Replay
from services.reporting.shown import (
    AdmissionsShown,
    ClassesShown,
    CompletenessShown,
    HeadcountShown,
    MissingShown,
    OrganizationShown,
    StructureShown,
    TimelineShown,
)
from services.reporting.views import Views, subtree

ENTRIES_DEFAULT = 1_000


Named = Annotated[Code, Path()]


def _day(
    on: Annotated[DayOn | None, Query(description="the day asked about; today if none is named")] = None,
    as_of: Annotated[DayOn | None, Query(description="the same, by its other name")] = None,
) -> date | None:
    return as_of or on


Day = Annotated[date | None, Depends(_day)]
Structure = Annotated[
    subtree.Structure,
    Query(description="sum over the tree of that day (`then`), or of today (`now`)"),
]


Gate = Callable[..., Awaitable[Node]]
"""A dependency: the organization in the path, for a caller who may read about it."""

Today = Callable[[], date]


def routes(known: Known, replay: Replay, files: Files, rights: Rights, auth: Auth, clock: Clock) -> APIRouter:
    """Return reporting's routes: each needs a role, and rights over the organization it is about."""
    router = paths_of("reporting")
    gate = _gate(known.live, rights, auth)

    def today() -> date:
        return day_of(clock())

    _add_places(router, known, gate, rights, auth, today)
    _add_members(router, known, gate, today)
    _add_quality(router, known, gate, today)
    _add_replay(router, known, replay, gate, rights, auth, today)
    add_lists(router, known, files, gate, today)
    return router


def _gate(views: Views, rights: Rights, auth: Auth) -> Gate:
    async def organization(code: Named, by: Annotated[Caller, Depends(auth.caller)], after: Reading) -> Node:
        await rights.require(by, *OF_FIGURES, over=[code], after=after)
        node = await views.tree.find(code)
        if node is None:
            raise NotFound(f"no organization {code}")
        return node

    return organization


def _add_places(
    router: APIRouter, known: Known, gate: Gate, rights: Rights, auth: Auth, today: Today
) -> None:
    about = Annotated[Node, Depends(gate)]

    @router.get("/organizations")
    async def tops(by: Annotated[Caller, Depends(auth.caller)], after: Reading) -> list[Node]:
        """Where the caller's part of the tree begins: the roots, or the organizations they answer for."""
        await after.wait(known.live.tree, known.live.officials)
        return await rights.tops(by, *OF_FIGURES)

    @router.get("/organizations/{code}")
    async def show(node: about, after: Reading, on: Day, known_at: KnownAt = None) -> OrganizationShown:
        """One organization on a day (today): its ancestors, what lay directly beneath, and its lineage."""
        day = on or today()
        async with known.read(after, known_at, "tree", "structure") as views:
            then = await views.tree.find_on(node.code, day) if on or known_at else node
            if then is None:
                raise NotFound(f"{node.code} was not founded by {day}")
            return OrganizationShown(
                as_of=day,
                organization=then,
                children=await views.tree.children_on(node.code, day),
                kinds=await views.structure.counts_by_kind(node.code, day),
                lineage=await views.tree.lineage(node.code, day),
            )

    @router.get("/organizations/{code}/tree")
    async def tree(node: about, after: Reading, on: Day, known_at: KnownAt = None) -> list[Node]:
        """All that stood in the subtree on a day (today), by code, each with its name and path of it."""
        async with known.read(after, known_at, "tree") as views:
            return await views.tree.beneath_on(node.code, on or today())

    @router.get("/organizations/{code}/structure")
    async def structure(
        node: about, after: Reading, on: Day, structure: Structure = "then", known_at: KnownAt = None
    ) -> StructureShown:
        """Organizations by kind on the day `on` (today), and the cells selected by then to go first."""
        day = on or today()
        async with known.read(after, known_at, "structure") as views:
            return StructureShown(
                organization=node.code,
                on=day,
                kinds=await views.structure.counts_by_kind(node.code, day, structure),
                models=await views.structure.models(node.code, day, structure),
            )


def _add_members(router: APIRouter, known: Known, gate: Gate, today: Today) -> None:
    about = Annotated[Node, Depends(gate)]

    @router.get("/organizations/{code}/headcount")
    async def headcount(
        node: about, after: Reading, on: Day, structure: Structure = "then", known_at: KnownAt = None
    ) -> HeadcountShown:
        """Members at the end of the day `on` (today), in all and by organization directly beneath."""
        day = on or today()
        async with known.read(after, known_at, "headcount") as views:
            found = await views.headcount.by_child(node.code, day, structure)
        return HeadcountShown(
            organization=node.code,
            on=day,
            total=found.count.total,
            full=found.count.full,
            probationary=found.count.probationary,
            children=found.children,
        )

    @router.get("/organizations/{code}/admissions")
    async def admissions(
        node: about,
        after: Reading,
        year: Year | None = None,
        structure: Structure = "then",
        known_at: KnownAt = None,
    ) -> AdmissionsShown:
        """Admissions of a year (this one) against the target the organization was set."""
        async with known.read(after, known_at, "headcount") as views:
            found = await views.headcount.admissions(node.code, int(year or today().year), structure)
        return AdmissionsShown(
            organization=node.code,
            percent=found.percent,
            met=found.met,
            exceeded=found.exceeded,
            **asdict(found),
        )


def _add_quality(router: APIRouter, known: Known, gate: Gate, today: Today) -> None:
    about = Annotated[Node, Depends(gate)]

    @router.get("/organizations/{code}/completeness")
    async def completeness(
        node: about,
        after: Reading,
        from_month: Annotated[MonthName | None, Query(alias="from")] = None,
        to_month: Annotated[MonthName | None, Query(alias="to")] = None,
        known_at: KnownAt = None,
    ) -> CompletenessShown:
        """Self-assessments by month, from `from` (January of `to`) to `to` (this month), both included."""
        last = to_month or f"{today():%Y-%m}"
        first = from_month or f"{last[:4]}-01"
        async with known.read(after, known_at, "completeness") as views:
            return CompletenessShown(
                organization=node.code,
                months=await views.completeness.months(node.code, first, last),
                children=await views.completeness.by_child(node.code, first, last),
            )

    @router.get("/organizations/{code}/missing")
    async def missing(
        node: about, after: Reading, month: MonthName, known_at: KnownAt = None
    ) -> MissingShown:
        """The cells whose self-assessment of `month` is missing after its deadline."""
        async with known.read(after, known_at, "completeness") as views:
            cells = await views.completeness.missing(node.code, month)
        return MissingShown(organization=node.code, month=month, cells=cells)

    @router.get("/organizations/{code}/classes")
    async def classes(
        node: about,
        after: Reading,
        year: Year | None = None,
        structure: Structure = "then",
        known_at: KnownAt = None,
    ) -> ClassesShown:
        """Classes of a year (this one) over the subtree, and the organization's own of every year."""
        asked = int(year or today().year)
        async with known.read(after, known_at, "classes") as views:
            return ClassesShown(
                organization=node.code,
                distribution=await views.classes.distribution(node.code, asked, structure),
                goal=await views.classes.goal(node.code, asked),
                own=await views.classes.of(node.code),
            )


def _add_replay(
    router: APIRouter, known: Known, replay: Replay, gate: Gate, rights: Rights, auth: Auth, today: Today
) -> None:
    about = Annotated[Node, Depends(gate)]

    @router.get("/cells/{code}/timeline", responses={200: {"model": TimelineShown}})
    async def timeline(
        node: about,
        after: Reading,
        start: Annotated[int, Query(ge=0, description="only events after this ledger position")] = 0,
        limit: Annotated[int, Query(ge=1, le=ENTRIES_MAX)] = ENTRIES_DEFAULT,
    ) -> Response:
        """Every event about one organization, in ledger order, each as it was published."""
        await after.wait(replay.ledger)
        entries = await replay.timeline(node.code, after=start, limit=limit)
        more = entries[-1].position if len(entries) == limit else None
        shown = {"organization": node.code, "entries": [entry_shown(one) for one in entries], "next": more}
        # The events go out as the bytes they came in as: decoding them would take longer than reading them.
        return Response(msgspec.json.encode(shown), media_type="application/json")

    @router.get("/cells/{code}/state")
    async def state(node: about, after: Reading, on: Day, known_at: KnownAt = None) -> CellState:
        """One organization as it stood at the end of the day `on` (today)."""
        await after.wait(replay.ledger)
        async with known.read(after, known_at, "tree") as views:
            then = (known_at, views.tree) if known_at else None
            return await replay.state(node.code, on or today(), then)

    @router.get("/ledger")
    async def ledger(by: Annotated[Caller, Depends(auth.caller)]) -> list[Source]:
        """How far each service's events are recorded."""
        await rights.require(by, "operator", "auditor")
        return await replay.ledger.sources()


def entry_shown(entry: Entry) -> Mapping[str, Any]:
    """Return an event of a timeline as it is shown: its place, its two times, who told it, and what."""
    message = entry.message
    return {
        "position": entry.position,
        "at": entry.at,
        "recorded_at": entry.recorded_at,
        "type": entry.type,
        "source": entry.source,
        "sequence": message.sequence,
        "id": message.id,
        "actor": message.actor,
        "correlationid": message.correlationid,
        "causationid": message.causationid,
        "data": message.raw_data,
    }
