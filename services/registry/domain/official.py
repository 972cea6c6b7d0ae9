"""The officials of an organization: who may hold which position, and from when until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from contracts.days import day_of
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused
from services.registry.domain.member import Member, is_full
from services.registry.domain.organization import Organization
from services.registry.domain.words import Decision, follows, happened, written

# -- Refusals: the docstring is the rule and its source, or that it is ours


class UnknownMember(NotYetKnown):
    """Only who was admitted here is appointed to anything (house rule)."""


class NotAFullMember(Refused):
    """Charter art. 3.4: only full members stand for election; a probationary member holds no position."""


class BelongsElsewhere(Refused):
    """Who holds a position today belongs to the organization or to one beneath it (house rule).

    Who is away for a while belongs at home: a committee member stays one there (294-QĐ/TW 6.3.2c).
    """


class AppointedBeforeFounding(Refused):
    """Nobody holds a position before the organization is founded (house rule)."""


class EndsBeforeItBegins(Refused):
    """The last day of a term is no earlier than its first (house rule)."""


class AlreadyHolds(Refused):
    """Terms of one person in one position do not overlap (house rule)."""


class SecretaryInOffice(Refused):
    """An organization has one secretary at a time (house rule)."""


class HoldsNoSuchPosition(Refused):
    """Relieved is who holds the position on that day (house rule)."""


class Position(StrEnum):
    """What an official is, at every level."""

    SECRETARY = "SECRETARY"
    DEPUTY_SECRETARY = "DEPUTY_SECRETARY"
    COMMITTEE_MEMBER = "COMMITTEE_MEMBER"


class Cause(StrEnum):
    """What else ended, and a term with it: nobody was relieved by a decision of its own."""

    MEMBERSHIP_ENDED = "MEMBERSHIP_ENDED"
    TRANSFER = "TRANSFER"
    ORGANIZATION_ENDED = "ORGANIZATION_ENDED"


@dataclass(frozen=True)
class Term:
    """One person's days in one position: from the first until, and without, `end`."""

    member: str
    position: str
    first: date
    end: date

    def covers(self, day: date) -> bool:
        """Return whether the position is held on `day`."""
        return self.first <= day < self.end

    def overlaps(self, other: Term) -> bool:
        """Return whether there is a day on which both are held."""
        return max(self.first, other.first) < min(self.end, other.end)


class Officials(Aggregate):
    """Who holds which position in one organization. Changes come in the order of their days."""

    TOPIC = "registry.Officials"

    # -- State

    organization: str
    terms: tuple[Term, ...] = ()
    changed_on: str | None = None

    # -- Facts

    class Event(Fact):
        """A fact about the officials of one organization."""

    class Begun(FirstFact):
        """The list begins, empty."""

        TOPIC = "registry.Officials.Begun"
        organization: str

    class Appointed(Event):
        TOPIC = "registry.Officials.Appointed"
        organization: str
        member: str
        position: str
        from_on: str
        until_on: str | None  # the last day of the term, where the decision names one
        decision_number: str
        decision_dated: str

        def apply(self, officials: Officials) -> None:
            """Add the term."""
            term = term_of(self.member, self.position, self.from_on, self.until_on)
            officials.terms = (*officials.terms, term)
            officials.changed_on = self.from_on

    class Relieved(Event):
        TOPIC = "registry.Officials.Relieved"
        organization: str
        member: str
        position: str
        relieved_on: str  # the first day without the position
        decision_number: str | None
        decision_dated: str | None
        caused_by: str | None = None  # what ended, where that is what the decision is about

        def apply(self, officials: Officials) -> None:
            """End the term."""
            day = date.fromisoformat(self.relieved_on)
            officials.terms = tuple(
                replace(term, end=day)
                if (term.member, term.position) == (self.member, self.position) and term.covers(day)
                else term
                for term in officials.terms
            )
            officials.changed_on = max(officials.changed_on or "", self.relieved_on)

    def held_on(self, day: date) -> set[tuple[str, str, date]]:
        """Return who holds which position on `day`, and since when."""
        return {(term.member, term.position, term.first) for term in self.terms if term.covers(day)}

    # -- Decisions

    @staticmethod
    def id_for(organization: str) -> str:
        """Return the one id of an organization's officials."""
        return f"officials-{organization}"

    @classmethod
    def begin(cls, organization: Organization, *, at: datetime) -> Officials:
        """Begin the list of `organization`."""
        return cls._create(
            cls.Begun, id=cls.id_for(organization.code), organization=organization.code, timestamp=at
        )

    def appoint(
        self,
        member: Member,
        position: Position,
        *,
        organization: Organization,
        belongs: bool,
        from_on: date,
        until_on: date | None,
        decision: Decision,
        at: datetime,
    ) -> None:
        """Appoint `member`, until the end of `until_on` if given. `belongs`: there today, or beneath.

        Raises DateInFuture, OrganizationEnded, EndsBeforeItBegins, AppointedBeforeFounding, Overtaken,
        NotAFullMember, BelongsElsewhere, AlreadyHolds, SecretaryInOffice.
        """
        happened("the appointment", from_on, at=at)
        organization.still_stands()
        if until_on and until_on < from_on:
            raise EndsBeforeItBegins(f"from {from_on} until {until_on}")
        organization.exists_on(from_on, AppointedBeforeFounding)
        follows("the appointment", from_on, self.changed_on)
        until = until_on.isoformat() if until_on else None
        term = term_of(member.code, position, from_on.isoformat(), until)
        if not is_full(member, term.first, term.end):
            last = f"to {until_on}" if until_on else "on"
            raise NotAFullMember(f"{member.code} is no full member from {from_on} {last}")
        if term.covers(day_of(at)) and not belongs:
            raise BelongsElsewhere(f"{member.code} is in {member.own}, not in {self.organization}")
        self._is_free_for(term)
        self.trigger_event(
            self.Appointed,
            organization=self.organization,
            member=member.code,
            position=position.value,
            from_on=from_on.isoformat(),
            until_on=until,
            **written(decision),
            timestamp=at,
        )

    def relieve(
        self, member: str, position: Position, *, relieved_on: date, decision: Decision | None, at: datetime
    ) -> None:
        """End a term early: `relieved_on` is the first day without it.

        Raises DateInFuture, Overtaken, HoldsNoSuchPosition.
        """
        happened("the relief", relieved_on, at=at)
        follows("the relief", relieved_on, self.changed_on)
        if not any(
            (term.member, term.position) == (member, position) and term.covers(relieved_on)
            for term in self.terms
        ):
            raise HoldsNoSuchPosition(f"{member} is no {position} of {self.organization} on {relieved_on}")
        self._relieved(member, position.value, relieved_on, decision, None, at)

    def end(
        self, member: str | None, *, on: date, cause: Cause, decision: Decision | None, at: datetime
    ) -> None:
        """End what `member`, or else everyone, would still hold on `on`, because something else ended.

        A term that would begin later never begins. It refuses nothing: whoever ends the other decides.
        """
        for term in self.terms:
            if member in {None, term.member} and on < term.end and term.first < term.end:
                self._relieved(term.member, term.position, max(on, term.first), decision, cause, at)

    def _relieved(
        self,
        member: str,
        position: str,
        on: date,
        decision: Decision | None,
        cause: Cause | None,
        at: datetime,
    ) -> None:
        self.trigger_event(
            self.Relieved,
            organization=self.organization,
            member=member,
            position=position,
            relieved_on=on.isoformat(),
            **written(decision),
            caused_by=cause.value if cause else None,
            timestamp=at,
        )

    def _is_free_for(self, term: Term) -> None:
        held = [other for other in self.terms if other.position == term.position and other.overlaps(term)]
        if any(other.member == term.member for other in held):
            raise AlreadyHolds(f"{term.member} is {term.position} of {self.organization} then")
        if held and term.position == Position.SECRETARY:
            raise SecretaryInOffice(f"{held[0].member} is the secretary of {self.organization} then")


def term_of(member: str, position: str, from_on: str, until_on: str | None) -> Term:
    """Return the term that begins on `from_on`; without a last day it has no end yet."""
    last = date.fromisoformat(until_on) if until_on else None
    return Term(member, position, date.fromisoformat(from_on), last + timedelta(days=1) if last else date.max)
