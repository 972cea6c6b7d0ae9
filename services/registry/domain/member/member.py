"""The member: one person's place and standing, from admission on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import date, datetime

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.registry.domain.member import admission, person, recognition, standing, transfer
from services.registry.domain.member.admission import AdmissionAges, Standing
from services.registry.domain.member.person import RestrictionRules
from services.registry.domain.member.recognition import MembershipRules, Recognition
from services.registry.domain.member.standing import EndReason, Paper
from services.registry.domain.member.transfer import Arrival, Leave, Release, TransferKind, TransferReason
from services.registry.domain.organization import Organization
from services.registry.domain.words import Decision


class Member(Aggregate):
    """One person's standing, from admission on. Who the person is lies sealed beside a code."""

    TOPIC = "registry.Member"

    # -- State: what decisions need, and what an officer who asks is shown

    code: str
    organization: str
    standing: str
    ceremony_on: str
    decision_dated: str  # party age counts from it
    person: str | None
    person_erased: bool = False
    places: tuple[tuple[str, str], ...] = field(init=False)  # (organization, from which day)
    changed_on: str = field(init=False)
    full_from: str | None = field(default=None, init=False)
    released: Release | None = field(default=None, init=False)
    home: str | None = field(default=None, init=False)  # who is away for a while returns there
    exempted_on: str | None = field(default=None, init=False)
    ground: str | None = field(default=None, init=False)  # the last that was sealed
    ended_on: str | None = field(default=None, init=False)
    restricted_on: str | None = field(default=None, init=False)
    offices: tuple[str, ...] = field(default=(), init=False)  # organizations that ever appointed the member

    # -- Facts

    class Event(Fact):
        """A fact about one member."""

    class Admitted(FirstFact):
        TOPIC = "registry.Member.Admitted"
        code: str
        organization: str
        decision_number: str
        decision_dated: str
        ceremony_on: str
        standing: str
        age_rule: str | None  # the document that judged the age; None where no birth date was given
        person: str | None  # name, birth date and contact, sealed under the person's own key

        def apply(self, member: Member) -> None:
            """Begin at the first place."""
            member.places, member.changed_on = ((self.organization, self.ceremony_on),), self.ceremony_on

    class PersonCorrected(Event):
        TOPIC = "registry.Member.PersonCorrected"
        person: str  # the whole person as it now is, sealed under one more key
        corrected: str  # which fields changed, never to what: "name phone"

        def apply(self, member: Member) -> None:
            """Put the person as corrected in the place of the one before."""
            member.person = self.person

    class PersonForgotten(Event):
        TOPIC = "registry.Member.PersonForgotten"

        def apply(self, member: Member) -> None:
            """Drop the sealed texts; without their keys they say nothing anyway."""
            member.person, member.ground, member.person_erased = None, None, True

    class Restricted(Event):
        TOPIC = "registry.Member.Restricted"
        organization: str
        restricted_on: str
        request: str  # the code of the request, which nobody outside is told
        rules: str

        def apply(self, member: Member) -> None:
            """Remember since when who it is may not be used."""
            member.restricted_on = self.restricted_on

    class RestrictionLifted(Event):
        TOPIC = "registry.Member.RestrictionLifted"
        organization: str
        lifted_on: str

        def apply(self, member: Member) -> None:
            """Let who it is be used again."""
            member.restricted_on = None

    class Recognized(Event):
        TOPIC = "registry.Member.Recognized"
        organization: str  # where the member was on that day
        full_from: str
        decision_number: str
        decision_dated: str
        vote_summoned: int | None
        vote_in_favour: int | None
        vote_away: int | None
        vote_exempted_absent: int | None
        decided_by: str | None
        rules: str

        def apply(self, member: Member) -> None:
            """Make it a full member. Nothing told from now on may have been before that day."""
            member.standing, member.full_from = Standing.FULL.value, self.full_from
            member.changed_on = max(member.changed_on, self.full_from)

    class Released(Event):
        TOPIC = "registry.Member.Released"
        organization: str
        to: str
        kind: str
        released_on: str
        accept_by: str
        decision_number: str
        decision_dated: str
        rules: str

        def apply(self, member: Member) -> None:
            """Remember to whom, and until when; the place stays."""
            days = date.fromisoformat(self.released_on), date.fromisoformat(self.accept_by)
            member.released = Release(self.to, TransferKind(self.kind), *days)
            member.changed_on = self.released_on

    class Transferred(Event):
        TOPIC = "registry.Member.Transferred"
        organization: str
        came_from: str  # not `origin`: so the log names who asked
        kind: str
        standing: str
        transferred_on: str
        decision_number: str
        decision_dated: str
        reason: str

        def apply(self, member: Member) -> None:
            """Change the place; who goes for a while has a home to return to."""
            if self.reason == TransferReason.TRANSFER:
                member.released = None
                member.home = self.came_from if self.kind == TransferKind.TEMPORARY else None
            transfer.move(member, self.organization, self.transferred_on)

    class Followed(Event):
        TOPIC = "registry.Member.Followed"
        merged: str
        into: str
        followed_on: str

        def apply(self, member: Member) -> None:
            """Put what a place, a home or a destination was merged into where it stood."""
            transfer.follow(member, self.merged, self.into, self.followed_on)

    class Exempted(Event):
        TOPIC = "registry.Member.Exempted"
        organization: str
        exempted_on: str
        ground: str | None  # sealed under the person's own key: it may say something of health
        decision_number: str
        decision_dated: str

        def apply(self, member: Member) -> None:
            """Remember since when, and that a ground lies sealed."""
            member.exempted_on = member.changed_on = self.exempted_on
            member.ground = self.ground or member.ground

    class Reinstated(Event):
        TOPIC = "registry.Member.Reinstated"
        organization: str
        reinstated_on: str
        decision_number: str
        decision_dated: str

        def apply(self, member: Member) -> None:
            """Let the exemption end."""
            member.exempted_on, member.changed_on = None, self.reinstated_on

    class Appointed(Event):
        TOPIC = "registry.Member.Appointed"
        organization: str
        from_on: str

        def apply(self, member: Member) -> None:
            """Remember where. Nothing told from now on may have been before that day."""
            member.offices = tuple(dict.fromkeys((*member.offices, self.organization)))
            member.changed_on = max(member.changed_on, self.from_on)

    class Ended(Event):
        TOPIC = "registry.Member.Ended"
        organization: str
        standing: str
        ended_on: str
        reason: str
        decision_number: str | None
        decision_dated: str | None

        def apply(self, member: Member) -> None:
            """Remember the first day on which it is no membership any more."""
            member.released, member.ended_on, member.changed_on = None, self.ended_on, self.ended_on

    # -- Decisions: what they rest on is judged in the file of each concern

    @staticmethod
    def id_for(code: str) -> str:
        """One code, one id: giving a code twice collides in the store."""
        return f"member-{code}"

    @staticmethod
    def code_in(id: str) -> str:
        """Return the code that an id was made of."""
        return id.removeprefix("member-")

    @classmethod
    def admit(
        cls,
        code: str,
        *,
        organization: Organization,
        decision: Decision,
        ceremony_on: date,
        standing: Standing,
        born_on: date | None,
        ages: AdmissionAges,
        person: str | None,
        at: datetime,
    ) -> Member:
        """Admit a person to `organization`; without `born_on` the age is not judged. See `admission`."""
        said = admission.judge(organization, decision, ceremony_on, standing, at)
        rule = ages.judge(code, born_on=born_on, decided_on=decision.dated) if born_on else None
        said |= {"code": code, "person": person, "age_rule": rule, "timestamp": at}
        return cls._create(cls.Admitted, id=cls.id_for(code), **said)

    def correct_person(self, sealed: str, *, corrected: Sequence[str], at: datetime) -> None:
        """Record who this is anew, or for the first time. See `person.correct`."""
        self.trigger_event(self.PersonCorrected, timestamp=at, **person.correct(self, sealed, corrected))

    def forget_person(self, *, at: datetime) -> None:
        """Let go of who this is, as Law 91/2025/QH15 lets a person ask. See `person.forget`."""
        person.forget(self)
        self.trigger_event(self.PersonForgotten, timestamp=at)

    def restrict(self, request: str, on: date, *, rules: RestrictionRules, at: datetime) -> None:
        """Have who it is used no further. A second request changes nothing. See `person.restrict`."""
        if self.restricted_on is None:
            self.trigger_event(self.Restricted, timestamp=at, **person.restrict(self, request, on, rules))

    def lift_restriction(self, on: date, *, at: datetime) -> None:
        """Let who it is be used again. See `person.lift`."""
        self.trigger_event(self.RestrictionLifted, timestamp=at, **person.lift(self, on, at))

    def recognize(self, paper: Recognition, *, rules: MembershipRules, at: datetime) -> None:
        """Make it a full member from the day probation ends. See `recognition.judge`."""
        self.trigger_event(self.Recognized, timestamp=at, **recognition.judge(self, paper, rules, at))

    def release(self, to: Organization, paper: Leave, *, rules: MembershipRules, at: datetime) -> None:
        """Let it go to another cell, which may then accept. See `transfer.release`."""
        self.trigger_event(self.Released, timestamp=at, **transfer.release(self, to, paper, rules, at))

    def accept(self, cell: Organization, paper: Arrival, *, at: datetime) -> None:
        """Let it belong to `cell`: released to it, back again, or in a split. See `transfer.arrive`."""
        self.trigger_event(self.Transferred, timestamp=at, **transfer.arrive(self, cell, paper, at))

    def exempt(self, place: str, paper: Paper, *, ground: str | None = None, at: datetime) -> None:
        """Excuse it from taking part; `ground` is sealed. See `standing.exempt`."""
        self.trigger_event(self.Exempted, timestamp=at, **standing.exempt(self, place, paper, ground, at))

    def reinstate(self, place: str, paper: Paper, *, at: datetime) -> None:
        """Let it take part again. See `standing.reinstate`."""
        self.trigger_event(self.Reinstated, timestamp=at, **standing.reinstate(self, place, paper, at))

    def end(self, place: str, reason: EndReason, paper: Paper, *, at: datetime) -> None:
        """Let it end. See `standing.end`."""
        self.trigger_event(self.Ended, timestamp=at, **standing.end(self, place, reason, paper, at))

    def appointed(self, organization: str, from_on: date, *, at: datetime) -> None:
        """Remember an appointment, which the officials of `organization` decide."""
        self.trigger_event(self.Appointed, organization=organization, from_on=str(from_on), timestamp=at)

    def follow(self, merged: str, into: str, on: date, *, at: datetime) -> None:
        """Go where an organization went that the member is bound to: its merger moved all of them."""
        self.trigger_event(self.Followed, merged=merged, into=into, followed_on=on.isoformat(), timestamp=at)

    # -- What facts and rules ask

    @property
    def own(self) -> str:
        """The cell on whose list the member is: who is away for a while stays on that of the home."""
        return self.home or self.organization
