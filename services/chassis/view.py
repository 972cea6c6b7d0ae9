"""A read model: a PostgreSQL schema of its own, and how far it has read each source.

A batch's rows and its bookmarks change in one transaction, or not at all. What was read is skipped,
what is missing is noticed (`previous`), so a view may be told anything any number of times.
A changed view is a new version, filled in a schema beside the old one and then switched; nobody
migrates a read model.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, ClassVar

import structlog
from psycopg import AsyncCursor, OperationalError
from psycopg.errors import UndefinedTable
from psycopg_pool import PoolTimeout

from services.chassis.clock import utc_now
from services.chassis.delivery import Delivery, Envelope, Gap, NotYetRead, Outdated
from services.chassis.parked import Parked, park
from services.chassis.writer import Pool

log = structlog.get_logger()

FLUSH_AFTER_S = 1.0

BOOKMARKS = """
CREATE TABLE bookmark (source text PRIMARY KEY, sequence bigint NOT NULL);
CREATE TABLE about (version integer NOT NULL);
"""


class View:
    """Tables folded from messages. Subclasses name themselves, their tables, and how to fold."""

    name: ClassVar[str]
    """The schema its tables lie in, and what an operator calls it."""

    version: ClassVar[int] = 1
    """Raise it when `tables` or `project` change: the view is then filled again beside the old one."""

    tables: ClassVar[str]
    """CREATE TABLE and INDEX statements, names unqualified."""

    folds: ClassVar[frozenset[str] | None] = None
    """The types it folds; None is every type. Of others only the bookmark moves, and is written later."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.followed: frozenset[str] = frozenset()
        """Whom it follows; the service says so."""
        self._outdated = False
        self._moved = asyncio.Condition()
        self._read: dict[str, int] = {}
        """The live bookmarks as this process knows them: what it passed over may not be written yet."""
        self._flushing: asyncio.Task[None] | None = None

    # -- What a view says

    @abstractmethod
    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> None:
        """Change the rows as `batch` says: only what it `folds`. Use unqualified names; read nothing else."""

    # -- Reading

    async def apply(self, batch: Sequence[Delivery], schema: str | None = None) -> None:
        """Fold what is new in `batch` (in the order of each source) into `schema`, by default the live one.

        Raises Gap if an event is missing before one of them; then nothing of the batch is kept. Raises
        Outdated if the live tables are of another version.
        """
        self._check(schema)
        if schema is None and self._passes(batch):
            self._flush_soon()
            await self._tell()
            return
        async with self.pool.connection() as connection, connection.transaction():
            cursor = connection.cursor()
            before = await self._lock(cursor, schema or self.name)
            bookmarks = _furthest(before, self._read) if schema is None else dict(before)
            fresh = [delivery for delivery in batch if self._advance(bookmarks, delivery.message)]
            if folded := [delivery for delivery in fresh if self._folds(delivery.message)]:
                await self.project(folded, cursor)
            await _keep(cursor, {s: n for s, n in bookmarks.items() if before.get(s) != n})
        if schema is None:
            # Merged, not replaced: another source may have moved on in memory meanwhile.
            self._read = _furthest(self._read, bookmarks)
            await self._tell()

    async def skip(self, delivery: Delivery, error: Exception, schema: str | None = None) -> None:
        """Park a message that cannot be folded and go on after it, in one transaction."""
        self._check(schema)
        message = delivery.message
        async with self.pool.connection() as connection, connection.transaction():
            cursor = connection.cursor()
            bookmarks = await self._lock(cursor, schema or self.name)
            if not self._advance(bookmarks, message):
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
            await _keep(cursor, {message.source: message.sequence})
        await self._tell()

    async def repair(self, delivery: Delivery) -> None:
        """Fold a message that was parked before, whatever the bookmark says. An operator's decision."""
        self._check(None)
        async with self.pool.connection() as connection, connection.transaction():
            cursor = connection.cursor()
            await self._lock(cursor, self.name)
            await self.project([delivery], cursor)

    async def has_parked(self, message: Envelope) -> bool:
        """Return whether `message` was skipped and still waits for an operator."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM public.parked"
                " WHERE kind = 'VIEW' AND place = %s AND source = %s AND event_id = %s",
                (self.name, message.source, message.id),
            )
            return await cursor.fetchone() is not None

    # -- How far it has read

    async def positions(self, schema: str | None = None) -> dict[str, int]:
        """Return the last sequence read of each source."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(f"SELECT source, sequence FROM {schema or self.name}.bookmark")
            written = {row["source"]: row["sequence"] for row in await cursor.fetchall()}
        return written if schema else _furthest(written, self._read)

    async def reached(self, source: str, position: int, timeout_s: float = 5.0) -> None:
        """Return once the view shows `source` up to `position`. Raises NotYetRead after `timeout_s`."""
        deadline = monotonic() + timeout_s
        while (read := (await self.positions()).get(source, 0)) < position:
            left = deadline - monotonic()
            if left <= 0:
                raise NotYetRead(f"{self.name} has read {source} up to {read}, not yet {position}")
            await self._wait(min(left, 0.25))

    # -- The schemas a version lives in

    @property
    def next(self) -> str:
        """Return the schema a rebuild fills."""
        return f"{self.name}_next"

    async def prepare(self) -> bool:
        """Create the schema if there is none. Return False if it is of another version."""
        self._read = {}
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"prepare {self.name}",))
            try:
                async with connection.transaction():
                    row = await (
                        await connection.execute(f"SELECT version FROM {self.name}.about")
                    ).fetchone()
                self._outdated = row is None or row["version"] != self.version
            except UndefinedTable:
                await self._create(connection.cursor(), self.name)
                self._outdated = False
        return not self._outdated

    async def begin_next(self) -> None:
        """Start an empty copy beside the live one, dropping one that an earlier rebuild left behind."""
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute(f"DROP SCHEMA IF EXISTS {self.next} CASCADE")
            await self._create(connection.cursor(), self.next)

    async def switch(self, passed: Sequence[Envelope] = ()) -> bool:
        """Put the copy in the live one's place, at once for all readers, unless it has read less.

        What was parked is in the copy now, and forgotten here, except what it has `passed` over.
        """
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute(f"LOCK TABLE {self.name}.bookmark IN ACCESS EXCLUSIVE MODE")
            cursor = await connection.execute(
                f"SELECT count(*) AS behind FROM {self.name}.bookmark live"
                f" LEFT JOIN {self.next}.bookmark filled USING (source)"
                " WHERE coalesce(filled.sequence, 0) < live.sequence"
            )
            row = await cursor.fetchone()
            if row is None or row["behind"]:
                return False
            await connection.execute(f"DROP SCHEMA {self.name} CASCADE")
            await connection.execute(f"ALTER SCHEMA {self.next} RENAME TO {self.name}")
            await connection.execute(
                "DELETE FROM public.parked WHERE kind = 'VIEW' AND place = %s AND (source, event_id) NOT IN"
                " (SELECT * FROM unnest(%s::text[], %s::text[]))",
                (self.name, [message.source for message in passed], [message.id for message in passed]),
            )
        self._outdated = False
        await self._tell()
        return True

    async def _create(self, cursor: AsyncCursor[Any], schema: str) -> None:
        await cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        await cursor.execute(f"SET LOCAL search_path TO {schema}")
        await cursor.execute(BOOKMARKS)
        await cursor.execute(f"INSERT INTO about VALUES ({self.version:d})")
        await cursor.execute(self.tables)

    def _check(self, schema: str | None) -> None:
        if schema is None and self._outdated:
            raise Outdated(f"{self.name} is not of version {self.version}, and waits for its rebuild")

    async def _lock(self, cursor: AsyncCursor[Any], schema: str) -> dict[str, int]:
        """Stand in `schema` as its only writer. Return its bookmarks."""
        await cursor.execute(
            f"SET LOCAL search_path TO {schema}; LOCK TABLE bookmark IN SHARE ROW EXCLUSIVE MODE;"
            " SELECT source, sequence FROM bookmark"
        )
        while cursor.nextset():
            pass  # to the answer of the last statement: three in one round trip
        return {row["source"]: row["sequence"] for row in await cursor.fetchall()}

    def _advance(self, bookmarks: dict[str, int], message: Envelope) -> bool:
        read = bookmarks.get(message.source, 0)
        if message.sequence <= read:
            return False
        if message.previous > read:
            raise Gap(
                f"{self.name}: {message.source} {message.sequence} follows {message.previous}, read is {read}"
            )
        bookmarks[message.source] = message.sequence
        return True

    def _folds(self, message: Envelope) -> bool:
        return self.folds is None or message.type in self.folds

    def _passes(self, batch: Sequence[Delivery]) -> bool:
        """Move on in memory over a batch that holds nothing to fold. Return False if it must be looked at."""
        if any(self._folds(delivery.message) for delivery in batch):
            return False
        bookmarks = dict(self._read)
        try:
            for delivery in batch:
                if delivery.message.source not in bookmarks:
                    return False
                self._advance(bookmarks, delivery.message)
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
            async with self.pool.connection() as connection, connection.transaction():
                cursor = connection.cursor()
                written = await self._lock(cursor, self.name)
                await _keep(cursor, {s: n for s, n in self._read.items() if n > written.get(s, 0)})
        except (OperationalError, PoolTimeout) as error:
            log.warning("bookmark not written", view=self.name, error=type(error).__name__)

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _wait(self, timeout_s: float) -> None:
        async with self._moved:
            try:
                await asyncio.wait_for(self._moved.wait(), timeout_s)
            except TimeoutError:
                return


def _furthest(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {source: max(one.get(source, 0), other.get(source, 0)) for source in {*one, *other}}


async def _keep(cursor: AsyncCursor[Any], bookmarks: Mapping[str, int]) -> None:
    if bookmarks:
        await cursor.execute(
            "INSERT INTO bookmark SELECT * FROM unnest(%s::text[], %s::bigint[])"
            " ON CONFLICT (source) DO UPDATE SET sequence = excluded.sequence",
            (list(bookmarks), list(bookmarks.values())),
        )
