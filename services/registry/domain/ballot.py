"""The votes of a cell on one probationary member that failed: after three, the superior decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused
from services.registry.domain.member import Member, MembershipRules, Recognition, Standing, Vote
from services.registry.domain.member.recognition import NotProbationary, ProbationNotOver
from services.registry.domain.member.standing import NoLongerMember, at_place
from services.registry.domain.words import Overtaken, happened

# -- Refusals: the docstring is the rule and its source, or that it is ours


class VoteCarried(Refused):
    """A vote that carried is told with the recognition it carried, not as one that failed (house rule)."""


class SuperiorDecides(Refused):
    """29-QĐ/TW (2016): after three failed votes the superior decides, no longer the cell."""


class CellStillDecides(Refused):
    """29-QĐ/TW (2016): the superior decides after three failed votes, and not before."""


class NotASuperior(Refused):
    """Who decides in a cell's place stands above it (29-QĐ/TW 2016; house rule)."""


class Ballot(Aggregate):
    """The failed votes on the recognition of one member, beside what the member is."""

    TOPIC = "registry.Ballot"

    # -- State

    member: str
    failed: int = 0
    voted_on: str | None = None

    # -- Facts

    class Event(Fact):
        """A fact about the votes on one member."""

    class Begun(FirstFact):
        TOPIC = "registry.Ballot.Begun"
        member: str

    class Failed(Event):
        TOPIC = "registry.Ballot.Failed"
        organization: str
        voted_on: str
        summoned: int
        in_favour: int
        away: int
        exempted_absent: int
        rules: str

        def apply(self, ballot: Ballot) -> None:
            """Count it, and remember when."""
            ballot.failed += 1
            ballot.voted_on = self.voted_on

    # -- Decisions

    @staticmethod
    def id_for(member: str) -> str:
        """One member, one list of votes."""
        return f"ballot-{member}"

    @staticmethod
    def member_in(id: str) -> str:
        """Return the code that an id was made of."""
        return id.removeprefix("ballot-")

    @classmethod
    def begin(cls, member: str, *, at: datetime) -> Ballot:
        """Return the votes on a member on whom none has failed."""
        return cls._create(cls.Begun, id=cls.id_for(member), member=member, timestamp=at)

    def fail(
        self, member: Member, place: str, vote: Vote, on: date, *, rules: MembershipRules, at: datetime
    ) -> None:
        """Record that the cell at `place` voted on `on` and too few were in favour.

        Raises DateInFuture, NoLongerMember, NotAtThisCell, NotProbationary, ProbationNotOver, Overtaken,
        SuperiorDecides, MoreInFavourThanSummoned, NobodyLeftToVote, VoteCarried.
        """
        happened("vote", on, at=at)
        if member.ended_on:
            raise NoLongerMember(f"{member.code} since {member.ended_on}")
        at_place(member, place)
        if member.standing != Standing.PROBATIONARY:
            raise NotProbationary(f"{member.code} is a full member")
        if on < (ends := rules.probation_ends(date.fromisoformat(member.ceremony_on))):
            raise ProbationNotOver(f"{member.code}: voted on {on}, ends {ends}")
        if self.voted_on and on <= date.fromisoformat(self.voted_on):
            raise Overtaken(f"{member.code}: voted on {on}, but also on {self.voted_on}")
        if self.failed >= rules.votes_max:
            raise SuperiorDecides(f"{member.code}: {self.failed} votes have failed")
        if rules.carries(vote):
            raise VoteCarried(f"{vote.in_favour} in favour of {vote.counted}")
        self.trigger_event(
            self.Failed,
            organization=place,
            voted_on=on.isoformat(),
            **said_of(vote),
            rules=rules.name,
            timestamp=at,
        )


def who_decides(failed: int, paper: Recognition, rules: MembershipRules) -> None:
    """Refuse a recognition by the cell after its votes failed, and one by the superior before.

    Raises SuperiorDecides, CellStillDecides.
    """
    if failed >= rules.votes_max and paper.decided_by is None:
        raise SuperiorDecides(f"{failed} votes have failed")
    if failed < rules.votes_max and paper.decided_by:
        raise CellStillDecides(f"{failed} of {rules.votes_max} votes have failed")


def said_of(vote: Vote) -> dict[str, Any]:
    """Return the fields by which the fact tells of a vote."""
    return {
        "summoned": vote.summoned,
        "in_favour": vote.in_favour,
        "away": vote.away,
        "exempted_absent": vote.exempted_absent,
    }
