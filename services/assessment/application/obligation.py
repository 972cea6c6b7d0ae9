"""Obligations: what cells owe month by month, opened and ended by rules and the calendar, or excused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from contracts.message import Code
from contracts.vocabulary import Document, Month, Text
from services.assessment.application.cells import Cells
from services.assessment.domain import Obligations, SubmissionRules
from services.assessment.domain.obligation import Duty, DutyRules
from services.assessment.domain.obligations import Excuse
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command, Parameters

PACKS = Path(__file__).parents[1] / "packs" / "obligations"


class ExcuseObligation(Command):
    """Excuse a cell from something owed of it in a month, by a decision of `excused_by` above it."""

    organization: Code
    period: Month
    duty: Duty
    subject: Code
    excused_by: Code
    decision: Document
    reason: Text


class DutyPack(Parameters):
    """What is owed from the month `effective_from` on, until the next pack."""

    effective_from: Month

    def beside(self, submissions: SubmissionRules) -> DutyRules:
        """Return it as duties are judged by it, beside when self-assessments are due."""
        named = self.name, self.version, self.effective_from
        return DutyRules(*named, **self.values(), submissions=submissions)


class DutyPacks:
    """The rules kept here, the earliest first."""

    def __init__(self, stated: Sequence[DutyPack], submissions: SubmissionRules) -> None:
        self.stated = sorted(stated, key=lambda one: one.effective_from)
        self._rules = [one.beside(submissions) for one in self.stated]

    @classmethod
    def read(cls, submissions: SubmissionRules, folder: Path = PACKS) -> Self:
        """Return what the packs in `folder` state. Raises pydantic's ValidationError."""
        packs = [DutyPack.model_validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
        return cls(packs, submissions)

    def of(self, month: str) -> DutyRules | None:
        """Return what was asked in a month, None before anything was."""
        return next((one for one in reversed(self._rules) if one.effective_from <= month), None)


class Duties:
    """The use cases of obligations, by the rules of `packs`."""

    def __init__(self, cells: Cells, packs: DutyPacks) -> None:
        self.cells = cells
        self.store = cells.store
        self.packs = packs

    @retried
    async def excuse(self, command: ExcuseObligation, origin: Origin) -> Receipt:
        """Record that a cell is excused. Raises UnknownOrganization and what `Obligations.excuse` raises."""
        decision = command.decision
        cell = await self.cells.find_on(command.organization, decision.date)
        superior = await self.cells.find(command.excused_by)
        obligations = await self._of(command.organization, command.period)
        excuse = Excuse(command.duty, command.subject, decision.number, decision.date, command.reason)
        obligations.excuse(excuse, cell, superior, at=self.store.clock())
        return await self.store.record(obligations, origin=origin)

    async def _of(self, organization: str, period: str) -> Obligations:
        id = Obligations.id_for(organization, period)
        begun = await self.store.look_up(Obligations, id)
        return begun or Obligations.begin(organization, period, at=self.store.clock())
