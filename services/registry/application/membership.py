"""What becomes of members: recognised, released and accepted, exempted, reinstated, ended."""

from fractions import Fraction
from pathlib import Path

from pydantic import Field

from contracts.message import Code, DayOn
from contracts.vocabulary import Document
from contracts.vocabulary import Vote as StatedVote
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.probation import MEMBERSHIP
from services.chassis.stated import Command, Parameters
from services.registry.application.command import decision_in
from services.registry.application.member import Members
from services.registry.application.organization.lineage import follow
from services.registry.application.shortage import Shortages
from services.registry.application.terms import EndingTerms
from services.registry.domain.ballot import Ballot, NotASuperior, who_decides
from services.registry.domain.member import (
    Arrival,
    CellNotFounded,
    EndReason,
    ExemptionGround,
    Leave,
    Member,
    MembershipRules,
    Paper,
    Recognition,
    TransferKind,
    TransferReason,
    Vote,
)
from services.registry.domain.organization import Organization


class Stated(Command):
    """What a cell states of a member. `organization` is that cell: where the member is."""

    organization: Code


class OfMember(Command):
    """Of whom it is stated."""

    member: Code


class RecognitionStated(Stated):
    """Recognise a probationary member as a full one, from the day probation ends."""

    full_from: DayOn | None = None
    decision: Document
    vote: StatedVote | None = None
    decided_by: Code | None = None


class FailedVoteStated(Stated):
    """Say that a cell voted on a probationary member and too few were in favour."""

    voted_on: DayOn
    vote: StatedVote


class ReleaseStated(Stated):
    """Let a member go to another cell, which may accept until `accept_by`; the pack has the longest time."""

    to: Code
    kind: TransferKind
    released_on: DayOn
    accept_by: DayOn | None = None
    decision: Document


class TransferStated(Stated):
    """Take a member in. `organization` is the cell that takes: the one released to, or home after a while."""

    origin: Code | None = None
    kind: TransferKind | None = None
    transferred_on: DayOn
    decision: Document
    reason: TransferReason = TransferReason.TRANSFER


class ExemptionStated(Stated):
    """Excuse a member from taking part. The ground is kept sealed and told to nobody."""

    exempted_on: DayOn
    ground: ExemptionGround | None = Field(default=None, repr=False)
    decision: Document


class ReinstatementStated(Stated):
    """Let an exempted member take part again."""

    reinstated_on: DayOn
    decision: Document


class EndStated(Stated):
    """Say that a person is no member any more, from `ended_on` on."""

    ended_on: DayOn
    reason: EndReason
    decision: Document | None = None


class RecognizeMember(RecognitionStated, OfMember):
    """Recognition of a member, as a command."""


class RecordFailedVote(FailedVoteStated, OfMember):
    """A failed vote on a member, as a command."""


class ReleaseMember(ReleaseStated, OfMember):
    """Release of a member, as a command."""


class TransferMember(TransferStated, OfMember):
    """Transfer of a member, as a command."""


class ExemptMember(ExemptionStated, OfMember):
    """Exemption of a member, as a command."""


class ReinstateMember(ReinstatementStated, OfMember):
    """Reinstatement of a member, as a command."""


class EndMembership(EndStated, OfMember):
    """End of a member, as a command."""


class Memberships:
    """The use cases of those who are members. `rules` are those in force on probation and transfer."""

    def __init__(self, members: Members, shortages: Shortages, rules: MembershipRules) -> None:
        self.members = members
        self.store = members.store
        self.organizations = members.organizations
        self.shortages = shortages
        self.rules = rules

    @retried
    async def recognize(self, command: RecognizeMember, origin: Origin) -> Receipt:
        """Recognise a member, by the cell or, after its votes failed, by its superior.

        Raises NotFound, TooFewFullMembers, NotASuperior, and what `recognition.judge` and `who_decides`
        refuse.
        """
        member, followed = await self._find(command)
        place, superior = command.organization, command.decided_by
        ballot = await self.store.look_up(Ballot, Ballot.id_for(member.code))
        vote = Vote(**dict(command.vote)) if command.vote else None
        paper = Recognition(place, decision_in(command.decision), command.full_from, vote, superior)
        who_decides(ballot.failed if ballot else 0, paper, self.rules)
        if superior and (superior == place or not await self.organizations.stands_beneath(place, superior)):
            raise NotASuperior(f"{superior} does not stand above {place}")
        member.recognize(paper, rules=self.rules, at=self.store.clock())
        quorum = [] if superior else await self.shortages.quorum(place, paper.decision.dated)
        votes = [ballot] if ballot else []
        return await self.store.record(member, origin=origin, resting_on=[*followed, *quorum, *votes])

    @retried
    async def fail_vote(self, command: RecordFailedVote, origin: Origin) -> Receipt:
        """Record a failed vote. Raises NotFound, TooFewFullMembers, and what `Ballot.fail` refuses."""
        member, followed = await self._find(command)
        at = self.store.clock()
        ballot = await self.store.look_up(Ballot, Ballot.id_for(member.code))
        ballot = ballot or Ballot.begin(member.code, at=at)
        vote = Vote(**dict(command.vote))
        ballot.fail(member, command.organization, vote, command.voted_on, rules=self.rules, at=at)
        quorum = await self.shortages.quorum(command.organization, command.voted_on)
        went = [member] if member.pending_events else []
        rests = [*followed, *quorum, *([] if went else [member])]
        return await self.store.record(ballot, origin=origin, before=went, resting_on=rests, shown=member)

    @retried
    async def release(self, command: ReleaseMember, origin: Origin) -> Receipt:
        """Let a member go. Raises NotFound, CellNotFounded, and what `transfer.release` refuses."""
        member, followed = await self._find(command)
        to = await self.organizations.known(command.to, CellNotFounded)
        decision, day = decision_in(command.decision), command.released_on
        paper = Leave(command.organization, command.kind, day, decision, command.accept_by)
        member.release(to, paper, rules=self.rules, at=self.store.clock())
        return await self.store.record(member, origin=origin, resting_on=[*followed, to])

    @retried
    async def transfer(self, command: TransferMember, origin: Origin) -> Receipt:
        """Take a member in. Whoever came for good holds nothing any more but at what the cell is beneath.

        Raises NotFound, CellNotFounded, and what `transfer.arrive` refuses.
        """
        member, followed = await self._find(command)
        cell = await self.organizations.known(command.organization, CellNotFounded)
        decision, day = decision_in(command.decision), command.transferred_on
        paper = Arrival(day, decision, command.reason, command.origin, command.kind)
        own = member.own
        member.accept(cell, paper, at=self.store.clock())
        terms = EndingTerms(self.store, day, command.decision)
        if member.own != own:
            await terms.with_place(member, self.organizations.stands_beneath)
        return await self.store.record(
            member, before=terms.lists, origin=origin, resting_on=[*followed, cell]
        )

    @retried
    async def exempt(self, command: ExemptMember, origin: Origin) -> Receipt:
        """Excuse a member. Of who was erased, or had the use of their data restricted, no ground is kept.

        Raises NotFound, TooFewFullMembers, and what `standing.exempt` refuses.
        """
        member, followed = await self._find(command)
        paper = Paper(command.exempted_on, decision_in(command.decision))
        sealed = None
        if command.ground and not (member.person_erased or member.restricted_on):
            sealed = self.members.persons.seal_ground(member.code, command.ground)
        ground = sealed.text if sealed else None
        member.exempt(command.organization, paper, ground=ground, at=self.store.clock())
        quorum = await self.shortages.quorum_if_short(command.organization, command.decision.date)
        others = [one for one in quorum if one.id != member.id]
        async with self.members.persons.kept(sealed):
            return await self.store.record(member, origin=origin, resting_on=[*followed, *others])

    @retried
    async def reinstate(self, command: ReinstateMember, origin: Origin) -> Receipt:
        """Let a member take part again. Raises NotFound, and what `standing.reinstate` refuses."""
        member, followed = await self._find(command)
        paper = Paper(command.reinstated_on, decision_in(command.decision))
        member.reinstate(command.organization, paper, at=self.store.clock())
        return await self.store.record(member, origin=origin, resting_on=followed)

    @retried
    async def end(self, command: EndMembership, origin: Origin) -> Receipt:
        """Let a membership end, and every term with it. Raises NotFound, and what `standing.end` refuses."""
        member, followed = await self._find(command)
        paper = Paper(command.ended_on, decision_in(command.decision))
        member.end(command.organization, command.reason, paper, at=self.store.clock())
        terms = EndingTerms(self.store, paper.on, command.decision)
        await terms.with_membership(member)
        return await self.store.record(member, before=terms.lists, origin=origin, resting_on=followed)

    async def _find(self, command: OfMember) -> tuple[Member, list[Organization]]:
        """Return the member, where mergers took it, and what it is bound to, which that rests on."""
        member = await self.members.find(command.member)
        self.members.restriction.judge(member, type(command).__name__)
        return member, await follow(member, self.organizations.find, at=self.store.clock())


def membership_rules(pack: Path = MEMBERSHIP) -> MembershipRules:
    """Return the rules on membership that `pack` states."""
    stated = Parameters.read(pack)
    values = stated.values()
    return MembershipRules(
        stated.title,
        values["probation_months"],
        Fraction(values["recognition_share"]),
        values["transfer_accept_days"],
        values["votes_failed_max"],
    )
