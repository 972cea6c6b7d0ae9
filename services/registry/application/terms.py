"""Terms that end because something else does: a membership, a place for good, an organization."""

from collections.abc import Awaitable, Callable
from datetime import date

from contracts.vocabulary import Document
from services.chassis.eventlog.store import Store
from services.registry.application.command import decision_in
from services.registry.domain.member import Member
from services.registry.domain.official import Cause, Officials
from services.registry.domain.organization import Organization

Beneath = Callable[[str, str], Awaitable[bool]]
"""Returns whether an organization stands beneath another, or is it."""


class EndingTerms:
    """The officials whose terms end with one command, on its day and by its document.

    Record `lists` before what ends, resting on them, and on `absent`: that there are none still.
    """

    def __init__(self, store: Store, on: date, document: Document | None) -> None:
        self.lists: list[Officials] = []
        self.absent: list[str] = []
        self._store = store
        self._on = on
        self._decision = decision_in(document)

    async def with_organization(self, organization: Organization) -> None:
        """End every term there."""
        officials = await self._found(organization.code)
        if officials:
            self._end(officials, None, Cause.ORGANIZATION_ENDED)
        else:
            self.absent.append(Officials.id_for(organization.code))

    async def with_membership(self, member: Member) -> None:
        """End every term of the member."""
        for office in member.offices:
            if officials := await self._found(office):
                self._end(officials, member.code, Cause.MEMBERSHIP_ENDED)

    async def with_place(self, member: Member, beneath: Beneath) -> None:
        """End every term of a member who went for good, but at what the new cell stands beneath."""
        for office in member.offices:
            if not await beneath(member.own, office) and (officials := await self._found(office)):
                self._end(officials, member.code, Cause.TRANSFER)

    async def _found(self, organization: str) -> Officials | None:
        """Return the officials of an organization, the same ones each time."""
        id = Officials.id_for(organization)
        known = next((one for one in self.lists if one.id == id), None)
        if known is None and (known := await self._store.look_up(Officials, id)):
            self.lists.append(known)
        return known

    def _end(self, officials: Officials, member: str | None, cause: Cause) -> None:
        officials.end(member, on=self._on, cause=cause, decision=self._decision, at=self._store.clock())
