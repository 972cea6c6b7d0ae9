"""Who a member is: shown to those who may know, corrected, and given out to the person in full."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from eventsourcing.utils import get_topic

from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.eventlog.writer import Recorded
from services.registry.application.identity import PersonStated
from services.registry.application.member import Members
from services.registry.domain.ballot import Ballot
from services.registry.domain.data_request import DataRequest
from services.registry.domain.member import Member, PersonErased, UseRestricted
from services.registry.persons import ERASED, RESTRICTED, Access, Act, Person, Purpose

FACTS_MAX = 10_000
"""Facts in one export: more than a life in the Party leaves."""

ACCESSES_MAX = 1_000
"""Accesses in one export, the newest; the list of accesses has the others."""

STAMPS = frozenset({"originator_id", "originator_version", "originator_topic", "timestamp", "person"})
"""What of a fact is shown elsewhere in an export, or sealed."""


THEIRS = DataRequest.Event | DataRequest.Received | Ballot.Event | Ballot.Begun
"""Facts of others that are about one member alone."""


class CorrectPerson(PersonStated):
    """Correct what is recorded of a person: a field that is given replaces, null removes, the others stay."""


@dataclass(frozen=True)
class Known:
    """What there is to show: a person, or that one was erased; neither, where nobody was ever given.

    `restricted` says that there may be one, whose data may not be used.
    """

    person: Person | None
    erased: bool
    restricted: bool = False

    @property
    def name(self) -> str | None:
        """Return what stands where a name stands."""
        if self.restricted:
            return RESTRICTED
        return ERASED if self.erased else self.person.name if self.person else None


@dataclass(frozen=True)
class Source:
    """Where something comes from: the fact at `position` of the registry's log, and who asked for it."""

    position: int
    fact: str
    recorded_at: datetime
    actor: str


@dataclass(frozen=True)
class Held:
    """One thing held about a person. `value` is empty where the source removed it."""

    field: str
    value: str | None = dataclasses.field(repr=False)
    current: bool
    source: Source


@dataclass(frozen=True)
class Stated:
    """A fact in which the member stands. Of the member's own also what it says; others may name others."""

    subject: str
    source: Source
    says: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """How the registry was told of the member: a district's event, or a command with an Idempotency-Key."""

    district: str
    source: str
    event_id: str
    type: str
    position: int
    accepted_at: datetime


@dataclass(frozen=True)
class PersonExport:
    """Everything the registry holds about one person, with where each comes from."""

    member: str
    exported_at: datetime
    name: str | None = dataclasses.field(repr=False)
    person: list[Held] = dataclasses.field(repr=False)
    facts: list[Stated]
    told: list[Told]
    accesses_total: int
    accesses: list[Access]


class PersonFiles:
    """The use cases of who members are. Whoever learns it is recorded before they do."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.store = members.store
        self.accesses = members.persons.accesses

    async def show(self, member: Member, *, actor: str, purpose: Purpose) -> Known:
        """Return who `member` is, to `actor`: who is restricted only to answer their own request.

        Raises SealBroken.
        """
        if hidden := _hidden(member, purpose):
            return hidden
        await self._record(member, actor, Act.SHOWN, purpose)
        return await self._known(member)

    async def names(
        self, members: Sequence[Member], *, actor: str, purpose: Purpose
    ) -> dict[str, str | None]:
        """Return what stands where each name stands, by code, as `show` would. Raises SealBroken."""
        known = {one.code: _hidden(one, purpose) for one in members}
        shown = [one for one in members if known[one.code] is None]
        at = self.store.clock()
        await self.accesses.record(
            *(one.code for one in shown), actor=actor, act=Act.SHOWN, purpose=purpose, at=at
        )
        opened = await self.members.persons.open_all([(one.code, one.person or "") for one in shown])
        return {
            code: (hidden or Known(opened.get(code), code not in opened)).name
            for code, hidden in known.items()
        }

    @retried
    async def correct(
        self, code: str, command: CorrectPerson, origin: Origin, *, purpose: Purpose
    ) -> Receipt:
        """Record what is true of a person now; what was recorded before stays sealed beside it.

        Raises NotFound, UseRestricted, PersonErased, NothingCorrected.
        """
        member = await self.members.find(code)
        asked = purpose is Purpose.DATA_REQUEST
        self.members.restriction.judge(member, type(command).__name__, on_request=asked)
        before = Person()
        if member.person is not None:
            await self._record(member, origin.actor, Act.CORRECTED, purpose)
            known = await self._known(member)
            if known.person is None:
                raise PersonErased(member.code)
            before = known.person
        given = {name: getattr(command, name) for name in command.model_fields_set}
        after = replace(before, **given)
        sealed = self.members.persons.seal(member.code, after)
        member.correct_person(sealed.text, corrected=before.differs_in(after), at=self.store.clock())
        async with self.members.persons.kept(sealed):
            return await self.store.record(member, origin=origin)

    async def export(self, member: Member, *, actor: str, purpose: Purpose) -> PersonExport:
        """Return everything held about the person, this export included. Raises UseRestricted, SealBroken."""
        if member.restricted_on and purpose is not Purpose.DATA_REQUEST:
            raise UseRestricted(f"{member.code} since {member.restricted_on}: {purpose}")
        await self._record(member, actor, Act.EXPORTED, purpose)
        facts = await self._facts(member)
        known = await self._known(member)
        return PersonExport(
            member=member.code,
            exported_at=self.store.clock(),
            name=known.name,
            person=[] if known.erased else await self._held(member, facts),
            facts=[await self._stated(member, recorded) for recorded in facts],
            told=await self._told(facts),
            accesses_total=await self.accesses.count(member.code),
            accesses=await self.accesses.of(member.code, limit=ACCESSES_MAX),
        )

    async def _known(self, member: Member) -> Known:
        """Return who `member` is. A text whose key is gone was erased, whatever the log has come to say."""
        person = await self.members.person(member)
        return Known(person, member.person_erased or (member.person is not None and person is None))

    async def _record(self, member: Member, actor: str, act: Act, purpose: Purpose) -> None:
        at = self.store.clock()
        await self.accesses.record(member.code, actor=actor, act=act, purpose=purpose, at=at)

    async def _facts(self, member: Member) -> list[Recorded]:
        """Return every fact in which the member stands, and all that followed a request of theirs."""
        naming = await self.members.persons.named.elsewhere(member.code)
        others = [one.fact for one in await self.store.gather([], naming, FACTS_MAX)]
        theirs = [fact.originator_id for fact in others if isinstance(fact, THEIRS)]
        return await self.store.gather([member.id, *theirs], naming, FACTS_MAX)

    async def _held(self, member: Member, facts: Sequence[Recorded]) -> list[Held]:
        """Return each thing that was ever recorded of the person, and whether it still stands."""
        held: list[Held] = []
        before = Person()
        for recorded in facts:
            text = vars(recorded.fact).get("person")
            if recorded.fact.originator_id != member.id or text is None:
                continue
            after = await self.members.persons.open(member.code, text) or before
            changed = before.differs_in(after)
            held = [replace(one, current=one.current and one.field not in changed) for one in held]
            values, source = after.values(), _source(recorded)
            held += [Held(name, values[name], values[name] is not None, source) for name in changed]
            before = after
        return held

    async def _stated(self, member: Member, recorded: Recorded) -> Stated:
        """Return a fact; what it says if it is the member's own, with the ground of an exemption opened."""
        fact = recorded.fact
        own = fact.originator_id == member.id or isinstance(fact, THEIRS)
        says = {name: value for name, value in vars(fact).items() if name not in STAMPS} if own else {}
        if ground := says.get("ground"):
            says["ground"] = await self.members.persons.open_ground(member.code, ground) or ERASED
        return Stated(fact.originator_id, _source(recorded), says)

    async def _told(self, facts: Sequence[Recorded]) -> list[Told]:
        """Return what districts told of which these facts came."""
        async with self.store.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT district, source, event_id, type, position, accepted_at FROM inbox"
                " WHERE subject = ANY(%s) AND position = ANY(%s) ORDER BY position LIMIT %s",
                (
                    list({recorded.fact.originator_id for recorded in facts}),
                    [recorded.position for recorded in facts],
                    FACTS_MAX,
                ),
            )
            return [Told(**row) for row in await cursor.fetchall()]


def _hidden(member: Member, purpose: Purpose) -> Known | None:
    """Return what is shown of one whose person may not be opened for `purpose`; None of one that may."""
    if member.person is None:
        return Known(None, member.person_erased)
    if member.restricted_on and purpose is not Purpose.DATA_REQUEST:
        return Known(None, erased=False, restricted=True)
    return None


def _source(recorded: Recorded) -> Source:
    fact = recorded.fact
    return Source(recorded.position, get_topic(type(fact)), fact.timestamp, recorded.origin.get("actor", ""))
