"""Places in the tree, as any view keeps them: what was told, the spells that follow, and how it is today.

Every view that answers for subtrees has these tables of its own, so that each can be rebuilt alone. `change`
holds what was told, `place` the dated spells, `organization` the last of them. A reorganization rewrites
the spells of what lies, or ever lay, beneath: some thousand rows at most.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg import AsyncCursor

from services.chassis.views.fold import Told, load
from services.chassis.views.spells import Change, Past, Spell, What

PLACES = """
    CREATE TABLE organization (
        code       text PRIMARY KEY,
        name       text NOT NULL,
        kind       text NOT NULL,
        parent     text,
        sector     text,
        founded_on date NOT NULL,
        path       text[] NOT NULL,
        ended_on   date
    );
    CREATE INDEX organization_parent ON organization (parent);
    CREATE INDEX organization_path ON organization USING gin (path);
    CREATE TABLE place (
        code     text NOT NULL,
        from_on  date NOT NULL,
        until_on date,
        name     text NOT NULL,
        parent   text,
        path     text[] NOT NULL,
        stands   boolean NOT NULL,
        PRIMARY KEY (code, from_on)
    );
    CREATE INDEX place_parent ON place (parent);
    CREATE INDEX place_path ON place USING gin (path);
    CREATE TABLE change (
        number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        code        text NOT NULL,
        what        text NOT NULL,
        day         date NOT NULL,
        name        text,
        parent      text,
        others      text[] NOT NULL,
        recorded_at timestamptz
    );
    CREATE INDEX change_code ON change (code);
    CREATE INDEX change_parent ON change (parent);
    CREATE INDEX change_reorganized ON change (number) WHERE what <> 'FOUNDED';
"""

ON = "(from_on <= %(day)s AND (until_on IS NULL OR until_on > %(day)s))"
"""Of `place`: the spells that cover a day."""


class Seen(msgspec.Struct, frozen=True):
    """One event in part. Every event names the organization it is about."""

    organization: str


class Founding(Seen, frozen=True):
    """An organization came into being under its parent."""

    name: str
    kind: str
    founded_on: date
    parent: str | None = None
    sector: str | None = None


class Renaming(Seen, frozen=True):
    """An organization has another name from a day on."""

    name: str
    effective_on: date


class Move(Seen, frozen=True):
    """An organization, with all beneath it, lies beneath another parent from a day on."""

    effective_on: date
    parent: str | None = None


class Dissolution(Seen, frozen=True):
    """An organization without members and children ended."""

    effective_on: date


class Merger(Seen, frozen=True):
    """An organization ended; its members and children belong to `into` from that day."""

    into: str
    effective_on: date


class Split(Seen, frozen=True):
    """Part of an organization went on as others. Whom that moved is told of each member."""

    into: tuple[str, ...]
    effective_on: date


REORGANIZATIONS: dict[str, type[Seen]] = {
    "registry.OrganizationRenamed.v1": Renaming,
    "registry.OrganizationMoved.v1": Move,
    "registry.OrganizationDissolved.v1": Dissolution,
    "registry.OrganizationMerged.v1": Merger,
    "registry.OrganizationSplit.v1": Split,
}

PLACED: dict[str, type[Seen]] = {"registry.OrganizationFounded.v1": Founding, **REORGANIZATIONS}
"""All that decides where an organization stands, by type."""


class Placing:
    """Organizations founded and reorganized: a part of a view's fold."""

    def __init__(self) -> None:
        self._founded: list[Founding] = []
        self._told: list[tuple[Any, ...]] = []

    def take(self, one: Told) -> bool:
        """Take a message in. Return False if it places nothing."""
        event = one.data
        recorded_at: datetime | None = getattr(one, "recordedtime", None)
        match event:
            case Founding():
                self._founded.append(event)
                self._note(event, "FOUNDED", event.founded_on, recorded_at, event.name, event.parent)
            case Renaming():
                self._note(event, "RENAMED", event.effective_on, recorded_at, event.name)
            case Move():
                self._note(event, "MOVED", event.effective_on, recorded_at, None, event.parent)
            case Merger():
                self._note(event, "MERGED", event.effective_on, recorded_at, None, event.into)
            case Dissolution():
                self._note(event, "DISSOLVED", event.effective_on, recorded_at)
            case Split():
                self._note(event, "SPLIT", event.effective_on, recorded_at, None, None, event.into)
            case _:
                return False
        return True

    def _note(
        self,
        event: Seen,
        what: What,
        day: date,
        recorded_at: datetime | None,
        name: str | None = None,
        parent: str | None = None,
        others: Collection[str] = (),
    ) -> None:
        self._told.append((event.organization, what, day, name, parent, list(others), recorded_at))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Keep what was told, and write anew the spells of all that it places."""
        if not self._told:
            return
        await load(cursor, "change", "code, what, day, name, parent, others, recorded_at", self._told)
        plain = len(self._founded) == len(self._told) and await _beneath(cursor, self._founded)
        spells = plain or await _spells(cursor, self._told)
        if len(spells) > len(self._founded):
            await cursor.execute("DELETE FROM place WHERE code = ANY(%s)", (list(spells),))
        columns = "code, from_on, until_on, name, parent, path, stands"
        await load(cursor, "place", columns, [_row(spell) for of in spells.values() for spell in of])
        columns = "code, name, kind, parent, sector, founded_on, path"
        await load(cursor, "organization", columns, [_today(e, spells) for e in self._founded])
        if len(self._told) > len(self._founded) or len(spells) > len(self._founded):
            await cursor.execute(TODAY, (list(spells),))


def _row(spell: Spell) -> tuple[Any, ...]:
    return spell.code, spell.from_on, spell.until_on, spell.name, spell.parent, spell.path, spell.stands


def _today(event: Founding, spells: dict[str, list[Spell]]) -> tuple[Any, ...]:
    last = spells[event.organization][-1]
    return event.organization, last.name, event.kind, last.parent, event.sector, event.founded_on, last.path


TODAY = """
    UPDATE organization SET name = place.name, parent = place.parent, path = place.path, ended_on = (
        SELECT min(from_on) FROM place AS over WHERE over.code = organization.code AND NOT over.stands
    )
    FROM place
    WHERE place.code = organization.code AND place.until_on IS NULL AND place.code = ANY(%s)
"""

MENTIONED = """
    SELECT count(*) AS changes FROM unnest(%s::text[]) AS new (code), LATERAL (
        SELECT number FROM change WHERE code = new.code
        UNION SELECT number FROM change WHERE parent = new.code
    ) AS told
"""

ABOVE = "SELECT code, from_on, until_on, path, stands FROM place WHERE code = ANY(%s)"


async def _beneath(cursor: AsyncCursor[Any], founded: Sequence[Founding]) -> dict[str, list[Spell]] | None:
    """Return the one spell of each where nothing but its founding was told, and its parent never changed.

    None if that is not so of all: then what was told has to be added up. Most organizations come so, and
    by the thousand; a third of the time for them went into looking at what is around.
    """
    new = {one.organization: one for one in founded}
    await cursor.execute(MENTIONED, (list(new),))
    row = await cursor.fetchone()
    if row is None or row["changes"] != len(founded) + sum(one.parent in new for one in founded):
        return None
    await cursor.execute(ABOVE, (list({one.parent for one in founded} - new.keys()),))
    spells: dict[str, list[Spell]] = {}
    for told in await cursor.fetchall():
        spells.setdefault(told["code"], []).append(Spell(name="", parent=None, **told))
    waiting = list(founded)
    while waiting:
        ready = [one for one in waiting if one.parent not in new or one.parent in spells]
        if not ready:
            return None
        for one in ready:
            above = spells.get(one.parent or "", [])
            if above and not (len(above) == 1 and above[0].stands and above[0].covers(one.founded_on)):
                return None
            path = [*(above[0].path if above else ()), one.organization]
            spell = Spell(one.organization, one.founded_on, None, one.name, one.parent, path, stands=True)
            spells[one.organization] = [spell]
        waiting = [one for one in waiting if one.organization not in spells]
    return {code: spells[code] for code in new}


AROUND = """
    WITH RECURSIVE beneath AS (
        SELECT unnest(%(moved)s::text[]) AS code
        UNION
        SELECT child.code FROM beneath, LATERAL (
            SELECT code FROM change WHERE parent = beneath.code OFFSET 0
        ) AS child
    ), placed AS (
        SELECT code FROM beneath UNION SELECT unnest(%(changed)s::text[])
    ), around AS (
        SELECT code FROM placed
        UNION
        SELECT above.parent FROM around, LATERAL (
            SELECT parent FROM change WHERE code = around.code AND parent IS NOT NULL OFFSET 0
        ) AS above
    )
    SELECT told.code, what, day, name, parent, told.code IN (SELECT code FROM placed) AS placed
    FROM around, LATERAL (SELECT * FROM change WHERE code = around.code OFFSET 0) AS told
    ORDER BY number
"""
"""OFFSET 0 keeps each look-up by itself, so that it goes by the index: joined, all of `change` was read six
times for a handful of organizations, whose number in a recursion PostgreSQL overestimates."""

MOVED: frozenset[What] = frozenset({"FOUNDED", "MOVED", "MERGED"})
"""What changes the paths of all beneath; the rest is about one organization only."""

AT_ONCE = 200
"""Organizations whose spells are derived before others in the process have their turn."""


async def _spells(cursor: AsyncCursor[Any], told: Sequence[tuple[Any, ...]]) -> dict[str, list[Spell]]:
    """Return the spells of what changed and of whatever a change of its place reaches, by code."""
    changed = {code for code, *_ in told}
    moved = {code for code, what, *_ in told if what in MOVED}
    await cursor.execute(AROUND, {"changed": list(changed), "moved": list(moved)})
    rows = await cursor.fetchall()
    placed = dict.fromkeys(row["code"] for row in rows if row.pop("placed"))
    past, spells = Past(Change(**row) for row in rows), {}
    for number, code in enumerate(placed):
        spells[code] = past.spells(code)
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    return spells
