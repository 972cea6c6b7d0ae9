"""Criteria frameworks: issued by a committee, adopted beneath it, and what that asks of a cell."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.assessment import CriterionCode
from contracts.assessment_frameworks import CriteriaFrameworkIssuedV2
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Flag, Line
from services.assessment.application.cells import Cells
from services.assessment.application.criteria import Bands, Goods, Kinds, Pack, bands_of, goods_of
from services.assessment.domain import Adoption, CriteriaFramework, Form, Good, Organization, Period
from services.assessment.domain.framework import AlreadyIssued, Terms
from services.assessment.domain.self_assessment import UnknownFramework
from services.assessment.domain.soundness import Band
from services.chassis.bounds import Cache
from services.chassis.errors import NotFound, Refused
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command

REMEMBERED_MAX = 256
"""Criteria frameworks remembered: those in force, and those of some years before."""


class UnknownPack(Refused):
    """Goods are stated in the command, or taken from a pack that is kept here (house rule)."""


class IssueCriteriaFramework(Command):
    """Issue criteria to the subtree of `organization`: the `goods` stated with their `bands`, or a `pack`.

    It is for `kinds` of cells, if any are named; it replaces the framework it `amends`, or binds only who
    adopts it. `based_on` are the documents that it carries out, oldest first.
    """

    organization: Code
    framework: Document
    title: Line
    period: Literal["MONTH", "QUARTER", "YEAR"]
    effective_on: DayOn
    goods: Goods = ()
    bands: Bands = ()
    pack: Line | None = None
    kinds: Kinds = ()
    amends: Document | None = None
    requires_adoption: Flag = False
    based_on: Annotated[tuple[Document, ...], Field(max_length=12)] = ()

    @model_validator(mode="after")
    def _states_its_goods_once(self) -> Self:
        if bool(self.goods) is bool(self.pack) or (self.pack and self.bands):
            raise ValueError("state either goods or a pack")
        return self

    def asks(self, packs: Mapping[str, Pack]) -> tuple[list[Good], list[Band]]:
        """Return the goods and bands stated, or those of the pack named. Raises UnknownPack."""
        if self.pack is not None and self.pack not in packs:
            raise UnknownPack(f"{self.pack}; there are {', '.join(sorted(packs))}")
        stated = packs[self.pack] if self.pack else self
        return goods_of(stated.goods), bands_of(stated.bands)


class AdoptCriteriaFramework(Command):
    """Take over a framework from above: add criteria, to its goods or goods of one's own; drop optional ones.

    `plan` is the document by which the organization carries it out. `adopted_on` is today unless stated.
    """

    organization: Code
    framework: Document
    adopted_on: DayOn | None = None
    goods: Goods = ()
    dropped: Annotated[tuple[CriterionCode, ...], Field(max_length=100)] = ()
    plan: Document | None = None


class CriteriaFrameworks:
    """The use cases of criteria frameworks. `packs` are goods kept as data."""

    def __init__(self, cells: Cells, packs: Mapping[str, Pack]) -> None:
        self.cells = cells
        self.store = cells.store
        self.packs = packs
        self.known: Cache[str, CriteriaFramework] = Cache("frameworks remembered", REMEMBERED_MAX)

    async def issue(self, command: IssueCriteriaFramework, origin: Origin) -> Receipt:
        """Issue a criteria framework.

        Raises UnknownPack, UnknownOrganization, UnknownFramework, what `CriteriaFramework.issue` raises,
        AlreadyIssued.
        """
        goods, bands = command.asks(self.packs)
        framework = CriteriaFramework.issue(
            await self.cells.find(command.organization),
            goods,
            number=command.framework.number,
            dated=command.framework.date,
            title=command.title,
            period=command.period,
            effective_on=command.effective_on,
            pack=command.pack,
            terms=Terms(
                bands=bands,
                kinds=command.kinds,
                amends=await self._of_issuer(command.organization, command.amends)
                if command.amends
                else None,
                requires_adoption=command.requires_adoption,
                based_on=[{"number": one.number, "dated": one.date.isoformat()} for one in command.based_on],
            ),
            at=self.store.clock(),
        )
        return await self.cells.record_new(framework, origin, otherwise=AlreadyIssued)

    @retried
    async def adopt(self, command: AdoptCriteriaFramework, origin: Origin) -> Receipt:
        """Record an adoption.

        Raises UnknownOrganization, UnknownFramework, what `Adoption.adopt` raises.
        """
        organization = await self.cells.find(command.organization)
        framework = await self.find(organization, command.framework)
        adopted_on = command.adopted_on or self.cells.today()
        *above, own = await self._adoptions(framework, organization)
        counted = [one for adoption in above if adoption and (one := adoption.by(adopted_on))]
        adoption = Adoption.adopt(
            organization,
            Form.of(framework, organization, counted),
            own,
            goods=goods_of(command.goods),
            dropped=command.dropped,
            plan=(command.plan.number, command.plan.date) if command.plan else None,
            adopted_on=adopted_on,
            at=self.store.clock(),
        )
        return await self.store.record(adoption, origin=origin)

    async def find(self, cell: Organization, document: Document) -> CriteriaFramework:
        """Return the framework of this number and date that the nearest committee above `cell` issued.

        It is read once: a framework never changes. Raises UnknownFramework.
        """
        found = await gather(*(self._issued(issuer, document) for issuer in cell.path))
        if nearest := next(filter(None, reversed(found)), None):
            return nearest
        raise UnknownFramework(
            f"neither {cell.code} nor a committee above it issued {document.number} of {document.date}"
        )

    async def form(self, cell: Organization, document: Document, period: Period, on: date) -> Form:
        """Return what that framework asks of `cell` for `period`, in a form signed `on` that day.

        Adoptions count from the period in which they were made. Raises UnknownFramework.
        """
        ids = [self._id(issuer, document) for issuer in reversed(cell.path)]
        remembered = next(filter(None, map(self.known.get, ids)), None)
        framework, adoptions = await gather(self.find(cell, document), self._adoptions(remembered, cell))
        if framework is not remembered:  # a nearer one, or the first time that it is asked for
            adoptions = await self._adoptions(framework, cell)
        until = min(period.last_day, on)
        counted = [one for adoption in adoptions if adoption and (one := adoption.by(until))]
        own = adoptions[-1]
        return Form.of(framework, cell, counted, by_itself=own is not None and own.by(on) is not None)

    async def find_asking(
        self, cell: Organization, in_force: Sequence[CriteriaFrameworkIssuedV2], period: Period, on: date
    ) -> Form:
        """Return the first form of those in force for `cell` that asks something in `period`.

        The longest period that ends with it is asked first: a year by a framework for years, a quarter's last
        month by one for quarters. Raises NotFound.
        """
        for issued in sorted(in_force, key=lambda one: one.period == period.longest, reverse=True):
            form = await self.form(cell, issued.framework, period, on)
            if form.asks_in(period):
                return form
        raise NotFound(f"nothing is asked of {cell.code} in {period.text}")

    async def _adoptions(
        self, framework: CriteriaFramework | None, organization: Organization
    ) -> Sequence[Adoption | None]:
        """Return what each organization from beneath the issuer down to this one made of the framework."""
        if framework is None:
            return ()
        below = organization.path[organization.path.index(framework.organization) + 1 :]
        ids = [Adoption.id_for(code, framework.id) for code in below or (organization.code,)]
        return await gather(*(self.store.look_up(Adoption, id) for id in ids))

    async def _of_issuer(self, issuer: str, document: Document) -> CriteriaFramework:
        if framework := await self._issued(issuer, document):
            return framework
        raise UnknownFramework(f"{issuer} has not issued {document.number} of {document.date}")

    async def _issued(self, issuer: str, document: Document) -> CriteriaFramework | None:
        id = self._id(issuer, document)
        framework = self.known.get(id) or await self.store.look_up(CriteriaFramework, id)
        return self.known.put(id, framework) if framework else None

    @staticmethod
    def _id(issuer: str, document: Document) -> str:
        return CriteriaFramework.id_for(issuer, document.number, document.date)
