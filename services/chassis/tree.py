"""The organization tree as every service needs it: who exists, and beneath whom. Fed by REGISTRY."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import AsyncCursor

from contracts.registry import OrganizationFounded
from services.chassis.bounds import Cache
from services.chassis.delivery import Delivery
from services.chassis.view import View
from services.chassis.writer import Pool

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


class Tree(View):
    """Organizations and their ancestors."""

    name = "tree"
    folds = frozenset({OrganizationFounded.type})
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

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> None:
        """Add the organizations founded in `batch`, each beneath its parent."""
        founded = [delivery.event for delivery in batch if isinstance(delivery.event, OrganizationFounded)]
        await cursor.execute(
            "SELECT code, path FROM organization WHERE code = ANY(%s)", ([event.parent for event in founded],)
        )
        paths: dict[str | None, list[str]] = {row["code"]: row["path"] for row in await cursor.fetchall()}
        rows = []
        for event in founded:
            paths[event.organization] = [*paths.get(event.parent, []), event.organization]
            rows.append(
                (
                    event.organization,
                    event.name,
                    event.kind,
                    event.parent,
                    event.sector,
                    event.founded_on,
                    paths[event.organization],
                )
            )
        await cursor.executemany("INSERT INTO organization VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)

    async def find(self, code: str) -> Node | None:
        """Return the organization, or None. What was found once is remembered: a founding is for ever."""
        if node := self.known.get(code):
            return node
        nodes = await self._nodes("WHERE code = %s", code)
        return self.known.put(code, nodes[0]) if nodes else None

    async def within(self, code: str, root: str) -> bool:
        """Return whether `code` is `root` or lies beneath it."""
        node = await self.find(code)
        return node is not None and root in node.path

    async def children(self, code: str) -> list[Node]:
        """Return the organizations directly beneath `code`, by code."""
        return await self._nodes("WHERE parent = %s ORDER BY code", code)

    async def roots(self) -> list[Node]:
        """Return the organizations that have no parent, by code."""
        return await self._nodes("WHERE parent IS NULL ORDER BY code")

    async def _nodes(self, condition: str, *parameters: str) -> list[Node]:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                f"SELECT {COLUMNS} FROM tree.organization {condition}",
                parameters,
            )
            return [Node(**row) for row in await cursor.fetchall()]
