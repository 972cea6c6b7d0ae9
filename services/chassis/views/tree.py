"""The organization tree as every service needs it: who exists, beneath whom, and who did. Fed by REGISTRY.

What is asked without a day is answered as of today. Cut by a day, the tree is the one of that day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from psycopg import AsyncCursor
from psycopg.rows import tuple_row

from services.chassis.views.fold import Told
from services.chassis.views.memory import Remembering
from services.chassis.views.places import ON, PLACED, PLACES, REORGANIZATIONS, Placing

ORGANIZATIONS_MAX = 20_000
"""Organizations remembered: several provinces' cells, some 20 MB."""

COLUMNS = "code, name, kind, parent, sector, founded_on, path, ended_on"


@dataclass(frozen=True)
class Node:
    """One organization. `path` leads from the root to itself, both included.

    One that was merged lies, from `ended_on`, in what it was merged into.
    """

    code: str
    name: str
    kind: str
    parent: str | None
    sector: str | None
    founded_on: date
    path: list[str]
    ended_on: date | None = None


@dataclass(frozen=True)
class Step:
    """One organization became another, or part of it did."""

    organization: str
    on: date


@dataclass(frozen=True)
class Lineage:
    """What an organization came from, and what became of it."""

    merged_into: Step | None
    merged_from: list[Step]
    split_into: list[Step]
    split_from: list[Step]


class Placed(Told, frozen=True, gc=False):
    """A message about the tree, with the time at which it was recorded."""

    recordedtime: datetime


class Tree(Remembering[Node]):
    """Organizations and their ancestors, today and on any day."""

    name = "tree"
    version = 2
    reads: ClassVar = PLACED
    envelope: ClassVar = Placed
    compared: ClassVar = {
        "place in the tree": "SELECT code AS key, array_to_string(path, ' / ') AS value FROM organization",
        "places in the past": (
            "SELECT code || ' ' || from_on AS key, name || ': ' || array_to_string(path, ' / ') AS value"
            " FROM place"
        ),
    }
    tables = PLACES
    remembers = ("organizations remembered", ORGANIZATIONS_MAX)
    changed_by = REORGANIZATIONS
    last_change = "SELECT coalesce(max(number), 0) AS last FROM {schema}.change WHERE what <> 'FOUNDED'"

    def fold(self) -> "Places":
        """Return the fold of nothing yet."""
        return Places()

    # -- Today

    async def find(self, code: str) -> Node | None:
        """Return the organization as it is today, or None. It is remembered until any of them changes."""
        if self.due():
            await self.look()
        if node := self.known.get(code):
            return node
        forgotten = self.forgotten
        nodes = await self._nodes("code = %(code)s", code)
        if not nodes:
            return None
        return self.known.put(code, nodes[0]) if forgotten == self.forgotten else nodes[0]

    async def within(self, code: str, root: str) -> bool:
        """Return whether `code` is `root` or lies beneath it."""
        node = await self.find(code)
        return node is not None and root in node.path

    async def children(self, code: str) -> list[Node]:
        """Return the organizations directly beneath `code` that stand, by code."""
        return await self._nodes("parent = %(code)s AND ended_on IS NULL", code)

    async def roots(self) -> list[Node]:
        """Return the organizations that stand and have no parent, by code."""
        return await self._nodes("parent IS NULL AND ended_on IS NULL")

    async def _nodes(self, condition: str, code: str = "") -> list[Node]:
        query = f"SELECT {COLUMNS} FROM {self.schema}.organization WHERE {condition} ORDER BY code"
        return [Node(**row) for row in await self.rows(query, code=code)]

    # -- On a day

    async def find_on(self, code: str, day: date) -> Node | None:
        """Return the organization as it was at the end of `day`, or None if it was not founded by then."""
        nodes = await self._nodes_on("code = %(code)s", day, code)
        return nodes[0] if nodes else None

    async def children_on(self, code: str, day: date) -> list[Node]:
        """Return the organizations that stood directly beneath `code` on `day`, by code."""
        return await self._nodes_on("place.parent = %(code)s AND stands", day, code)

    async def beneath_on(self, code: str, day: date) -> list[Node]:
        """Return the organizations that stood in the subtree of `code` on `day`, itself included, by code."""
        return await self._nodes_on("place.path @> ARRAY[%(code)s] AND stands", day, code)

    @property
    def stood(self) -> str:
        """Return the query for the organizations founded by `%(day)s`, as they were at its end."""
        return f"""
            SELECT code, place.name, kind, place.parent, sector, founded_on, place.path,
                CASE WHEN stands THEN NULL ELSE ended_on END AS ended_on
            FROM {self.schema}.place JOIN {self.schema}.organization USING (code) WHERE {ON}
        """

    async def _nodes_on(self, condition: str, day: date, code: str) -> list[Node]:
        query = f"{self.stood} AND {condition} ORDER BY code"
        async with self.asking() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, {"day": day, "code": code}, binary=True)
            return [Node(*row) for row in await cursor.fetchall()]

    async def mergers(self) -> dict[str, Step]:
        """Return what each organization that was merged has merged into."""
        rows = await self.rows(f"SELECT code, parent, day FROM {self.schema}.change WHERE what = 'MERGED'")
        return {row["code"]: Step(row["parent"], row["day"]) for row in rows}

    async def lying(self, code: str, day: date) -> list[str]:
        """Return what has merged into the organization by `day`, and what had merged into that."""
        found = [code]
        for one in found:
            lineage = await self.lineage(one, day)
            found += [step.organization for step in lineage.merged_from if step.organization not in found]
        return found[1:]

    async def ended_in(self, code: str) -> list[str]:
        """Return what ended in an organization: merged into it, or dissolved beneath it."""
        rows = await self.rows(
            f"""
            SELECT ended.code FROM {self.schema}.organization AS ended
            WHERE ended.path @> ARRAY[%(code)s] AND ended.code <> %(code)s AND NOT EXISTS (
                SELECT FROM {self.schema}.organization AS between
                WHERE between.code = ANY(ended.path[array_position(ended.path, %(code)s) + 1:])
                AND between.ended_on IS NULL
            ) ORDER BY ended.code
            """,
            code=code,
        )
        return [row["code"] for row in rows]

    async def lineage(self, code: str, day: date | None = None) -> Lineage:
        """Return what the organization came from, and what it became, by `day`."""
        rows = await self.rows(
            f"""
            SELECT code, what, day, parent, others FROM {self.schema}.change
            WHERE (what = 'MERGED' AND (code = %(code)s OR parent = %(code)s)
                OR what = 'SPLIT' AND (code = %(code)s OR others @> ARRAY[%(code)s]))
            AND day <= coalesce(%(day)s, 'infinity'::date)
            ORDER BY day, code
            """,
            code=code,
            day=day,
        )
        merged = [row for row in rows if row["what"] == "MERGED"]
        split = [row for row in rows if row["what"] == "SPLIT"]
        into = [Step(row["parent"], row["day"]) for row in merged if row["code"] == code]
        return Lineage(
            merged_into=into[-1] if into else None,
            merged_from=[Step(row["code"], row["day"]) for row in merged if row["code"] != code],
            split_into=[
                Step(one, row["day"]) for row in split if row["code"] == code for one in row["others"]
            ],
            split_from=[Step(row["code"], row["day"]) for row in split if row["code"] != code],
        )


def became(organization: str, day: date, mergers: Mapping[str, Step]) -> Iterator[str]:
    """Yield the organization, what it had merged into by `day`, what that had merged into, and so on."""
    yield organization
    while (merger := mergers.get(organization)) and merger.on <= day:
        organization = merger.organization
        yield organization


class Places:
    """Organizations founded and reorganized."""

    def __init__(self) -> None:
        self._placing = Placing()

    def add(self, told: Iterable[Told]) -> None:
        """Take them in."""
        for one in told:
            self._placing.take(one)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Write where each of them stands, and stood."""
        await self._placing.write(cursor)
