"""A read model: a PostgreSQL schema of its own, and how far it has read each source.

A batch's rows and its bookmarks change in one transaction, or not at all. What was read is skipped,
what is missing is noticed (`previous`), so a view may be told anything any number of times.
A changed view is a new version, filled in a schema beside the old one and then switched (`copy`);
nobody migrates a read model.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from time import monotonic
from typing import Any, ClassVar

import structlog
from psycopg import AsyncConnection, AsyncCursor, OperationalError
from psycopg.errors import UndefinedColumn, UndefinedTable

from services.chassis.clock import utc_now
from services.chassis.delivery import Delivery, Gap, NotYetRead, Outdated, ViewRebuilding
from services.chassis.eventlog.writer import Pool
from services.chassis.parked import Parked, park
from services.chassis.views.bookmark import TABLES, advance, furthest, keep, stand_in
from services.chassis.views.fold import Fold, Told, decoder
from services.chassis.views.wanted import Wanted

log = structlog.get_logger()

FLUSH_AFTER_S = 1.0

ELSEWHERE_S = 0.25
"""How often whoever waits for a position looks whether another process of the service has read it."""


class View:
    """Tables folded from messages. Subclasses name themselves, their tables, what they read, and the fold."""

    name: ClassVar[str]
    """The schema its tables lie in, and what an operator calls it."""

    version: ClassVar[int] = 1
    """Raise it when `tables` or the fold change: the view is then filled again beside the old one."""

    rebuildable: ClassVar[bool] = True
    """Whether it is a read model, and may be filled again from its beginning."""

    tables: ClassVar[str]
    """CREATE TABLE and INDEX statements, names unqualified."""

    reads: ClassVar[Mapping[str, Any]] = {}
    """By type, the part of the event it reads (a msgspec type). Of other types only the bookmark moves."""

    envelope: ClassVar[type[Told]] = Told
    """What it reads of the envelope."""

    compared: ClassVar[Mapping[str, str]] = {}
    """What a person would compare: by the figure's name, the query for its (key, value), both text.

    Names are unqualified: it is asked of the live tables and of those beside them."""

    def __init__(self, pool: Pool, schema: str = "") -> None:
        self.pool = pool
        self.schema = schema or self.name
        """Where its tables lie: another than its name if it only answers, from a copy that others fill."""
        self.followed: frozenset[str] = frozenset()
        """Whom it follows; the service says so."""
        self._outdated = False
        self._waiting: dict[asyncio.Future[None], tuple[str, int]] = {}
        """Who waits for a position, and for which: told once it is read, not at every move."""
        self.wanted: dict[str, Wanted] = defaultdict(Wanted)
        """Who waits, by the source: its reader hurries then."""
        self._read: dict[str, int] = {}
        """The live bookmarks as this process knows them: what it passed over may not be written yet."""
        self._flushing: asyncio.Task[None] | None = None

    # -- What a view says

    def fold(self) -> Fold:
        """Return the fold of nothing yet."""
        raise NotImplementedError(self.name)

    def folds(self, type: str) -> bool:
        """Return whether a message of `type` may change the rows."""
        return type in self.reads

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> Callable[[], None] | None:
        """Change the rows as `batch` says: only what it `folds`. Return what to do once that is committed."""
        fold = self.fold()
        fold.add(self.reading(delivery.raw for delivery in batch))
        await fold.write(cursor)
        return None

    def reading(self, messages: Iterable[bytes]) -> Iterable[Any]:
        """Return what it reads of each message. Raises msgspec.ValidationError when it gets there."""
        return map(self._decode, messages)

    @cached_property
    def _decode(self) -> Any:
        return decoder(self.reads, self.envelope)

    # -- Reading

    async def apply(self, batch: Sequence[Delivery]) -> None:
        """Fold what is new in `batch` (in the order of each source) into the live tables.

        Raises Gap if an event is missing before one of them; then nothing of the batch is kept. Raises
        Outdated if the live tables are of another version.
        """
        if self._passes(batch):
            self._flush_soon()
            self._tell()
            return
        then = None
        async with self._writing() as (cursor, before):
            bookmarks = furthest(before, self._read)
            fresh = [delivery for delivery in batch if advance(bookmarks, delivery.message, self.name)]
            if folded := [delivery for delivery in fresh if self.folds(delivery.message.type)]:
                then = await self.project(folded, cursor)
            await keep(cursor, {s: n for s, n in bookmarks.items() if before.get(s) != n})
        if then:
            then()
        # Merged, not replaced: another source may have moved on in memory meanwhile.
        self._read = furthest(self._read, bookmarks)
        self._tell()

    async def skip(self, delivery: Delivery, error: Exception) -> None:
        """Park a message that cannot be folded and go on after it, in one transaction."""
        message = delivery.message
        async with self._writing() as (cursor, before):
            if not advance(furthest(before, self._read), message, self.name):
                return
            await park(
                cursor,
                Parked(
                    kind="VIEW",
                    place=self.name,
                    source=message.source,
                    event_id=message.id,
                    digest=b"",
                    type=message.type,
                    name=message.type,
                    reason=type(error).__name__,
                    detail=str(error)[:2000],
                    message=delivery.raw,
                    parked_at=utc_now(),
                ),
            )
            await keep(cursor, {message.source: message.sequence})
        self._read = furthest(self._read, {message.source: message.sequence})
        self._tell()

    async def repair(self, delivery: Delivery) -> None:
        """Fold a message that was parked before, whatever the bookmark says. An operator's decision."""
        async with self._writing() as (cursor, _):
            then = await self.project([delivery], cursor)
        if then:
            then()

    # -- How far it has read

    async def positions(self) -> dict[str, int]:
        """Return the last sequence read of each source."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(f"SELECT source, sequence FROM {self.schema}.bookmark")
            written = {row["source"]: row["sequence"] for row in await cursor.fetchall()}
        return furthest(written, self._read)

    def has_read(self, source: str) -> int:
        """Return how far it has read `source`, as far as this process knows: another one may feed it."""
        return self._read.get(source, 0)

    async def reached(self, source: str, position: int, timeout_s: float = 5.0) -> None:
        """Return once the view shows `source` up to `position`. Raises NotYetRead after `timeout_s`."""
        deadline = monotonic() + timeout_s
        while self._read.get(source, 0) < position:
            if (read := (await self.positions()).get(source, 0)) >= position:
                return  # another process of ours feeds it
            if (left := deadline - monotonic()) <= 0:
                raise NotYetRead(f"{self.name} has read {source} up to {read}, not yet {position}")
            await self._wait(source, position, min(left, ELSEWHERE_S))

    # -- Answering

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[AsyncConnection[dict[str, Any]]]:
        """Hold a connection for queries.

        Raises ViewRebuilding where they miss a table or column, and the tables are of another version.
        """
        try:
            async with self.pool.connection() as connection:
                if self.schema != self.name and await self._differs(connection):
                    raise ViewRebuilding(f"{self.schema} was emptied")  # a crash of the database empties it
                yield connection
        except (UndefinedColumn, UndefinedTable) as error:
            async with self.pool.connection() as connection:
                if self.schema == self.name and not await self._differs(connection):
                    raise
            raise ViewRebuilding(f"{self.schema} waits for the rebuild of version {self.version}") from error

    async def rows(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        """Return what `query` finds. Raises ViewRebuilding."""
        async with self.asking() as connection:
            return await (await connection.execute(query, parameters)).fetchall()

    # -- The live tables

    async def prepare(self) -> bool:
        """Create the live tables if there are none. Return False if they are of another version."""
        self._read = {}
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"prepare {self.name}",))
            try:
                async with connection.transaction():
                    self._outdated = await self._differs(connection)
            except UndefinedTable:
                await self.create(connection.cursor(), self.schema)
                self._outdated = False
        return not self._outdated

    async def create(self, cursor: AsyncCursor[Any], schema: str, *, unlogged: bool = False) -> None:
        """Create its tables, empty, in `schema`; a crash of the database empties what is `unlogged`."""
        tables = TABLES + self.tables
        await cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        await cursor.execute(f"SET LOCAL search_path TO {schema}")
        await cursor.execute(tables.replace("CREATE TABLE", "CREATE UNLOGGED TABLE") if unlogged else tables)
        await cursor.execute(f"INSERT INTO about VALUES ({self.version:d})")

    async def switched(self) -> None:
        """Go on with live tables that a rebuild has just put there."""
        self._outdated = False
        self._tell()

    async def _differs(self, connection: AsyncConnection[dict[str, Any]]) -> bool:
        """Return whether the live tables are of another version. Raises UndefinedTable if there are none."""
        row = await (await connection.execute(f"SELECT version FROM {self.schema}.about")).fetchone()
        return row is None or row["version"] != self.version

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[tuple[AsyncCursor[Any], dict[str, int]]]:
        """Write into the live tables, alone, in one transaction. Raises Outdated."""
        async with self.pool.connection() as connection, connection.transaction():
            cursor = connection.cursor()
            try:
                before = await stand_in(cursor, self.schema, self.version)
            except Outdated:
                self._outdated = True
                raise
            self._outdated = False
            yield cursor, before

    def _passes(self, batch: Sequence[Delivery]) -> bool:
        """Move on in memory over a batch that holds nothing to fold. Return False if it must be looked at."""
        if self._outdated or any(self.folds(delivery.message.type) for delivery in batch):
            return False
        bookmarks = dict(self._read)
        try:
            for delivery in batch:
                if delivery.message.source not in bookmarks:
                    return False
                advance(bookmarks, delivery.message, self.name)
        except Gap:
            return False  # unless the database knows better, it will say so
        self._read = bookmarks
        return True

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        """Write in a moment what was passed over. If that is lost, it is only read again."""
        await asyncio.sleep(FLUSH_AFTER_S)
        self._flushing = None
        try:
            async with self._writing() as (cursor, written):
                await keep(cursor, {s: n for s, n in self._read.items() if n > written.get(s, 0)})
        except (OperationalError, Outdated) as error:
            log.warning("bookmark not written", view=self.name, error=type(error).__name__)

    def _tell(self) -> None:
        """Wake those whose position is read."""
        for moved, (source, position) in self._waiting.items():
            if not moved.done() and self._read.get(source, 0) >= position:
                moved.set_result(None)

    async def _wait(self, source: str, position: int, timeout_s: float) -> None:
        moved = asyncio.get_running_loop().create_future()
        self._waiting[moved] = (source, position)
        try:
            with self.wanted[source].waiting():
                await asyncio.wait({moved}, timeout=timeout_s)
        finally:
            del self._waiting[moved]
