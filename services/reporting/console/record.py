"""The record of an organization as of a day: where it stood, who led it, what lay beneath, whence it came."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from contracts.registry import OrganizationKind
from services.chassis.views.tree import Node
from services.reporting.console import figures
from services.reporting.console.pages import Asked, Page
from services.reporting.console.queries import Goals, Queries
from services.reporting.console.texts import Texts
from services.reporting.views import Count

BRANCHES_MAX = 400
"""Organizations in one tree. A level that would pass it is left to the records of those above it."""

OPEN_MAX = 30
"""Organizations shown before a reader opens a branch."""

YEARS_SHOWN = 4


@dataclass(frozen=True)
class Branch:
    """An organization in a tree, with the members of its subtree on the day.

    `size` is how many stood beneath it in all; of those, `branches` are shown. `now` is the organization
    as it is today, where it stands elsewhere or has ended, `into` what it then lies beneath.
    """

    node: Node
    count: Count
    size: int
    branches: Sequence["Branch"]
    open: bool
    now: Node | None = None
    into: Node | None = None


@dataclass(frozen=True)
class Kin:
    """Another organization that this one came from, or became: `how` is a word of `lineage`."""

    how: str
    code: str
    name: str
    on: date


async def record(queries: Queries, node: Node, asked: Asked, *, today: date, texts: Texts) -> Page:
    """Return the page of an organization's record; `node` is how it is today."""
    turns = [day for day in await queries.turns(node.code) if day <= today]
    first = min([*turns, node.founded_on, today])
    on = min(max(asked.on or today, first), today)
    then = await queries.find_on(node.code, on) or node
    structure = asked.structure if on < today else "then"
    counts = await queries.counts(node.code, on, structure)
    stood = await queries.beneath(node.code, on if structure == "then" else today)
    past = await queries.past(node.code)
    flagged = await queries.out_of_size(node.code, on, structure)
    return {
        "node": node,
        "then": then,
        "ancestors": await queries.above(then, on),
        "asked": asked,
        "on": on,
        "today": today,
        "first": first,
        "earlier": max((day for day in turns if day < on), default=None),
        "later": min((day for day in turns if on < day), default=None),
        "turning": figures.activity(turns, first, today, on, texts),
        "structure": structure,
        "members": counts.get(node.code, Count()),
        "kinds": _kinds(stood, node.code),
        "tree": await _tree(queries, then, stood, counts, on),
        "small": [one for one in flagged if one.flag == "BELOW_MINIMUM"],
        "large": [one for one in flagged if one.flag != "BELOW_MINIMUM"],
        "officials": await queries.officials(node.code, on),
        "goals": await _goals(queries, node.code, on.year),
        "kin": await _kin(queries, node.code),
        "past": past,
        "parents": {
            one.parent: found.name
            for one in past
            if one.parent and (found := await queries.find(one.parent)) is not None
        },
    }


def _kinds(stood: Sequence[Node], top: str) -> Mapping[str, int]:
    """Return how many stood beneath of each kind, the highest first."""
    found = Counter(one.kind for one in stood if one.code != top)
    return {kind: found[kind] for kind in get_args(OrganizationKind) if found[kind]}


async def _tree(
    queries: Queries, top: Node, stood: Sequence[Node], counts: Mapping[str, Count], on: date
) -> Sequence[Branch]:
    """Return what is directly beneath `top`, each with its branches down to the last level that fits."""
    children: defaultdict[str | None, list[Node]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    levels: Counter[int] = Counter()
    for one in stood:
        if one.code != top.code:
            children[one.path[-2]].append(one)
            sizes.update(one.path[:-1])
            levels[len(one.path) - one.path.index(top.code) - 1] += 1

    def deepest(most: int) -> int:
        return max((level for level in levels if sum(levels[n] for n in range(level + 1)) <= most), default=1)

    shown, opened = deepest(BRANCHES_MAX), deepest(OPEN_MAX)

    async def beneath(code: str, level: int) -> list[Branch]:
        branches = []
        for one in children[code]:
            now = await queries.find(one.code)
            moved = now is not None and (now.ended_on or now.parent != one.parent)
            branches.append(
                Branch(
                    node=one,
                    count=counts.get(one.code, Count()),
                    size=sizes[one.code],
                    branches=await beneath(one.code, level + 1) if level < shown else (),
                    open=level < opened,
                    now=now if moved else None,
                    into=await queries.find(now.parent) if moved and now and now.parent else None,
                )
            )
        return branches

    return await beneath(top.code, 1)


async def _goals(queries: Queries, code: str, year: int) -> Sequence[Goals]:
    """Return the goals of some years until `year`, the latest first; a year without any is left out."""
    asked = [await queries.goals(code, one) for one in range(year, year - YEARS_SHOWN, -1)]
    return [one for one in asked if one.admissions.target or one.good_or_better or one.coverage is not None]


async def _kin(queries: Queries, code: str) -> Sequence[Kin]:
    """Return what the organization came from and what it became, by day."""
    lineage = await queries.lineage(code)
    told = [
        *(("merged_from", step) for step in lineage.merged_from),
        *(("split_from", step) for step in lineage.split_from),
        *(("split_into", step) for step in lineage.split_into),
        *([("merged_into", lineage.merged_into)] if lineage.merged_into else []),
    ]
    found = [(how, step, await queries.find(step.organization)) for how, step in told]
    kin = [
        Kin(how, step.organization, node.name if node else step.organization, step.on)
        for how, step, node in found
    ]
    return sorted(kin, key=lambda one: (one.on, one.name))
