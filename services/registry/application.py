"""The registry's use cases: one command, one method, one transaction."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Line, Year
from services.chassis.errors import AlreadyDone, Conflict, NotYetKnown
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.registry.domain.admission_target import AdmissionTarget, UnknownOrganization
from services.registry.domain.member import AdmissionAges, CellNotFounded, Member, Standing
from services.registry.domain.organization import Kind, Organization, Sector, UnknownParent
from services.registry.domain.words import CodeTaken, Decision
from services.registry.persons import Person, Persons

AGES = Path(__file__).with_name("packs") / "admission.json"


def _day(value: object) -> object:
    """Return a written day as a date. What it does not know how to read it does not repeat."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("a day is written 1990-05-31") from None


BornOn = Annotated[date, Strict(), BeforeValidator(_day), Field(ge=date(1850, 1, 1), le=date(2100, 12, 31))]
"""A day of birth. It may lie before the founding of the Party, where `DayOn` begins."""


class Command(BaseModel):
    """A request to decide. Its shape is checked here, rules in the domain; a misspelt field is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FoundOrganization(Command):
    """Found a committee or a cell under `parent`; a province's committee has none."""

    organization: Code
    name: Line
    kind: Kind
    parent: Code | None = None
    sector: Sector | None = None
    founded_on: DayOn
    decision: Document | None = None


class AdmitMember(Command):
    """Admit a person to a cell.

    `name` and `born_on` stay in the registry, encrypted; where `born_on` is given, the age is checked.
    """

    member: Code
    organization: Code
    decision: Document
    ceremony_on: DayOn
    standing: Standing
    name: Line | None = Field(default=None, repr=False)
    born_on: BornOn | None = Field(default=None, repr=False)


class SetAdmissionTarget(Command):
    """Set, or set anew, how many members an organization's subtree should admit in a year."""

    organization: Code
    year: Year
    target: Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
    decision: Document | None = None
    set_on: DayOn


class ForgetPerson(Command):
    """Erase who a member is: the name and the birth date, in the log and in every copy of it."""

    member: Code


class Registry:
    """Who exists. `ages` is the rule in force on the age of those admitted."""

    def __init__(self, store: Store, persons: Persons, ages: AdmissionAges) -> None:
        self.store = store
        self.persons = persons
        self.ages = ages

    async def found_organization(self, command: FoundOrganization, origin: Origin) -> Receipt:
        """Found an organization.

        Raises UnknownParent, ParentCannotHold, FoundedBeforeParent, DateInFuture, CodeTaken.
        """
        organization = Organization.found(
            command.organization,
            name=command.name,
            kind=command.kind,
            parent=await self._organization(command.parent, UnknownParent) if command.parent else None,
            sector=command.sector,
            founded_on=command.founded_on,
            decision=_decision(command.decision),
            at=self.store.clock(),
        )
        return await self._record_new(organization, command.organization, origin)

    async def admit_member(self, command: AdmitMember, origin: Origin) -> Receipt:
        """Admit a member, and keep who it is where only the registry can read it.

        Raises CellNotFounded, NotACell, DateInFuture, CeremonyBeforeDecision, AdmittedBeforeFounding,
        TooYoung, TooOld, CodeTaken.
        """
        organization = await self._organization(command.organization, CellNotFounded)
        person = Person(command.name, command.born_on)
        sealed = self.persons.seal(command.member, person) if person.is_known else None
        member = Member.admit(
            command.member,
            organization=organization,
            decision=Decision(command.decision.number, command.decision.date),
            ceremony_on=command.ceremony_on,
            standing=command.standing,
            born_on=command.born_on,
            ages=self.ages,
            person=sealed.text if sealed else None,
            at=self.store.clock(),
        )
        if sealed:
            await self.persons.keep(sealed)
        return await self._record_new(member, command.member, origin)

    @retried
    async def forget_person(self, command: ForgetPerson, origin: Origin) -> Receipt:
        """Erase who a member is, and keep that it was done. Raises NotFound, NobodyToForget.

        The key goes first: if the process dies before the fact is stored, the person is forgotten all
        the same, and asking again completes the record.
        """
        member = await self.member(command.member)
        member.forget_person(at=self.store.clock())
        await self.persons.forget(command.member)
        return await self.store.record(member, origin=origin)

    async def member(self, code: str) -> Member:
        """Return the member. Raises NotFound."""
        return await self.store.find(Member, Member.id_for(code))

    async def person(self, member: Member) -> Person | None:
        """Return who `member` is, or None if that was never given or was forgotten. Raises SealBroken."""
        return await self.persons.open(member.code, member.person) if member.person else None

    @retried
    async def set_admission_target(self, command: SetAdmissionTarget, origin: Origin) -> Receipt:
        """Set a target, or set it anew.

        Raises UnknownOrganization, DateInFuture, TargetUnchanged, TargetOvertaken.
        """
        organization = await self._organization(command.organization, UnknownOrganization)
        known = AdmissionTarget.id_for(command.organization, command.year)
        target = await self.store.look_up(AdmissionTarget, known)
        decision, at = _decision(command.decision), self.store.clock()
        if target is None:
            target = AdmissionTarget.set(
                organization,
                command.year,
                target=command.target,
                decision=decision,
                set_on=command.set_on,
                at=at,
            )
        else:
            target.reset(target=command.target, decision=decision, set_on=command.set_on, at=at)
        return await self.store.record(target, origin=origin)

    async def stands_beneath(self, organization: str, root: str) -> bool:
        """Return whether `organization` is `root` or stands beneath it. Raises UnknownOrganization.

        Asked of the log itself: what a district has just founded may not be in anyone's view yet.
        """
        code: str | None = organization
        while code is not None and code != root:
            code = (await self._organization(code, UnknownOrganization)).parent
        return code is not None

    async def _record_new(self, aggregate: Organization | Member, code: str, origin: Origin) -> Receipt:
        """Store what begins with `code`. Raises CodeTaken, and AlreadyDone if this was told before."""
        try:
            return await self.store.record(aggregate, origin=origin)
        except AlreadyDone:
            raise
        except Conflict as conflict:
            raise CodeTaken(f"{code} is taken") from conflict

    async def _organization(self, code: str, otherwise: type[NotYetKnown]) -> Organization:
        """Return the organization, or raise `otherwise`.

        A founding is for ever, and its code, kind, parent and day are all that is asked here. A fact that
        changes one of them has to end this.
        """
        organization = await self.store.known(Organization, Organization.id_for(code))
        if organization is None:
            raise otherwise(f"{code} is not founded here")
        return organization


def admission_ages(pack: Path = AGES) -> AdmissionAges:
    """Return the rule on ages that `pack` states."""
    rule = json.loads(pack.read_text(encoding="utf-8"))
    document = Decision(rule["number"], date.fromisoformat(rule["date"]))
    return AdmissionAges(document, rule["age_years_min"], rule["age_years_max"])


def _decision(document: Document | None) -> Decision | None:
    return Decision(document.number, document.date) if document else None
