"""Recognition: when probation ends, and the vote by which a cell says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from contracts.days import months_after
from services.chassis.errors import Refused
from services.registry.domain.member.admission import Standing
from services.registry.domain.member.standing import NoLongerMember, NotAtThisCell
from services.registry.domain.words import Decision, happened, written

if TYPE_CHECKING:
    from services.registry.domain.member.member import Member

# -- Refusals: the docstring is the rule and its source, or that it is ours


class NotProbationary(Refused):
    """Only a probationary member is recognised as a full one (Charter art. 5)."""


class ProbationNotOver(Refused):
    """Probation runs 12 months from the ceremony (Charter art. 5.1); it is decided after (294 art. 4.2)."""


class NotTheDayProbationEnds(Refused):
    """A member is full exactly when probation ends; a late meeting does not move the day (29-QĐ/TW 2016)."""


class MoreInFavourThanSummoned(Refused):
    """Nobody votes who was not summoned: in favour are at most all of those (house rule)."""


class NobodyLeftToVote(Refused):
    """Of those summoned at least one is neither away for a while nor exempted and absent (house rule)."""


class TooFewInFavour(Refused):
    """29-QĐ/TW; 294-QĐ/TW 9.3.2: two thirds of all full members summoned, whether they came or not.

    Those transferred out for a while do not count, nor those exempted who are absent.
    """


@dataclass(frozen=True)
class Vote:
    """A vote of a cell's full members: those `away` for a while or exempted and absent are not counted."""

    summoned: int
    in_favour: int
    away: int = 0
    exempted_absent: int = 0

    @property
    def counted(self) -> int:
        """Return of how many it needs its share (294-QĐ/TW 9.3.2)."""
        return self.summoned - self.away - self.exempted_absent


@dataclass(frozen=True)
class Recognition:
    """What the paper says: by the cell at `place`, where the member is or was on the day probation ended."""

    place: str
    decision: Decision
    full_from: date | None = None
    vote: Vote | None = None
    decided_by: str | None = None
    """The superior, where the cell's votes failed too often."""


@dataclass(frozen=True)
class MembershipRules:
    """What the pack on membership states; facts pin its name and version."""

    name: str
    probation_months: int
    recognition_share: Fraction
    transfer_accept_days: int
    votes_max: int

    def probation_ends(self, ceremony_on: date) -> date:
        """Return the day on which probation ends: the last of its month where that has no such day."""
        return months_after(ceremony_on, self.probation_months)

    def needed(self, counted: int) -> int:
        """Return how many of the full members counted must be in favour."""
        return ceil(self.recognition_share * counted)

    def carries(self, vote: Vote) -> bool:
        """Return whether enough were in favour. Raises NobodyLeftToVote, MoreInFavourThanSummoned."""
        if vote.counted < 1:
            raise NobodyLeftToVote(f"{vote.counted} counted of {vote.summoned} summoned")
        if vote.in_favour > vote.counted:
            raise MoreInFavourThanSummoned(f"{vote.in_favour} in favour of {vote.counted} counted")
        return vote.in_favour >= self.needed(vote.counted)

    def count(self, vote: Vote) -> None:
        """Refuse a vote that cannot be or that did not carry.

        Raises NobodyLeftToVote, MoreInFavourThanSummoned, TooFewInFavour.
        """
        if not self.carries(vote):
            needed = self.needed(vote.counted)
            raise TooFewInFavour(f"{vote.in_favour} in favour of {vote.counted} counted, needed {needed}")


def judge(member: Member, paper: Recognition, rules: MembershipRules, at: datetime) -> dict[str, Any]:
    """Return what is recorded of a recognition: on the day probation ends, whatever the day of the vote.

    Raises DateInFuture, NoLongerMember, NotAtThisCell, NotProbationary, NotTheDayProbationEnds,
    ProbationNotOver, NobodyLeftToVote, MoreInFavourThanSummoned, TooFewInFavour.
    """
    happened("recognition", paper.decision.dated, at=at)
    if member.ended_on:
        raise NoLongerMember(f"{member.code} since {member.ended_on}")
    full_from = rules.probation_ends(date.fromisoformat(member.ceremony_on))
    place = place_on(member, full_from)
    if paper.place not in {member.organization, place}:
        raise NotAtThisCell(f"{member.code} is not at {paper.place}")
    if member.standing != Standing.PROBATIONARY:
        raise NotProbationary(f"{member.code} is a full member")
    if paper.full_from not in {None, full_from}:
        raise NotTheDayProbationEnds(f"{member.code}: stated {paper.full_from}, probation ends {full_from}")
    if paper.decision.dated < full_from:
        raise ProbationNotOver(f"{member.code}: decided on {paper.decision.dated}, ends {full_from}")
    if paper.vote:
        rules.count(paper.vote)
    return {
        "organization": place,
        "full_from": full_from.isoformat(),
        **written(paper.decision),
        "vote_summoned": paper.vote.summoned if paper.vote else None,
        "vote_in_favour": paper.vote.in_favour if paper.vote else None,
        "vote_away": paper.vote.away if paper.vote else None,
        "vote_exempted_absent": paper.vote.exempted_absent if paper.vote else None,
        "decided_by": paper.decided_by,
        "rules": rules.name,
    }


def place_on(member: Member, day: date) -> str:
    """Return where the member was at the end of `day`; before the ceremony, where that was held."""
    past = [place for place, since in member.places if date.fromisoformat(since) <= day]
    return past[-1] if past else member.places[0][0]
