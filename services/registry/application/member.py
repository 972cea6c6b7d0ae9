"""Members: admitted, and forgotten when they ask for it."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from contracts.message import Code, DayOn
from contracts.vocabulary import Document
from services.chassis.errors import Refused, Shifted
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.chassis.stated import Command, Rule
from services.registry.application.command import decision_in, record_new
from services.registry.application.identity import PersonStated
from services.registry.application.organization import Organizations
from services.registry.domain.member import (
    AdmissionAges,
    CellNotFounded,
    Member,
    Recorded,
    RestrictionRules,
    Standing,
)
from services.registry.domain.organization import Organization
from services.registry.domain.words import CodeTaken, Decision
from services.registry.persons import Person, Persons, Sealed

AT_ONCE = 64
"""Members decided on before others in the process have their turn: some ten milliseconds."""

PACKS = Path(__file__).parents[1] / "packs"
AGES = PACKS / "admission.json"
RESTRICTION = PACKS / "restriction.json"


class AdmitMember(PersonStated):
    """Admit a person to a cell.

    What identifies the person stays in the registry, encrypted; where `born_on` is given, the age is checked.
    """

    member: Code
    organization: Code
    decision: Document
    ceremony_on: DayOn
    standing: Standing

    @property
    def person(self) -> Person:
        """Return who it is."""
        return Person(**{field: getattr(self, field) for field in PersonStated.model_fields})


class ForgetPerson(Command):
    """Erase who a member is: name, birth date and contact, in the log and in every copy of it."""

    member: Code


class LiftRestriction(Command):
    """Let the data of a member be used again, as they asked."""

    lifted_on: DayOn


class Members:
    """The use cases of members. `ages` is the rule in force on the age of those admitted.

    `restriction` is the one on what is recorded of those whose data may not be used.
    """

    def __init__(
        self,
        store: Store,
        organizations: Organizations,
        persons: Persons,
        ages: AdmissionAges,
        restriction: RestrictionRules,
    ) -> None:
        self.store = store
        self.organizations = organizations
        self.persons = persons
        self.ages = ages
        self.restriction = restriction

    @retried
    async def admit(self, command: AdmitMember, origin: Origin) -> Receipt:
        """Admit a member, and keep who it is where only the registry can read it.

        Raises CellNotFounded, OrganizationEnded, NotACell, DateInFuture, CeremonyBeforeDecision,
        AdmittedBeforeFounding, TooYoung, TooOld, CodeTaken.
        """
        organization = await self.organizations.known(command.organization, CellNotFounded)
        sealed = self._sealed(command)
        member = self.decided(command, organization, sealed)
        async with self.persons.kept(sealed):
            return await record_new(self.store, member, command.member, origin, resting_on=[organization])

    async def admit_all(self, commands: Sequence[AdmitMember], origin: Origin) -> list[Receipt | Refused]:
        """Admit many, each as `admit` would, their keys kept in one statement. Return what became of each."""
        members: list[tuple[Member, Organization, Sealed | None] | Refused] = []
        for number, command in enumerate(commands):
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
            try:
                organization = await self.organizations.known(command.organization, CellNotFounded)
                sealed = self._sealed(command)
                members.append((self.decided(command, organization, sealed), organization, sealed))
            except Refused as refusal:
                members.append(refusal)
        keys = [one[2] for one in members if not isinstance(one, Refused)]
        await self.persons.keep_all([sealed for sealed in keys if sealed])

        async def recorded(
            command: AdmitMember, decided: tuple[Member, Organization, Sealed | None] | Refused
        ) -> Receipt | Refused:
            if isinstance(decided, Refused):
                return decided
            member, organization, sealed = decided
            try:
                return await record_new(self.store, member, member.code, origin, resting_on=[organization])
            except Shifted:
                await self.persons.discard(sealed)
                return await self._admit_anew(command, origin)
            except CodeTaken as refusal:
                await self.persons.discard(sealed)
                return refusal

        return list(await asyncio.gather(*map(recorded, commands, members)))

    async def _admit_anew(self, command: AdmitMember, origin: Origin) -> Receipt | Refused:
        try:
            return await self.admit(command, origin)
        except Refused as refusal:
            return refusal

    def _sealed(self, command: AdmitMember) -> Sealed | None:
        return self.persons.seal(command.member, command.person) if command.person.is_known else None

    def decided(self, command: AdmitMember, organization: Organization, sealed: Sealed | None) -> Member:
        """Return the member admitted to `organization`, not stored yet. Raises as `admit` does."""
        return Member.admit(
            command.member,
            organization=organization,
            decision=decision_in(command.decision),
            ceremony_on=command.ceremony_on,
            standing=command.standing,
            born_on=command.born_on,
            ages=self.ages,
            person=sealed.text if sealed else None,
            at=self.store.clock(),
        )

    @retried
    async def forget_person(self, command: ForgetPerson, origin: Origin) -> Receipt:
        """Erase who a member is, and keep that it was done. Raises NotFound, NobodyToForget.

        The key goes first: if the process dies before the fact is stored, the person is forgotten all
        the same, and asking again completes the record.
        """
        member = await self.find(command.member)
        member.forget_person(at=self.store.clock())
        await self.persons.forget(command.member)
        return await self.store.record(member, origin=origin)

    @retried
    async def lift_restriction(self, code: str, command: LiftRestriction, origin: Origin) -> Receipt:
        """Let a member's data be used again. Raises NotFound, DateInFuture, NotRestricted."""
        member = await self.find(code)
        member.lift_restriction(command.lifted_on, at=self.store.clock())
        return await self.store.record(member, origin=origin)

    async def find(self, code: str) -> Member:
        """Return the member. Raises NotFound."""
        return await self.store.find(Member, Member.id_for(code))

    async def person(self, member: Member) -> Person | None:
        """Return who `member` is, or None if that was never given or was forgotten. Raises SealBroken."""
        return await self.persons.open(member.code, member.person) if member.person else None


class _Ages(Rule):
    number: str
    date: dt.date
    article: str
    note: str
    age_years_min: int
    age_years_max: int


def admission_ages(pack: Path = AGES) -> AdmissionAges:
    """Return the rule on ages that `pack` states."""
    rule = _Ages.model_validate_json(pack.read_bytes())
    return AdmissionAges(Decision(rule.number, rule.date), rule.age_years_min, rule.age_years_max)


class _Restriction(Rule):
    name: str
    version: str
    document: str
    commands: dict[str, Recorded]


def restriction_rules(pack: Path = RESTRICTION) -> RestrictionRules:
    """Return the rules on restriction that `pack` states."""
    rule = _Restriction.model_validate_json(pack.read_bytes())
    return RestrictionRules(f"{rule.name} {rule.version}", rule.commands)
