"""The use cases of organizations."""

import asyncio
from collections.abc import Sequence

from services.chassis.aggregate import Aggregate
from services.chassis.errors import AlreadyDone, Conflict, NotYetKnown, Refused, Shifted, UnknownOrganization
from services.chassis.eventlog.mentions import Silence
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.registry.application.command import decision_in, record_new
from services.registry.application.organization.commands import (
    DissolveOrganization,
    FoundOrganization,
    Going,
    MergeOrganization,
    MoveOrganization,
    RenameOrganization,
    SplitOrganization,
    Successor,
)
from services.registry.application.organization.lineage import ancestry, follow, line, occupants
from services.registry.application.terms import EndingTerms
from services.registry.domain.member import Arrival, Member, TransferReason
from services.registry.domain.organization import (
    Kind,
    NotFounded,
    Occupants,
    Organization,
    Sector,
    UnknownParent,
    UnknownSuccessor,
)
from services.registry.domain.words import CodeTaken


class Organizations:
    """What becomes of organizations, and where each stands."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @retried
    async def found(self, command: FoundOrganization, origin: Origin) -> Receipt:
        """Found an organization.

        Raises UnknownParent, OrganizationEnded, ParentCannotHold, FoundedBeforeParent, DateInFuture,
        CodeTaken.
        """
        parent = await self.known(command.parent, UnknownParent) if command.parent else None
        organization = self.decided(command, parent)
        resting_on = [parent] if parent else []
        return await record_new(self.store, organization, command.organization, origin, resting_on=resting_on)

    async def found_all(
        self, commands: Sequence[FoundOrganization], origin: Origin
    ) -> list[Receipt | Refused]:
        """Found many, none beneath another of them, each as `found` would. Return what became of each."""

        async def outcome(command: FoundOrganization) -> Receipt | Refused:
            try:
                return await self.found(command, origin)
            except Refused as refusal:
                return refusal

        return list(await asyncio.gather(*map(outcome, commands)))

    def decided(self, command: FoundOrganization, parent: Organization | None) -> Organization:
        """Return the organization founded under `parent`, not stored yet. Raises as `found` does."""
        return Organization.found(
            command.organization,
            name=command.name,
            kind=command.kind,
            parent=parent,
            sector=command.sector,
            founded_on=command.founded_on,
            decision=decision_in(command.decision),
            external_id=command.external_id,
            at=self.store.clock(),
        )

    @retried
    async def rename(self, command: RenameOrganization, origin: Origin) -> Receipt:
        """Give an organization another name.

        Raises NotFounded, DateInFuture, OrganizationEnded, BeforeFounding, Overtaken, NameUnchanged.
        """
        organization = await self.find(command.organization, NotFounded)
        organization.rename(
            command.name,
            effective_on=command.effective_on,
            decision=decision_in(command.decision),
            at=self.store.clock(),
        )
        return await self.store.record(organization, origin=origin)

    @retried
    async def move(self, command: MoveOrganization, origin: Origin) -> Receipt:
        """Move an organization under another parent; it rests on every one above that.

        Raises NotFounded, UnknownParent, DateInFuture, OrganizationEnded, BeforeFounding, Overtaken,
        AlreadyThere, BeneathItself, ParentCannotHold, FoundedBeforeParent.
        """
        organization = await self.find(command.organization, NotFounded)
        parent, *above = await ancestry(command.parent, self.find, UnknownParent, since=command.effective_on)
        organization.move(
            parent,
            above={one.code for one in above},
            effective_on=command.effective_on,
            decision=decision_in(command.decision),
            at=self.store.clock(),
        )
        return await self.store.record(organization, origin=origin, resting_on=[parent, *above])

    @retried
    async def dissolve(self, command: DissolveOrganization, origin: Origin) -> Receipt:
        """End an organization that nobody and nothing is left at, and every term in it.

        Raises NotFounded, DateInFuture, OrganizationEnded, BeforeFounding, Overtaken, NotEmpty,
        OccupiedLater.
        """
        organization = await self.find(command.organization, NotFounded)
        held, silence = await occupants(self.store, organization)
        organization.dissolve(
            held,
            effective_on=command.effective_on,
            decision=decision_in(command.decision),
            at=self.store.clock(),
        )
        terms = await self._terms_in(organization, command)
        return await self.store.record(organization, before=terms.lists, origin=origin, silence=silence)

    @retried
    async def merge(self, command: MergeOrganization, origin: Origin) -> Receipt:
        """End an organization in another, and every term in it; it rests on every one above that other.

        Raises NotFounded, UnknownSuccessor, MergedIntoItself, DateInFuture, OrganizationEnded,
        BeforeFounding, Overtaken, BeneathItself, KindsDiffer, ParentCannotHold, CannotKeepMembers.
        """
        organization = await self.find(command.organization, NotFounded)
        into, *above = await ancestry(command.into, self.find, UnknownSuccessor, since=command.effective_on)
        held: Occupants | None = None
        silence: Silence | None = None
        if into.kind != organization.kind and command.decision:
            held, silence = await occupants(self.store, organization)
        organization.merge(
            into,
            above={one.code for one in above},
            occupants=held,
            effective_on=command.effective_on,
            decision=decision_in(command.decision),
            at=self.store.clock(),
        )
        terms = await self._terms_in(organization, command)
        return await self.store.record(
            organization,
            before=terms.lists,
            origin=origin,
            resting_on=[into, *above, *terms.lists],
            absent=terms.absent,
            silence=silence,
        )

    async def _terms_in(
        self, organization: Organization, command: DissolveOrganization | MergeOrganization
    ) -> EndingTerms:
        """Return the terms that end with an organization."""
        terms = EndingTerms(self.store, command.effective_on, command.decision)
        await terms.with_organization(organization)
        return terms

    @retried
    async def split(self, command: SplitOrganization, origin: Origin) -> Receipt:
        """Give parts of an organization to others, founding those that are not, all or nothing.

        Raises NotFounded, UnknownSuccessor, UnknownParent, DateInFuture, OrganizationEnded, BeforeFounding,
        Overtaken, SplitIntoItself, ParentCannotHold, FoundedBeforeParent, CodeTaken; NotFound for a member,
        and what `transfer.arrive` refuses.
        """
        organization = await self.find(command.organization, NotFounded)
        existing = [await self.find(code, UnknownSuccessor) for code in command.into]
        resting_on, founded = [*existing], []
        for successor in command.founding:
            one, parents = await self._successor(successor, organization, command)
            founded.append(one)
            resting_on += parents
        organization.split(
            [*existing, *founded],
            effective_on=command.effective_on,
            decision=decision_in(command.decision),
            at=self.store.clock(),
        )
        successors = {one.code: one for one in (*existing, *founded)}

        async def beneath(cell: str, root: str) -> bool:
            """Return as `stands_beneath`, of one that is only being founded by its parent."""
            one = successors[cell]
            above = cell if one in existing else one.parent
            return above is not None and await self.stands_beneath(above, root)

        going = [self._gone(one, successors[one.to], command) for one in command.transfers]
        terms = EndingTerms(self.store, command.effective_on, command.decision)
        members = []
        for member, left, followed in await asyncio.gather(*going):
            if left:
                await terms.with_place(member, beneath)
            members.append(member)
            resting_on += followed
        before = (*founded, *members, *terms.lists)
        return await self._record_split(before, organization, origin, resting_on)

    async def _gone(
        self, going: Going, successor: Organization, command: SplitOrganization
    ) -> tuple[Member, bool, list[Organization]]:
        """Return a member who went with a successor, whether for good, and what that rests on."""
        member = await self.store.find(Member, Member.id_for(going.member))
        followed = await follow(member, self.known, at=self.store.clock())
        paper = Arrival(
            command.effective_on,
            decision_in(command.decision),
            TransferReason.SPLIT,
            split_of=command.organization,
        )
        own = member.own
        member.accept(successor, paper, at=self.store.clock())
        return member, member.own != own, followed

    async def _successor(
        self, successor: Successor, organization: Organization, command: SplitOrganization
    ) -> tuple[Organization, list[Organization]]:
        """Return what a split founds, and its parent: unless said, that of what is split, or its heir."""
        code = successor.parent or organization.parent
        above = await line(code, self.find, UnknownParent) if code else []
        parent = above[0] if successor.parent else next((one for one in above if not one.merged_into), None)
        kind, sector = successor.kind or Kind(organization.kind), successor.sector
        founded = Organization.found(
            successor.organization,
            name=successor.name,
            kind=kind,
            parent=parent,
            sector=sector or (Sector(organization.sector) if organization.sector else None),
            founded_on=command.effective_on,
            decision=decision_in(command.decision),
            at=self.store.clock(),
        )
        return founded, [parent] if parent else []

    async def _record_split(
        self,
        before: Sequence[Aggregate],
        organization: Organization,
        origin: Origin,
        resting_on: Sequence[Organization],
    ) -> Receipt:
        """Store what is founded and who goes, then what was split. Raises CodeTaken if a code is."""
        founded = [one for one in before if isinstance(one, Organization)]
        try:
            return await self.store.record(organization, before=before, origin=origin, resting_on=resting_on)
        except (AlreadyDone, Shifted):
            raise
        except Conflict as conflict:
            for one in founded:
                if await self.store.look_up(Organization, one.id):
                    raise CodeTaken(f"{one.code} is taken") from conflict
            raise

    async def stands_beneath(self, organization: str, root: str) -> bool:
        """Return whether `organization` is `root` or stands beneath it. Raises UnknownOrganization.

        Asked of the log itself: what a district has just founded may not be in anyone's view yet. What
        was merged stands where that stands which it was merged into.
        """
        for find in (self.known, self.find):  # what is remembered may be from before a move
            found = await line(organization, find, UnknownOrganization)
            if root in {one.code for one in found if not one.merged_into}:
                return True
        return False

    async def known(self, code: str, otherwise: type[NotYetKnown]) -> Organization:
        """Return the organization as it was last looked up, to rest a decision on, or raise `otherwise`."""
        organization = await self.store.known(Organization, Organization.id_for(code))
        if organization is None:
            raise otherwise(f"{code} is not founded here")
        return organization

    async def find(self, code: str, otherwise: type[NotYetKnown]) -> Organization:
        """Return the organization as it is now, or raise `otherwise`."""
        organization = await self.store.look_up(Organization, Organization.id_for(code))
        if organization is None:
            raise otherwise(f"{code} is not founded here")
        return organization
