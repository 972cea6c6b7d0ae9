"""The copy of a view that a rebuild fills beside the live tables, and puts in their place."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import AsyncCursor
from psycopg.errors import UndefinedColumn, UndefinedTable

from services.chassis.delivery import Outdated, envelope_in
from services.chassis.views.bookmark import keep, stand_in
from services.chassis.views.fold import Fold
from services.chassis.views.view import View

EXAMPLES_MAX = 10


@dataclass(frozen=True)
class Difference:
    """One figure of a view as it is and as the copy has it. `detail` says why it could not be compared."""

    figure: str
    of: int = 0
    differ: int = 0
    examples: list[dict[str, str | None]] = field(default_factory=list)
    detail: str = ""


@dataclass(frozen=True)
class Page:
    """A stretch of history: how many events, those of them that the view folds, and how far it reaches.

    In a source that has none of the events it may say nothing.
    """

    events: int
    messages: Sequence[bytes]
    bookmarks: Mapping[str, int]


class Copy:
    """The tables of one view in a schema of their own. One process fills it at a time."""

    def __init__(self, view: View, schema: str = "", *, unlogged: bool = False) -> None:
        self.view = view
        self.schema = schema or f"{view.name}_next"
        self.unlogged = unlogged

    # -- Filling

    async def begin(self) -> None:
        """Start an empty copy, dropping what an earlier rebuild left behind."""
        async with self.view.pool.connection() as connection, connection.transaction():
            await connection.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
            await self.view.create(connection.cursor(), self.schema, unlogged=self.unlogged)

    async def resume(self) -> dict[str, int] | None:
        """Return how far a copy of the view's version was filled, None if there is no such copy."""
        try:
            async with self._writing() as (_, bookmarks):
                return bookmarks
        except Outdated:
            return None

    async def write(self, fold: Fold, bookmarks: Mapping[str, int]) -> None:
        """Keep what was folded, and how far that reaches, in one transaction."""
        async with self._writing() as (cursor, _):
            await fold.write(cursor)
            await keep(cursor, bookmarks)

    async def write_around(self, page: Page) -> None:
        """Keep a page without the events the live view has parked too. Raises what it chokes on besides."""
        async with self._writing() as (cursor, _):
            await self._fold_around(cursor, page.messages)
            await keep(cursor, page.bookmarks)

    async def drop(self) -> bool:
        """Forget the copy. Return False if there was none."""
        async with self.view.pool.connection() as connection, connection.transaction():
            there = await (
                await connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (self.schema,))
            ).fetchone()
            await connection.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
        return there is not None

    # -- When it has caught up

    async def apart(self) -> int:
        """Return how many positions lie between the copy and the live tables."""
        live, copied = await self.view.positions(), await self.resume() or {}
        return sum(abs(live.get(source, 0) - copied.get(source, 0)) for source in {*live, *copied})

    async def compare(self) -> list[Difference]:
        """Return how the figures that the view declares differ, at one moment of both."""
        async with self.view.pool.connection() as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor = connection.cursor()
            return [await self._difference(cursor, *figure) for figure in self.view.compared.items()]

    async def switch(self) -> bool:
        """Put the copy in the live tables' place, at once for all readers, unless it has read less.

        What was parked is in the copy now, and forgotten here, except what it passed over.
        """
        live = self.view.name
        async with self.view.pool.connection() as connection, connection.transaction():
            await connection.execute(f"LOCK TABLE {live}.bookmark IN ACCESS EXCLUSIVE MODE")
            cursor = await connection.execute(
                f"SELECT 1 FROM {live}.bookmark live LEFT JOIN {self.schema}.bookmark copied USING (source)"
                " WHERE coalesce(copied.sequence, 0) < live.sequence LIMIT 1"
            )
            if await cursor.fetchone():
                return False
            await connection.execute(f"DROP SCHEMA {live} CASCADE")
            await connection.execute(f"ALTER SCHEMA {self.schema} RENAME TO {live}")
            await connection.execute(
                "DELETE FROM public.parked WHERE kind = 'VIEW' AND place = %s"
                f" AND (source, event_id) NOT IN (SELECT source, event_id FROM {live}.passed)",
                (live,),
            )
        await self.view.switched()
        return True

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[tuple[AsyncCursor[Any], dict[str, int]]]:
        async with self.view.pool.connection() as connection, connection.transaction():
            cursor = connection.cursor()
            yield cursor, await stand_in(cursor, self.schema, self.view.version)

    async def _fold_around(self, cursor: AsyncCursor[Any], messages: Sequence[bytes]) -> None:
        """Fold what can be folded, in order; what cannot is found by halving."""
        try:
            async with cursor.connection.transaction():
                fold = self.view.fold()
                fold.add(self.view.reading(messages))
                await fold.write(cursor)
        except Exception:
            if len(messages) > 1:
                pass
            elif await self._passes_over(cursor, messages[0]):
                return
            else:
                raise
        else:
            return
        middle = len(messages) // 2
        await self._fold_around(cursor, messages[:middle])
        await self._fold_around(cursor, messages[middle:])

    async def _passes_over(self, cursor: AsyncCursor[Any], message: bytes) -> bool:
        """Leave out what the live view has parked too. Return False for anything else."""
        envelope = envelope_in(message)
        parked = await cursor.execute(
            "INSERT INTO passed SELECT source, event_id FROM public.parked"
            " WHERE kind = 'VIEW' AND place = %s AND source = %s AND event_id = %s",
            (self.view.name, envelope.source, envelope.id),
        )
        return bool(parked.rowcount)

    async def _difference(self, cursor: AsyncCursor[Any], figure: str, query: str) -> Difference:
        try:
            async with cursor.connection.transaction():
                for schema, table in ((self.view.name, "live"), (self.schema, "copied")):
                    await cursor.execute(f"SET LOCAL search_path TO {schema}")
                    await cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {query}")
        except (UndefinedColumn, UndefinedTable):
            return Difference(figure, detail="the live tables do not have it")
        await cursor.execute(DIFFERENCES, {"examples": EXAMPLES_MAX})
        [row] = await cursor.fetchall()
        await cursor.execute("DROP TABLE live, copied")
        return Difference(figure, row["of"], row["differ"], row["examples"] or [])


DIFFERENCES = """
    WITH told AS (
        SELECT key, live.value AS live, copied.value AS copied
        FROM pg_temp.live FULL JOIN pg_temp.copied USING (key)
    ), different AS (
        SELECT * FROM told WHERE live IS DISTINCT FROM copied
    ), example AS (
        SELECT * FROM different ORDER BY key LIMIT %(examples)s
    )
    SELECT (SELECT count(*) FROM told) AS of, (SELECT count(*) FROM different) AS differ,
        (SELECT json_agg(json_build_object('key', key, 'live', live, 'copied', copied) ORDER BY key)
         FROM example) AS examples
"""
