"""Group commit: commands that wait at the same moment are stored in one transaction, in one round trip.

Measured on two cores: one transaction per command gives some 900 commands/s, this some 4,000.
What was just committed is kept for the relay, which then need not read it back.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg
import structlog
from eventsourcing.persistence import StoredEvent, Tracking
from psycopg import AsyncConnection, OperationalError
from psycopg.errors import UniqueViolation
from psycopg_pool import AsyncConnectionPool

from services.chassis.aggregate import Fact
from services.chassis.bounds import Bound
from services.chassis.clock import Clock
from services.chassis.errors import AlreadyDone, Conflict, Overloaded, Shifted
from services.chassis.eventlog.inbox import Entry
from services.chassis.eventlog.mentions import Silence
from services.chassis.eventlog.recorder import CAUSE_ONCE, RESTS, Rest, append, parameters
from services.chassis.recent import RECENT_MAX, Recent

log = structlog.get_logger()

BATCH_MAX = 256
"""Commands in one transaction: enough for every waiting client, and a bound on what one failure delays."""

QUEUE_MAX = 4_096
"""Commands that may wait, some two seconds of work; who comes later is told to come again (503)."""

Pool = AsyncConnectionPool[AsyncConnection[dict[str, Any]]]


class Recorded(NamedTuple):
    """A fact as it lies in the log. `origin` has actor, correlation and causation."""

    position: int
    fact: Fact
    origin: dict[str, str]


@dataclass(eq=False)
class Work:
    """What one command stores, and the future that tells it its position."""

    facts: Sequence[Fact]
    origin: dict[str, str]
    events: Sequence[StoredEvent]
    subject: str
    entry: Entry | None
    cause: Tracking | None
    rests: Sequence[tuple[str, int]] = ()
    """Aggregates it does not change but was decided by, each with the version it had."""
    silence: Silence | None = None
    """What no fact may speak of since it was decided. It is stored alone."""
    done: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Writer:
    """The only way into one service's log. `run` is its task; `store` waits for its turn."""

    def __init__(self, service: str, pool: Pool, clock: Clock) -> None:
        self.queue: deque[Work] = deque()
        self.recent = Recent[Recorded]()
        self.grown = asyncio.Event()
        """Rung whenever something was stored; it does not stay set."""
        self._pool = pool
        self._clock = clock
        self._service = service
        self._statement = append(service)
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def bounds(self) -> list[Bound]:
        """Return what is bounded here."""
        return [
            Bound("commands that wait to be stored", QUEUE_MAX, lambda: len(self.queue)),
            Bound("facts kept for the relay", 2 * RECENT_MAX, lambda: len(self.recent)),
        ]

    async def store(self, work: Work) -> int:
        """Return the position of the last fact of `work`, or the log's head, once all of it is committed.

        Raises Conflict if a version of an aggregate is taken, Shifted if one it rests on has changed,
        AlreadyDone if the intake entry or the cause was recorded before, Overloaded if too many wait,
        OperationalError if the database is away: then nothing is known about the outcome and the caller
        asks again. Any other error of psycopg's is the work's own fault.
        """
        if self._closed:
            raise OperationalError("the log is closing")
        if len(self.queue) >= QUEUE_MAX:
            raise Overloaded(f"{QUEUE_MAX} commands wait to be stored")
        self.queue.append(work)
        self._wake.set()
        try:
            return await work.done
        except asyncio.CancelledError:
            with suppress(ValueError):
                self.queue.remove(work)  # who has been told that nothing is known is not stored minutes later
            raise

    async def run(self) -> None:
        """Store what waits, batch after batch, until cancelled; then answer everyone still waiting."""
        try:
            while True:
                await self._wake.wait()
                await self._empty_queue()
        finally:
            self._closed = True
            while self.queue:
                _fail(self.queue.popleft(), OperationalError("the log is closing"))

    async def _empty_queue(self) -> None:
        """Store what waits, and go on so on one connection until that fails: then nobody waits for it."""
        batch: list[Work] = []
        try:
            async with self._pool.connection() as connection:
                while await self._wake.wait():
                    self._wake.clear()
                    while batch := self._next_batch():
                        await self._commit_together(connection, batch)
                        self.grown.set()
                        self.grown.clear()
        except OperationalError as error:
            batch += self.queue
            self.queue.clear()
            self._wake.clear()
            log.warning("log not reachable", waiting=len(batch), error=type(error).__name__)
            for work in batch:
                _fail(work, OperationalError("the database is not reachable"))
        finally:
            for work in batch:
                _fail(work, OperationalError("the log stopped"))

    def _next_batch(self) -> list[Work]:
        batch: list[Work] = []
        while self.queue and len(batch) < BATCH_MAX:
            if batch and (self.queue[0].silence or batch[0].silence):
                break
            batch.append(self.queue.popleft())
        return batch

    async def _commit_together(self, connection: AsyncConnection[dict[str, Any]], batch: list[Work]) -> None:
        """Commit all of `batch`, or its halves, and theirs, so that only the guilty command fails."""
        try:
            if silence := batch[0].silence:
                async with connection.transaction():
                    await silence.hold(connection, self._service)
                    row = await self._append(connection, batch)
            else:
                row = await self._append(connection, batch)
            self._tell(batch, row)
        except Shifted as error:
            _fail(batch[0], error)
        except OperationalError:
            raise
        except psycopg.Error as error:
            if len(batch) == 1:
                _fail(batch[0], _meaning(error))
                return
            half = len(batch) // 2
            await self._commit_together(connection, batch[:half])
            await self._commit_together(connection, batch[half:])

    async def _append(
        self, connection: AsyncConnection[dict[str, Any]], batch: Sequence[Work]
    ) -> dict[str, Any]:
        events = [event for work in batch for event in work.events]
        entries, rests, place = [], [], 0
        for work in batch:
            rests += [Rest(id, version, place + 1) for id, version in work.rests]
            place += len(work.events)
            if work.entry:
                entries.append((work.entry, work.subject, place if work.events else 0))
        causes = [work.cause for work in batch if work.cause]
        given = parameters(events, entries=entries, accepted_at=self._clock(), causes=causes, rests=rests)
        cursor = await connection.execute(self._statement, given, binary=True)
        row = await cursor.fetchone()
        assert row is not None
        return row

    def _tell(self, batch: Sequence[Work], row: dict[str, Any]) -> None:
        positions = iter(row["positions"] or ())
        recorded: list[Recorded] = []
        for work in batch:
            recorded += [Recorded(next(positions), fact, work.origin) for fact in work.facts]
            if not work.done.done():
                work.done.set_result(recorded[-1].position if work.facts else row["head"])
        if recorded:
            self.recent.add(row["head"], recorded)


def _fail(work: Work, error: Exception) -> None:
    if not work.done.done():
        work.done.set_exception(error)


def _meaning(error: psycopg.Error) -> Exception:
    if not isinstance(error, UniqueViolation):
        return error
    if error.diag.constraint_name in ("inbox_once", CAUSE_ONCE):
        return AlreadyDone(error.diag.constraint_name)
    if error.diag.constraint_name == RESTS:
        return Shifted("what it rests on has changed")
    return Conflict("another writer was first")
