"""Supervision: members of committees assigned to cells for a year."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from contracts.message import Code, DayOn
from contracts.vocabulary import Text, Year
from services.assessment.application.cells import Cells
from services.assessment.application.scoring import PackNamed
from services.assessment.domain import Period, Supervision
from services.assessment.domain.supervision import AlreadyAssigned, Minimums, NotAssigned
from services.chassis.errors import Refused
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command, Parameters
from services.chassis.views.homes import Homes, belonged
from services.chassis.views.tree import became

PACKS = Path(__file__).parents[1] / "packs" / "visits"


class UnknownVisitRules(Refused):
    """How many visits are asked is said by rules that are kept here, in a version that is (house rule)."""


class AssignSupervision(Command):
    """Assign `supervisor`, a member of the committee `superior`, to a cell for a year, by the named rules."""

    organization: Code
    superior: Code
    supervisor: Code
    year: Year
    assigned_on: DayOn
    rules: PackNamed


class EndSupervision(Command):
    """End an assignment; `ended_on` is the first day without, `replaced_by` who follows the cell instead."""

    organization: Code
    superior: Code
    supervisor: Code
    year: Year
    ended_on: DayOn
    reason: Text
    replaced_by: Code | None = None


class Supervisions:
    """The use cases of assignments. `homes` tell who belongs to which cell, `rules` what a year asks."""

    def __init__(self, cells: Cells, homes: Homes, rules: Iterable[Parameters]) -> None:
        self.cells = cells
        self.store = cells.store
        self.homes = homes
        self.rules = {one.title: one for one in rules}

    async def assign(self, command: AssignSupervision, origin: Origin) -> Receipt:
        """Record an assignment.

        Raises UnknownVisitRules, UnknownOrganization, what `Supervision.assign` raises, AlreadyAssigned.
        """
        cell = await self.cells.find_on(command.organization, command.assigned_on)
        supervision = Supervision.assign(
            cell,
            await self.cells.find_on(command.superior, command.assigned_on),
            command.supervisor,
            Period(command.year),
            belongs=await self._belongs(command.supervisor, cell.code, command.assigned_on),
            minimums=self._minimums(command.rules),
            assigned_on=command.assigned_on,
            at=self.store.clock(),
        )
        return await self.cells.record_new(supervision, origin, otherwise=AlreadyAssigned)

    @retried
    async def end(self, command: EndSupervision, origin: Origin) -> Receipt:
        """Record an end. Raises UnknownOrganization, NotAssigned, and what `Supervision.end` raises."""
        cell = await self.cells.find_on(command.organization, command.ended_on)
        who = command.organization, command.year, command.supervisor
        supervision = await self.store.look_up(Supervision, Supervision.id_for(*who))
        if supervision is None:
            raise NotAssigned(f"{command.supervisor} to {command.organization} in {command.year}")
        supervision.end(
            cell,
            command.superior,
            ended_on=command.ended_on,
            reason=command.reason,
            replaced_by=command.replaced_by,
            at=self.store.clock(),
        )
        return await self.store.record(supervision, origin=origin)

    async def _belongs(self, member: str, cell: str, day: date) -> bool:
        """Return whether `member`, here or away, belonged to the cell or to one that merged into it."""
        homes = await self.homes.of([member], day)
        mergers = await self.cells.tree.mergers()
        return any(cell in became(home, day, mergers) for home in belonged(homes.get(member, ()), day))

    def _minimums(self, named: PackNamed) -> Minimums:
        if found := self.rules.get(str(named)):
            by_level = {level: int(asked) for level, asked in found.values().items()}
            return Minimums(found.name, found.version, by_level)
        raise UnknownVisitRules(f"{named}; there are {', '.join(sorted(self.rules))}")


def read_visit_rules() -> list[Parameters]:
    """Return the rules kept here, by file."""
    return [Parameters.read(pack) for pack in sorted(PACKS.glob("*.json"))]
