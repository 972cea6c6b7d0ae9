"""A member: where they may be admitted, when, and at what age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused
from services.registry.domain.organization import KEEPS_MEMBERS, Kind, Organization
from services.registry.domain.words import Decision, happened

# -- Refusals: the docstring is the rule and its source, or that it is ours


class CellNotFounded(NotYetKnown):
    """A member is admitted to an organization that is founded (house rule)."""


class NotACell(Refused):
    """Members are kept at cells, or at a grassroots committee whose cells are not recorded (house rule)."""


class AdmittedBeforeFounding(Refused):
    """A cell admits nobody before the day it is founded (house rule)."""


class CeremonyBeforeDecision(Refused):
    """The ceremony follows the decision: the cell holds it after receiving one (294-QĐ/TW)."""


class TooYoung(Refused):
    """294-QĐ/TW of 26 May 2025, art. 1: admission from 18 years of age, counted by month."""


class TooOld(Refused):
    """294-QĐ/TW of 26 May 2025, art. 1: to 60 years; beyond, a committee under the Centre decides."""


class NobodyToForget(Refused):
    """Only who was recorded can be forgotten, and only once (house rule)."""


class PersonErased(Refused):
    """Who was erased is not recorded again: erasure is for good (Law 91/2025/QH15; house rule)."""


class NothingCorrected(Refused):
    """A correction says something that is not recorded so already (house rule)."""


class Standing(StrEnum):
    """Charter arts. 3-5: a probationary member may neither vote nor stand."""

    FULL = "FULL"
    PROBATIONARY = "PROBATIONARY"


@dataclass(frozen=True)
class AdmissionAges:
    """A rule on ages as a document states it; the fact pins which one judged."""

    document: Decision
    years_min: int
    years_max: int

    @property
    def name(self) -> str:
        """Return what a fact pins."""
        return f"{self.document.number} {self.document.dated}"

    def judge(self, member: str, *, born_on: date, decided_on: date) -> None:
        """Refuse an age outside the rule, counted by month: the day within it does not matter.

        Raises TooYoung, TooOld.
        """
        age_months = (decided_on.year - born_on.year) * 12 + decided_on.month - born_on.month
        if age_months < self.years_min * 12:
            raise TooYoung(f"{member} is not yet {self.years_min} on {decided_on}")
        if age_months > self.years_max * 12:
            raise TooOld(f"{member} is past {self.years_max} on {decided_on}")


class Member(Aggregate):
    """One person's standing, from admission on. Who the person is lies sealed beside a code."""

    TOPIC = "registry.Member"

    # -- State: what decisions need, and what an officer who asks is shown

    code: str
    organization: str
    standing: str
    ceremony_on: str
    person: str | None
    person_erased: bool = False

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
            """Drop the sealed text; without its key it says nothing anyway."""
            member.person = None
            member.person_erased = True

    # -- Decisions

    @staticmethod
    def id_for(code: str) -> str:
        """One code, one id: giving a code twice collides in the store."""
        return f"member-{code}"

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
        """Admit a person to `organization`. Without `born_on` the age is not judged.

        Raises OrganizationEnded, NotACell, DateInFuture, CeremonyBeforeDecision, AdmittedBeforeFounding,
        TooYoung, TooOld.
        """
        organization.still_stands()
        if Kind(organization.kind) not in KEEPS_MEMBERS:
            raise NotACell(f"{organization.code} is a {organization.kind}")
        happened("ceremony", ceremony_on, at=at)
        if ceremony_on < decision.dated:
            raise CeremonyBeforeDecision(f"ceremony on {ceremony_on}, decision only on {decision.dated}")
        if decision.dated < date.fromisoformat(organization.founded_on):
            raise AdmittedBeforeFounding(
                f"decided on {decision.dated}, {organization.code} founded only on {organization.founded_on}"
            )
        if born_on:
            ages.judge(code, born_on=born_on, decided_on=decision.dated)
        return cls._create(
            cls.Admitted,
            id=cls.id_for(code),
            code=code,
            organization=organization.code,
            decision_number=decision.number,
            decision_dated=decision.dated.isoformat(),
            ceremony_on=ceremony_on.isoformat(),
            standing=standing.value,
            age_rule=ages.name if born_on else None,
            person=person,
            timestamp=at,
        )

    def correct_person(self, person: str, *, corrected: Sequence[str], at: datetime) -> None:
        """Record who this is anew, or for the first time. `person` is sealed, `corrected` names its fields.

        The age is not judged again: a person may have wrong data corrected whatever follows from it.
        Raises PersonErased, NothingCorrected.
        """
        if self.person_erased:
            raise PersonErased(self.code)
        if not corrected:
            raise NothingCorrected(self.code)
        self.trigger_event(self.PersonCorrected, person=person, corrected=" ".join(corrected), timestamp=at)

    def forget_person(self, *, at: datetime) -> None:
        """Let go of who this is, as Law 91/2025/QH15 lets a person ask. Raises NobodyToForget."""
        if self.person is None:
            raise NobodyToForget(self.code)
        self.trigger_event(self.PersonForgotten, timestamp=at)
