"""How far a subtree has come: cells registered, frameworks adopted, models chosen, launches held."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from contracts.assessment_frameworks import CriteriaFrameworkAdopted, CriteriaFrameworkIssuedV2
from contracts.vocabulary import Document
from services.chassis.shares import needed_of, percent_of
from services.chassis.sizes import CELLS
from services.chassis.stated import Parameters
from services.chassis.views.tree import Node


@dataclass(frozen=True)
class Coverage:
    """The cells of a subtree that stood on `on`, and how many of them had by then registered for `year`."""

    organization: str
    year: str
    on: date
    cells: int
    registered: int
    percent: Decimal | None
    missing: list[str]


def coverage(organization: str, year: str, on: date, beneath: Sequence[Node], known: set[str]) -> Coverage:
    """Return the coverage of what stood `beneath`; `known` are the cells that had registered."""
    cells = [node.code for node in beneath if node.kind in CELLS]
    missing = [code for code in cells if code not in known]
    registered = len(cells) - len(missing)
    percent = percent_of(registered, len(cells))
    return Coverage(organization, year, on, len(cells), registered, percent, missing)


@dataclass(frozen=True)
class Adopted:
    """The cells of a subtree that a framework is for, as they stood on `on`, and how many had adopted it."""

    organization: str
    framework: Document
    issuer: str
    on: date
    cells: int
    adopted: int
    percent: Decimal | None
    missing: list[str]


def adopted(
    framework: CriteriaFrameworkIssuedV2,
    organization: str,
    on: date,
    beneath: Sequence[Node],
    adopters: Collection[str],
) -> Adopted:
    """Return how far `framework` is adopted by what stood `beneath`; `adopters` are all who had."""
    kinds = set(framework.kinds)
    cells = [
        one.code for one in beneath if one.kind in CELLS and (not kinds or {one.kind, one.sector} & kinds)
    ]
    missing = [code for code in cells if code not in adopters]
    done = len(cells) - len(missing)
    named = framework.framework, framework.organization
    return Adopted(organization, *named, on, len(cells), done, percent_of(done, len(cells)), missing)


@dataclass(frozen=True)
class Link:
    """One document of a chain: what a framework rests on, the framework, or the plan of who adopted it.

    `of` is who issued it, None where that is nobody here.
    """

    document: Document
    role: Literal["BASIS", "FRAMEWORK", "PLAN"]
    of: str | None


def chain(framework: CriteriaFrameworkIssuedV2, adoptions: Sequence[CriteriaFrameworkAdopted]) -> list[Link]:
    """Return the documents from the first that `framework` carries out to the lowest plan to adopt it."""
    issuer, document = framework.organization, framework.framework
    plans = [
        Link(one.plan, "PLAN", one.organization)
        for one in reversed(adoptions)
        if one.plan and (one.issuer, one.framework) == (issuer, document)
    ]
    basis = [Link(one, "BASIS", None) for one in framework.based_on]
    return [*basis, Link(document, "FRAMEWORK", issuer), *plans]


@dataclass(frozen=True)
class CommitteeShare:
    """One committee's own subordinate cells, how many models they need, and which there are."""

    organization: str
    name: str
    cells: int
    need: int
    chosen: list[str]
    shortfall: int


@dataclass(frozen=True)
class ModelShare:
    """The committees of a subtree with cells of their own; the figures are their sums.

    `rule` is the pack by which a committee needs `percent` of its cells, a part counting as a whole.
    """

    organization: str
    on: date
    percent: int
    rule: str
    legal_tag: str
    source: str
    cells: int
    need: int
    chosen: int
    shortfall: int
    committees: list[CommitteeShare]


def model_share(
    organization: str, on: date, beneath: Sequence[Node], models: Collection[str], rules: Parameters
) -> ModelShare:
    """Return what each committee that stood `beneath` needs and has; grassroots cells are outside (S004)."""
    [rule] = rules.rules
    percent = int(rule.value)
    cells: dict[str, list[str]] = defaultdict(list)
    for node in beneath:
        if node.kind == "SUBORDINATE_CELL" and node.parent:
            cells[node.parent].append(node.code)
    committees = [_of(node, cells[node.code], models, percent) for node in beneath if cells.get(node.code)]
    return ModelShare(
        organization,
        on,
        percent,
        rules.title,
        rule.legal_tag,
        rule.source,
        sum(one.cells for one in committees),
        sum(one.need for one in committees),
        sum(len(one.chosen) for one in committees),
        sum(one.shortfall for one in committees),
        committees,
    )


def _of(committee: Node, cells: Sequence[str], models: Collection[str], percent: int) -> CommitteeShare:
    need = needed_of(Decimal(percent), len(cells))
    chosen = [code for code in cells if code in models]
    short = max(0, need - len(chosen))
    return CommitteeShare(committee.code, committee.name, len(cells), need, chosen, short)


@dataclass(frozen=True)
class CommitteeLaunch:
    """A committee beneath, and when it carried the launch on; None if it has not."""

    organization: str
    name: str
    kind: str
    launched_on: date | None


@dataclass(frozen=True)
class Cascade:
    """One launch, and which of the committees that stood beneath carried it on."""

    document: Document
    title: str
    launched_on: date
    launched: int
    waiting: int
    committees: list[CommitteeLaunch]


def cascade(
    document: Document, title: str, launched_on: date, committees: Sequence[Node], since: dict[str, date]
) -> Cascade:
    """Return how far a launch came among `committees`; `since` is when each carried it on."""
    reached = [CommitteeLaunch(one.code, one.name, one.kind, since.get(one.code)) for one in committees]
    launched = sum(one.launched_on is not None for one in reached)
    return Cascade(document, title, launched_on, launched, len(reached) - launched, reached)
