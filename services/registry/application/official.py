"""Officials: appointed for a term, and relieved of it early."""

from contracts.message import Code, DayOn
from contracts.vocabulary import Document
from services.chassis.errors import UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command
from services.registry.application.command import decision_in
from services.registry.application.member import Members
from services.registry.domain.member import Member
from services.registry.domain.official import HoldsNoSuchPosition, Officials, Position, UnknownMember


class Appointment(Command):
    """Who takes up which position, from which day, until which (the last) if the decision names one."""

    member: Code
    position: Position
    from_on: DayOn
    until_on: DayOn | None = None
    decision: Document


class AppointOfficial(Appointment):
    """Appoint a full member to a position in an organization."""

    organization: Code


class Relief(Command):
    """Of which position, and from which day on."""

    position: Position
    relieved_on: DayOn
    decision: Document | None = None


class RelieveOfficial(Relief):
    """Relieve an official before the term ends."""

    organization: Code
    member: Code


class Appointments:
    """The use cases of officials: who takes up a position, and who is relieved of one."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.store = members.store
        self.organizations = members.organizations

    @retried
    async def appoint(self, command: AppointOfficial, origin: Origin) -> Receipt:
        """Appoint an official.

        Raises UnknownOrganization, UnknownMember, DateInFuture, OrganizationEnded, EndsBeforeItBegins,
        AppointedBeforeFounding, Overtaken, NotAFullMember, BelongsElsewhere, AlreadyHolds,
        SecretaryInOffice, UseRestricted.
        """
        at = self.store.clock()
        organization = await self.organizations.known(command.organization, UnknownOrganization)
        member = await self.store.look_up(Member, Member.id_for(command.member))
        if member is None:
            raise UnknownMember(f"{command.member} is not admitted here")
        self.members.restriction.judge(member, type(command).__name__)
        officials = await self.of(command.organization) or Officials.begin(organization, at=at)
        officials.appoint(
            member,
            command.position,
            organization=organization,
            belongs=await self.organizations.stands_beneath(member.own, command.organization),
            from_on=command.from_on,
            until_on=command.until_on,
            decision=decision_in(command.decision),
            at=at,
        )
        member.appointed(command.organization, command.from_on, at=at)
        return await self.store.record(officials, before=[member], origin=origin, resting_on=[organization])

    @retried
    async def relieve(self, command: RelieveOfficial, origin: Origin) -> Receipt:
        """Relieve an official.

        Raises UnknownOrganization, DateInFuture, Overtaken, HoldsNoSuchPosition.
        """
        await self.organizations.known(command.organization, UnknownOrganization)
        officials = await self.of(command.organization)
        if officials is None:
            raise HoldsNoSuchPosition(f"{command.organization} has no officials on record")
        officials.relieve(
            command.member,
            command.position,
            relieved_on=command.relieved_on,
            decision=decision_in(command.decision),
            at=self.store.clock(),
        )
        return await self.store.record(officials, origin=origin)

    async def of(self, organization: str) -> Officials | None:
        """Return the list of an organization's officials, None if nobody was ever on it."""
        return await self.store.look_up(Officials, Officials.id_for(organization))
