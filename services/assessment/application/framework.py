"""Criteria frameworks: issued by a committee, and the packs their goods may come from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, computed_field, model_validator

from contracts.assessment import CriteriaFrameworkIssued, CriterionCode, GoodCode
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Figure, LegalTag, Line, Text, Word
from services.assessment.application.cells import Cells
from services.assessment.domain import CriteriaFramework, Good, Organization, Period
from services.assessment.domain.framework import AlreadyIssued
from services.assessment.domain.self_assessment import UnknownFramework
from services.chassis.bounds import Cache
from services.chassis.errors import NotFound, Refused
from services.chassis.eventlog.store import Origin, Receipt
from services.chassis.stated import Command

PACKS = Path(__file__).parents[1] / "packs"

REMEMBERED_MAX = 256
"""Criteria frameworks remembered: those in force, and those of some years before."""


class UnknownPack(Refused):
    """Goods are stated in the command, or taken from a pack that is kept here (house rule)."""


class ThresholdAsked(Command):
    """What a figure must be: greater than, at least, or exactly `value`."""

    op: Literal["gt", "gte", "eq"]
    value: Figure


class CriterionAsked(Command):
    """One criterion as a framework asks it."""

    criterion: CriterionCode
    name_vi: Line
    name_en: Line
    kind: Literal["ACHIEVED", "MEASURED"]
    test: ThresholdAsked | None = None
    unit: Line | None = None
    period: Literal["MONTH", "QUARTER", "YEAR"]
    source: Line
    legal_tag: LegalTag
    measured_by: Word | None = None


class GoodAsked(Command):
    """One good with its criteria."""

    good: GoodCode
    name_vi: Line
    name_en: Line
    criteria: Annotated[tuple[CriterionAsked, ...], Field(min_length=1, max_length=50)]


class Pack(Command):
    """Goods as versioned data: no document until a committee issues them under a number and a date."""

    name: Line
    version: Line
    title: Line
    note: Text
    based_on: tuple[Document, ...]
    goods: Annotated[tuple[GoodAsked, ...], Field(min_length=1, max_length=12)]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """Return what a command calls it: name and version."""
        return f"{self.name}-{self.version}"


class IssueCriteriaFramework(Command):
    """Issue criteria to the subtree of `organization`: the `goods` stated, or those of a `pack`."""

    organization: Code
    framework: Document
    title: Line
    period: Literal["MONTH", "YEAR"]
    effective_on: DayOn
    goods: Annotated[tuple[GoodAsked, ...], Field(max_length=12)] = ()
    pack: Line | None = None

    @model_validator(mode="after")
    def _states_its_goods_once(self) -> Self:
        if bool(self.goods) is bool(self.pack):
            raise ValueError("state either goods or a pack")
        return self

    def asks(self, packs: Mapping[str, Pack]) -> list[Good]:
        """Return the goods stated, or those of the pack named. Raises UnknownPack."""
        if self.pack is not None and self.pack not in packs:
            raise UnknownPack(f"{self.pack}; there are {', '.join(sorted(packs))}")
        goods = packs[self.pack].goods if self.pack else self.goods
        return [Good.of(good.model_dump()) for good in goods]


class CriteriaFrameworks:
    """The use cases of criteria frameworks. `packs` are goods kept as data."""

    def __init__(self, cells: Cells, packs: Mapping[str, Pack]) -> None:
        self.cells = cells
        self.store = cells.store
        self.packs = packs
        self.known: Cache[str, CriteriaFramework] = Cache("frameworks remembered", REMEMBERED_MAX)

    async def issue(self, command: IssueCriteriaFramework, origin: Origin) -> Receipt:
        """Issue a criteria framework.

        Raises UnknownPack, UnknownOrganization, InTheFuture, BeforeFounding, EffectiveBeforeIssued,
        AskedTwice, Untestable, MeasuredByNothing, AlreadyIssued.
        """
        framework = CriteriaFramework.issue(
            await self.cells.find(command.organization),
            command.asks(self.packs),
            number=command.framework.number,
            dated=command.framework.date,
            title=command.title,
            period=command.period,
            effective_on=command.effective_on,
            pack=command.pack,
            at=self.store.clock(),
        )
        return await self.cells.record_new(framework, origin, otherwise=AlreadyIssued)

    async def find(self, cell: Organization, document: Document) -> CriteriaFramework:
        """Return the framework of this number and date that the nearest committee above `cell` issued.

        It is read once: a framework never changes. Raises UnknownFramework.
        """
        for issuer in reversed(cell.path):
            id = CriteriaFramework.id_for(issuer, document.number, document.date)
            framework = self.known.get(id) or await self.store.look_up(CriteriaFramework, id)
            if framework:
                return self.known.put(id, framework)
        raise UnknownFramework(
            f"neither {cell.code} nor a committee above it issued {document.number} of {document.date}"
        )

    async def find_asking(
        self, cell: Organization, in_force: Sequence[CriteriaFrameworkIssued], period: Period
    ) -> CriteriaFramework:
        """Return the first of those in force for `cell` that asks something in `period`.

        A year is asked by a framework for years, if there is one. Raises NotFound.
        """
        for issued in sorted(in_force, key=lambda one: one.period == "YEAR", reverse=period.is_year):
            framework = await self.find(cell, issued.framework)
            if framework.asks_in(period):
                return framework
        raise NotFound(f"nothing is asked of {cell.code} in {period.text}")


def read_packs(folder: Path = PACKS) -> dict[str, Pack]:
    """Return the packs in `folder` by their ids."""
    packs = [Pack.model_validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
    return {pack.id: pack for pack in packs}
