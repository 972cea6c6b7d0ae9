"""The organization tree as every service needs it: who exists, and beneath whom. Fed by REGISTRY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol

import msgspec
from psycopg import AsyncCursor

from contracts.registry import OrganizationFounded
from services.chassis.bounds import Cache
from services.chassis.eventlog.writer import Pool
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View

ORGANIZATIONS_MAX = 20_000
"""Organizations remembered: several provinces' cells, some 20 MB."""

COLUMNS = "code, name, kind, parent, sector, founded_on, path"


@dataclass(frozen=True)
class Node:
    """One organization. `path` leads from the root to itself, both included."""

    code: str
    name: str
    kind: str
    parent: str | None
    sector: str | None
    founded_on: date
    path: list[str]


class Founding(msgspec.Struct, frozen=True):
    """An organization came into being under its parent."""

    organization: str
    name: str
    kind: str
    founded_on: date
    parent: str | None = None
    sector: str | None = None


class Founded(Protocol):
    """What places an organization in the tree."""

    @property
    def organization(self) -> str:
        """Return its code."""
        ...

    @property
    def parent(self) -> str | None:
        """Return the code of what it lies beneath."""
        ...


class Tree(View):
    """Organizations and their ancestors."""

    name = "tree"
    reads: ClassVar = {OrganizationFounded.type: Founding}
    compared: ClassVar = {
        "place in the tree": "SELECT code AS key, array_to_string(path, ' / ') AS value FROM organization"
    }
    tables = """
        CREATE TABLE organization (
            code       text PRIMARY KEY,
            name       text NOT NULL,
            kind       text NOT NULL,
            parent     text,
            sector     text,
            founded_on date NOT NULL,
            path       text[] NOT NULL
        );
        CREATE INDEX organization_parent ON organization (parent);
        CREATE INDEX organization_path ON organization USING gin (path);
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.known: Cache[str, Node] = Cache("organizations remembered", ORGANIZATIONS_MAX)

    def fold(self) -> "Foundings":
        """Return the fold of nothing yet."""
        return Foundings()

    async def find(self, code: str) -> Node | None:
        """Return the organization, or None. What was found once is remembered: a founding is for ever."""
        if node := self.known.get(code):
            return node
        nodes = await self._nodes("code = %(code)s", code)
        return self.known.put(code, nodes[0]) if nodes else None

    async def within(self, code: str, root: str) -> bool:
        """Return whether `code` is `root` or lies beneath it."""
        node = await self.find(code)
        return node is not None and root in node.path

    async def children(self, code: str) -> list[Node]:
        """Return the organizations directly beneath `code`, by code."""
        return await self._nodes("parent = %(code)s", code)

    async def roots(self) -> list[Node]:
        """Return the organizations that have no parent, by code."""
        return await self._nodes("parent IS NULL")

    async def _nodes(self, condition: str, code: str = "") -> list[Node]:
        query = f"SELECT {COLUMNS} FROM tree.organization WHERE {condition} ORDER BY code"
        rows = await self.rows(query, code=code)
        return [Node(**row) for row in rows]


class Foundings:
    """Organizations founded, each beneath its parent."""

    def __init__(self) -> None:
        self.founded: list[Founding] = []

    def add(self, told: Iterable[Told]) -> None:
        """Take foundings in."""
        self.founded += [one.data for one in told]

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the organizations."""
        paths = await paths_of(self.founded, cursor)
        rows = [
            (e.organization, e.name, e.kind, e.parent, e.sector, e.founded_on, paths[e.organization])
            for e in self.founded
        ]
        await load(cursor, "organization", COLUMNS, rows)


async def paths_of(founded: Sequence[Founded], cursor: AsyncCursor[Any]) -> dict[str, list[str]]:
    """Return the path of each organization; its parent was founded before it, here or in `organization`."""
    parents = list({one.parent for one in founded if one.parent})
    await cursor.execute("SELECT code, path FROM organization WHERE code = ANY(%s)", (parents,))
    paths: dict[str, list[str]] = {row["code"]: row["path"] for row in await cursor.fetchall()}
    for one in founded:
        paths[one.organization] = [*paths.get(one.parent or "", []), one.organization]
    return paths
