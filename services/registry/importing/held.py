"""What the registry holds already of what a file says: read from the log once, from its beginning."""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from unicodedata import normalize

from services.chassis.aggregate import Fact
from services.chassis.eventlog.store import Store
from services.registry.domain.member import Member
from services.registry.domain.organization import Organization
from services.registry.importing.columns import MEMBERS, Line, Table
from services.registry.importing.turns import in_turns
from services.registry.persons import Person, Persons

PAGE = 500
"""Facts read at once; to open the persons among them takes some ten milliseconds."""

Texts = dict[str, str | None]
Alike = tuple[str, str]


@dataclass(frozen=True)
class Known:
    """What was first recorded under a code, as the cells of a row; `erased`: nobody may know who it was."""

    code: str
    organization: str
    texts: Texts
    erased: bool = False


@dataclass
class Held:
    """What of a file is recorded word for word, what under its code otherwise, and what resembles it."""

    same: set[str] = field(default_factory=set)
    otherwise: dict[str, Known] = field(default_factory=dict)
    external: dict[str, Known] = field(default_factory=dict)
    alike: dict[Alike, list[Known]] = field(default_factory=dict)


async def held(table: Table, store: Store, persons: Persons, tell: Callable[[int, int], object]) -> Held:
    """Return what is held of what `table` says; `tell` hears how far of how far the log was read."""
    found = Held()
    lines: dict[str, Line] = {}
    external, alike = set[str | None](), set[Alike | None]()
    async for line in in_turns(table.lines):
        lines.setdefault(line.code, line)
        texts = line.texts
        external.add(texts["external_id"])
        alike.add(resemblance(texts))
    head = await store.head()
    hidden = await persons.named.restricted()
    async for position, known in _recorded(table, store, persons, hidden):
        tell(position, head)
        for one in known:
            if mine := lines.get(one.code):
                if differs(mine.texts, one, table.kind.personal):
                    found.otherwise[one.code] = one
                else:
                    found.same.add(one.code)
            id = one.texts["external_id"]
            if id and id in external and (mine is None or mine.texts["external_id"] != id):
                found.external[id] = one
            key = resemblance(one.texts)
            if key and key in alike and mine is None:
                found.alike.setdefault(key, []).append(one)
    return found


def resemblance(texts: Texts) -> Alike | None:
    """Return by what two rows may be one person: the name, whatever its capitals, and the birth date."""
    name, born_on = texts.get("name"), texts.get("born_on")
    return (" ".join(normalize("NFC", name).casefold().split()), born_on) if name and born_on else None


def differs(texts: Texts, known: Known, personal: frozenset[str]) -> Texts:
    """Return what a row says otherwise than was recorded; who was erased or is restricted is not compared."""
    return {
        column: text
        for column, text in texts.items()
        if text != known.texts[column] and not (known.erased and column in personal)
    }


async def _recorded(
    table: Table, store: Store, persons: Persons, hidden: Collection[str]
) -> AsyncIterator[tuple[int, list[Known]]]:
    after = 0
    while page := await store.read(after, PAGE):
        after = page[-1].position
        facts = [recorded.fact for recorded in page]
        yield after, await _admitted(facts, persons, hidden) if table.kind is MEMBERS else _founded(facts)


def _founded(facts: list[Fact]) -> list[Known]:
    return [
        Known(
            fact.code,
            fact.code,
            {
                "organization": fact.code,
                "name": normalize("NFC", fact.name),
                "kind": fact.kind,
                "parent": fact.parent,
                "sector": fact.sector,
                "founded_on": fact.founded_on,
                "decision_number": fact.decision_number,
                "decision_date": fact.decision_dated,
                "external_id": fact.external_id,
            },
        )
        for fact in facts
        if isinstance(fact, Organization.Founded)
    ]


async def _admitted(facts: list[Fact], persons: Persons, hidden: Collection[str]) -> list[Known]:
    admitted = [fact for fact in facts if isinstance(fact, Member.Admitted)]
    sealed = [
        (fact.code, fact.person) for fact in admitted if fact.person and fact.originator_id not in hidden
    ]
    people = await persons.open_all(sealed)
    return [_known(fact, people.get(fact.code)) for fact in admitted]


def _known(fact: Member.Admitted, person: Person | None) -> Known:
    texts: Texts = {
        "member": fact.code,
        "organization": fact.organization,
        "decision_number": normalize("NFC", fact.decision_number),
        "decision_date": fact.decision_dated,
        "ceremony_on": fact.ceremony_on,
        "standing": fact.standing,
        "name": normalize("NFC", person.name) if person and person.name else None,
        "born_on": person.born_on.isoformat() if person and person.born_on else None,
        "external_id": person.external_id if person else None,
    }
    return Known(fact.code, fact.organization, texts, erased=fact.person is not None and person is None)
