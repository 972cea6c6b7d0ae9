"""Cells with too few full members: what they may not decide, and that they fell short."""

from collections.abc import Sequence
from datetime import date

from contracts.days import day_of
from services.chassis.eventlog.store import Origin, Store
from services.chassis.sizes import CELLS, CellSizes
from services.registry.application.organization import Organizations
from services.registry.application.roll import Roll
from services.registry.domain.member import CellNotFounded, Member
from services.registry.domain.organization import Organization
from services.registry.domain.shortage import FullMembers, Left, Shortage


class Shortages:
    """What follows from the number of a cell's full members. `sizes` are the rules in force."""

    def __init__(self, store: Store, organizations: Organizations, sizes: CellSizes) -> None:
        self.store = store
        self.organizations = organizations
        self.sizes = sizes
        self.roll = Roll(store)

    async def quorum(self, cell: str, on: date) -> Sequence[Member]:
        """Return the full members on whom a decision of `cell` on that day rests: as many as it needs.

        What is no cell, and a cell whose full members were never told, rests on nobody.
        Raises CellNotFounded, TooFewFullMembers.
        """
        there = await self._there(cell)
        if there.kind not in CELLS:
            return []
        full = await self._full_members(there.code, on)
        full.may_decide(self.sizes.full_members_min)
        return full.found

    async def quorum_if_short(self, cell: str, on: date) -> Sequence[Member]:
        """Return the same for a cell that fell short before; any other rests on nobody. Raises alike."""
        there = await self._there(cell)
        short = await self.store.look_up(Shortage, Shortage.id_for(there.code))
        return await self.quorum(there.code, on) if short else []

    async def note(self, cell: str, fell_on: date, origin: Origin) -> None:
        """Note that somebody left `cell` on `fell_on`, if those left were too few then and still are."""
        there = await self._there(cell)
        if there.kind not in CELLS or there.ended_on:
            return
        at, minimum = self.store.clock(), self.sizes.full_members_min
        if len((await self._full_members(there.code, day_of(at))).found) >= minimum:
            return
        number = len((await self._full_members(there.code, fell_on)).found)
        if number >= minimum:
            return
        left = Left(there.code, fell_on.isoformat(), number, minimum, self.sizes.name)
        shortage = await self.store.look_up(Shortage, Shortage.id_for(there.code))
        if shortage is None:
            shortage = Shortage.note(left, at=at)
        else:
            shortage.note_again(left, at=at)
        await self.store.record(shortage, origin=origin)

    async def _there(self, code: str) -> Organization:
        """Return the organization, or what it was merged into. Raises CellNotFounded."""
        there = await self.organizations.find(code, CellNotFounded)
        while there.merged_into:
            there = await self.organizations.find(there.merged_into, CellNotFounded)
        return there

    async def _full_members(self, cell: str, on: date) -> FullMembers:
        return await self.roll.full_members(cell, on, enough=self.sizes.full_members_min)
