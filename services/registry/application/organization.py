"""Organizations: founded, and found again beneath one another."""

import asyncio
from collections.abc import Sequence

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, ExternalId, Line
from services.chassis.errors import NotYetKnown, Refused
from services.chassis.eventlog.store import Origin, Receipt, Store
from services.registry.application.command import Command, decision_in, record_new
from services.registry.domain.admission_target import UnknownOrganization
from services.registry.domain.organization import Kind, Organization, Sector, UnknownParent


class FoundOrganization(Command):
    """Found a committee or a cell under `parent`; a province's committee has none."""

    organization: Code
    name: Line
    kind: Kind
    parent: Code | None = None
    sector: Sector | None = None
    founded_on: DayOn
    decision: Document | None = None
    external_id: ExternalId | None = None


class Organizations:
    """The use cases of organizations."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def found(self, command: FoundOrganization, origin: Origin) -> Receipt:
        """Found an organization.

        Raises UnknownParent, ParentCannotHold, FoundedBeforeParent, DateInFuture, CodeTaken.
        """
        parent = await self.known(command.parent, UnknownParent) if command.parent else None
        organization = self.decided(command, parent)
        return await record_new(self.store, organization, command.organization, origin)

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

    async def stands_beneath(self, organization: str, root: str) -> bool:
        """Return whether `organization` is `root` or stands beneath it. Raises UnknownOrganization.

        Asked of the log itself: what a district has just founded may not be in anyone's view yet.
        """
        code: str | None = organization
        while code is not None and code != root:
            code = (await self.known(code, UnknownOrganization)).parent
        return code is not None

    async def known(self, code: str, otherwise: type[NotYetKnown]) -> Organization:
        """Return the organization, or raise `otherwise`.

        A founding is for ever, and its code, kind, parent and day are all that is asked here. A fact that
        changes one of them has to end this.
        """
        organization = await self.store.known(Organization, Organization.id_for(code))
        if organization is None:
            raise otherwise(f"{code} is not founded here")
        return organization
