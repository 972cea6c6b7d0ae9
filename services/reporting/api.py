"""Reporting over HTTP: figures of any subtree, and the replay of any organization.

Every role reads, each within its subtree. Every query takes `after=<service>:<position>`: it answers
once everything it rests on has read that far.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime

from contracts.days import day_of
from contracts.message import Code, DayOn
from contracts.vocabulary import Month as MonthName
from contracts.vocabulary import Year
from services.chassis.clock import Clock
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.rights import OF_FIGURES, Rights
from services.chassis.errors import NotFound
from services.chassis.views.tree import Node
from services.reporting.cell import CellState, Entry
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
Known = Annotated[AwareDatetime | None, Query(description="only what was recorded by then")]
Structure = Annotated[
    subtree.Structure,
    Query(description="sum over the tree of that day (`then`), or of today (`now`)"),
]


Gate = Callable[..., Awaitable[Node]]
"""A dependency: the organization in the path, for a caller who may read about it."""

Today = Callable[[], date]


def routes(views: Views, replay: Replay, files: Files, rights: Rights, auth: Auth, clock: Clock) -> APIRouter:
    """Return reporting's routes: each needs a role, and rights over the organization it is about."""
    router = APIRouter(tags=["reporting"])
    gate = _gate(views, rights, auth)

    def today() -> date:
        return day_of(clock())

    _add_places(router, views, gate, rights, auth, today)
    _add_members(router, views, gate, today)
    _add_quality(router, views, gate, today)
    _add_replay(router, replay, gate, rights, auth, today)
    add_lists(router, views, files, gate, today)
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
    router: APIRouter, views: Views, gate: Gate, rights: Rights, auth: Auth, today: Today
) -> None:
    about = Annotated[Node, Depends(gate)]

    @router.get("/organizations")
    async def tops(by: Annotated[Caller, Depends(auth.caller)], after: Reading) -> list[Node]:
        """Where the caller's part of the tree begins: the roots, or the organizations they answer for."""
        await after.wait(views.tree, views.officials)
        return await rights.tops(by, *OF_FIGURES)

    @router.get("/organizations/{code}")
    async def show(node: about, after: Reading, on: Day, known_at: Known = None) -> OrganizationShown:
        """One organization on a day (today): its ancestors, what lay directly beneath, and its lineage."""
        day = on or today()
        if known_at is not None:
            return await _known(views, node.code, day, known_at)
        await after.wait(views.structure)
        then = node if on is None else await views.tree.find_on(node.code, day)
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
    async def tree(node: about, on: Day, known_at: Known = None) -> list[Node]:
        """All that stood in the subtree on a day (today), by code, each with its name and path of it."""
        day = on or today()
        if known_at is None:
            return await views.tree.beneath_on(node.code, day)
        known = await views.tree.known_by(known_at, day)
        return [one for one in known if node.code in one.path and one.ended_on is None]

    @router.get("/organizations/{code}/structure")
    async def structure(
        node: about, after: Reading, on: Day, structure: Structure = "then"
    ) -> StructureShown:
        """Organizations by kind on the day `on` (today), and the cells selected by then to go first."""
        await after.wait(views.structure)
        day = on or today()
        return StructureShown(
            organization=node.code,
            on=day,
            kinds=await views.structure.counts_by_kind(node.code, day, structure),
            models=await views.structure.models(node.code, day, structure),
        )


async def _known(views: Views, code: str, day: date, known_at: datetime) -> OrganizationShown:
    """Return the organization on a day, from what had been recorded by `known_at`."""
    known = await views.tree.known_by(known_at, day)
    found = [node for node in known if node.code == code]
    if not found:
        raise NotFound(f"{code} was not known at {known_at} to be founded by {day}")
    standing = [node for node in known if code in node.path and node.code != code and node.ended_on is None]
    return OrganizationShown(
        as_of=day,
        organization=found[0],
        children=[node for node in standing if node.parent == code],
        kinds=dict(sorted(Counter(node.kind for node in standing).items())),
        lineage=await views.tree.lineage(code, day, known_at),
    )


def _add_members(router: APIRouter, views: Views, gate: Gate, today: Today) -> None:
    about = Annotated[Node, Depends(gate)]

    @router.get("/organizations/{code}/headcount")
    async def headcount(
        node: about, after: Reading, on: Day, structure: Structure = "then"
    ) -> HeadcountShown:
        """Members at the end of the day `on` (today), in all and by organization directly beneath."""
        await after.wait(views.headcount)
        day = on or today()
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
        node: about, after: Reading, year: Year | None = None, structure: Structure = "then"
    ) -> AdmissionsShown:
        """Admissions of a year (this one) against the target the organization was set."""
        await after.wait(views.headcount)
        found = await views.headcount.admissions(node.code, int(year or today().year), structure)
        return AdmissionsShown(
            organization=node.code,
            percent=found.percent,
            met=found.met,
            exceeded=found.exceeded,
            **asdict(found),
        )


def _add_quality(router: APIRouter, views: Views, gate: Gate, today: Today) -> None:
    about = Annotated[Node, Depends(gate)]

    @router.get("/organizations/{code}/completeness")
    async def completeness(
        node: about,
        after: Reading,
        from_month: Annotated[MonthName | None, Query(alias="from")] = None,
        to_month: Annotated[MonthName | None, Query(alias="to")] = None,
    ) -> CompletenessShown:
        """Self-assessments by month, from `from` (January of `to`) to `to` (this month), both included."""
        await after.wait(views.completeness)
        last = to_month or f"{today():%Y-%m}"
        first = from_month or f"{last[:4]}-01"
        return CompletenessShown(
            organization=node.code,
            months=await views.completeness.months(node.code, first, last),
            children=await views.completeness.by_child(node.code, first, last),
        )

    @router.get("/organizations/{code}/missing")
    async def missing(node: about, after: Reading, month: MonthName) -> MissingShown:
        """The cells whose self-assessment of `month` is missing after its deadline."""
        await after.wait(views.completeness)
        cells = await views.completeness.missing(node.code, month)
        return MissingShown(organization=node.code, month=month, cells=cells)

    @router.get("/organizations/{code}/classes")
    async def classes(
        node: about, after: Reading, year: Year | None = None, structure: Structure = "then"
    ) -> ClassesShown:
        """Classes of a year (this one) over the subtree, and the organization's own of every year."""
        await after.wait(views.classes)
        asked = int(year or today().year)
        return ClassesShown(
            organization=node.code,
            distribution=await views.classes.distribution(node.code, asked, structure),
            goal=await views.classes.goal(node.code, asked),
            own=await views.classes.of(node.code),
        )


def _add_replay(
    router: APIRouter, replay: Replay, gate: Gate, rights: Rights, auth: Auth, today: Today
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
    async def state(
        node: about,
        after: Reading,
        on: Day,
        known_at: Known = None,
    ) -> CellState:
        """One organization as it stood at the end of the day `on` (today)."""
        await after.wait(replay.ledger)
        return await replay.state(node.code, on or today(), known_at)

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
