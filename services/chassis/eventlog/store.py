"""One service's event log in its own PostgreSQL database: find an aggregate, record what it decided.

The tables are the eventsourcing library's, so its own `Application` and tools read and write the same
log (a test proves it). Every fact also carries its origin: who asked, and what that led back to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import psycopg
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.utils import get_topic
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from services.chassis import parked
from services.chassis.aggregate import Aggregate, Fact
from services.chassis.bounds import Bound
from services.chassis.clock import Clock, utc_now
from services.chassis.errors import AlreadyDone, ChangedSince, Conflict, NotFound
from services.chassis.eventlog import arrivals, inbox, mentions
from services.chassis.eventlog.inbox import Entry
from services.chassis.eventlog.mentions import Silence
from services.chassis.eventlog.reader import Reader, snapshots
from services.chassis.eventlog.recorder import Recorder
from services.chassis.eventlog.transcoder import Transcoder
from services.chassis.eventlog.writer import Pool, Recorded, Work, Writer

CONNECT_WITHIN_S = 5

POOL_MAX = 20
"""Connections of a process to its database."""

POOL_WAITING_MAX = 1_024
"""Who may wait for one of them: every request in flight, and as many tasks of our own."""

LINE = {"tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A database whose machine is gone is found out in ten seconds (milliseconds, seconds, seconds, tries)."""

A = TypeVar("A", bound=Aggregate)
P = ParamSpec("P")
T = TypeVar("T")


class Origin(NamedTuple):
    """Who asked and why; stamped on every fact and carried into the envelope.

    `entry` is the district's event this answers; `cause` the public event a policy answers, so that
    it answers once. Either is stored in the same transaction as the facts.
    """

    actor: str
    correlation: str
    causation: str
    entry: Entry | None = None
    cause: Tracking | None = None
    queued: Callable[[], object] = lambda: None
    """Called when the facts stand in the queue of the writer, which keeps its order."""

    seen: int | None = None
    """The version of the aggregate (see `record`) that the one who asks has seen, and decides by."""


@dataclass(frozen=True)
class Receipt:
    """The answer to a command: on what, and how far this service's log reached with it."""

    subject: str
    position: int


class Store:
    """The event log of `service`. Its tables must exist and `writer.run` be running to record anything."""

    def __init__(self, service: str, pool: Pool, *, clock: Clock = utc_now) -> None:
        self.service = service
        self.pool = pool
        self.clock = clock
        self.writer = Writer(service, pool, clock)
        self._mapper = mapper()
        self.reader = Reader(service, pool, self._mapper)

    async def find(self, kind: type[A], id: str) -> A:
        """Return the aggregate as its facts leave it. Raises NotFound."""
        aggregate = await self.look_up(kind, id)
        if aggregate is None:
            raise NotFound(f"no {kind.__name__.lower()} {id.partition('-')[2]}")
        return aggregate

    async def look_up(self, kind: type[A], id: str) -> A | None:
        """Return the aggregate, or None if it has no facts."""
        return cast("A | None", await self.reader.find(kind, id))

    async def known(self, kind: type[A], id: str) -> A | None:
        """Return the aggregate as it was when last looked up: to read, and to rest a decision on.

        Another process may have changed it since: `record` with `resting_on` finds that out. It is
        a copy, so that it keeps its version while others fold more facts into what is remembered.
        """
        known = self.reader.recall(id, outdated=False)
        return copy(known) if isinstance(known, kind) else await self.look_up(kind, id)

    async def record(
        self,
        *aggregates: Aggregate,
        origin: Origin,
        before: Sequence[Aggregate] = (),
        resting_on: Sequence[Aggregate] = (),
        absent: Sequence[str] = (),
        silence: Silence | None = None,
        shown: Aggregate | None = None,
    ) -> Receipt:
        """Store what the aggregates decided, after what those `before` did, in one transaction.

        `resting_on` are those it was decided by and does not change: they must still be as they were,
        what has an id in `absent` must not have begun, nothing may have broken the `silence`. Raises
        Shifted if that is not so, Conflict if another writer was first (for a new aggregate: its id
        exists), AlreadyDone if the entry or the cause in `origin` was answered before, ChangedSince if
        what the one who asks has seen of `shown` (of the first aggregate) is not its last version.
        If nothing was decided the receipt names the first aggregate, at the log's head, and nothing is
        stored but the entry: it was accepted, and another delivery of it must not be decided anew.
        """
        shown = shown or aggregates[0]
        found = shown.version - len(shown.pending_events)
        if origin.seen not in (None, found):
            raise ChangedSince(f"{shown.id} is at version {found}, not {origin.seen}")
        all_of_it = (*before, *aggregates)
        facts = [cast(Fact, fact) for aggregate in all_of_it for fact in aggregate.collect_events()]
        if not facts and not origin.entry:
            return Receipt(aggregates[0].id, await self.head())
        stamp = {"actor": origin.actor, "correlation": origin.correlation, "causation": origin.causation}
        events = [self._stored(fact, stamp) for fact in facts]
        rests = [(aggregate.id, aggregate.version) for aggregate in resting_on] + [(id, 0) for id in absent]
        work = Work(facts, stamp, events, aggregates[0].id, origin.entry, origin.cause, rests, silence)
        origin.queued()
        try:
            receipt = Receipt(aggregates[0].id, await self.writer.store(work))
        except Conflict:
            self.reader.forget([aggregate.id for aggregate in (*all_of_it, *resting_on)])
            raise
        self.reader.outdate(all_of_it)
        return receipt

    async def read(self, after: int, limit: int) -> list[Recorded]:
        """Return up to `limit` facts with a position greater than `after`, in log order."""
        if recent := self.writer.recent.after(after, limit):
            return recent
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT notification_id, originator_id, originator_version, topic, state"
                f" FROM {self.service}_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
                (after, limit),
                binary=True,
            )
            rows = await cursor.fetchall()
        return [self._recorded(row.pop("notification_id"), row) for row in rows]

    async def gather(self, ids: Sequence[str], positions: Sequence[int], limit: int) -> list[Recorded]:
        """Return the first `limit` facts of the aggregates `ids`, and those at `positions`, in log order."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT notification_id, originator_id, originator_version, topic, state"
                f" FROM {self.service}_events WHERE originator_id = ANY(%s) OR notification_id = ANY(%s)"
                " ORDER BY notification_id LIMIT %s",
                (list(ids), list(positions), limit),
                binary=True,
            )
            rows = await cursor.fetchall()
        return [self._recorded(row.pop("notification_id"), row) for row in rows]

    async def speaking_of(self, words: Collection[str]) -> tuple[Sequence[str], Silence]:
        """Return who has a fact with any of `words`, and the silence since. Reads the whole log."""
        async with self.pool.connection() as connection:
            return await mentions.speaking_of(words, connection, self.service)

    async def head(self, *kinds: type[Fact], after: int = 0) -> int:
        """Return the position of the newest fact, or of the newest of `kinds`; `after` if none follows it."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                f"SELECT max(notification_id) AS head FROM {self.service}_events"
                " WHERE notification_id > %s AND (%s OR topic = ANY(%s))",
                (after, not kinds, [*map(get_topic, kinds)]),
            )
            return int((await cursor.fetchall())[0]["head"] or after)

    async def grown(self, after: int, timeout_s: float) -> None:
        """Return once this process has stored something after position `after`, or after `timeout_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self.writer.recent.ends_after(after):
                    await self.writer.grown.wait()

    def _stored(self, fact: Fact, stamp: dict[str, str]) -> StoredEvent:
        vars(fact)["origin"] = stamp
        event = self._mapper.to_stored_event(fact)
        del vars(fact)["origin"]
        return event

    def _recorded(self, position: int, row: dict[str, Any]) -> Recorded:
        fact = cast(Fact, self._mapper.to_domain_event(StoredEvent(**row)))
        return Recorded(position, fact, vars(fact).pop("origin", {}))


def retried(use_case: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Try a use case that changes an existing aggregate up to three times on Conflict."""

    @wraps(use_case)
    async def trying(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(2):
            try:
                return await use_case(*args, **kwargs)
            except AlreadyDone:
                raise  # it was answered before: trying again would only find a reason to refuse
            except Conflict:
                continue
        return await use_case(*args, **kwargs)

    return trying


def mapper() -> Mapper[str]:
    """Return what turns facts into stored rows and back: JSON, with instants and decimals as text."""
    return Mapper(Transcoder())


def open_pool(service: str, database_url: str) -> Pool:
    """Return the connections of a service to its database, not yet open."""
    return AsyncConnectionPool(
        database_url,
        kwargs={"autocommit": True, "row_factory": dict_row, "application_name": service} | LINE,
        connection_class=AsyncConnection[dict[str, Any]],
        min_size=2,
        max_size=POOL_MAX,
        max_waiting=POOL_WAITING_MAX,
        timeout=5.0,
        open=False,
    )


def pool_bounds(pool: Pool) -> list[Bound]:
    """Return how many connections there may be, and how many may wait for one."""

    def used() -> int:
        stats = pool.get_stats()
        return stats["pool_size"] - stats["pool_available"]

    def waiting() -> int:
        return pool.get_stats()["requests_waiting"]

    return [
        Bound("database connections", POOL_MAX, used),
        Bound("waiting for a database connection", POOL_WAITING_MAX, waiting),
    ]


def create_log(service: str, database_url: str) -> None:
    """Create the library's tables of a service's log, if missing. Synchronous, because the library is."""
    place = conninfo_to_dict(database_url)
    with (
        _alone(database_url) as connection,
        PostgresDatastore(
            dbname=str(place["dbname"]),
            host=str(place["host"]),
            port=str(place.get("port", 5432)),
            user=str(place["user"]),
            password=str(place.get("password", "")),
            originator_id_type="text",
            single_row_tracking=True,
            pool_size=1,
        ) as datastore,
    ):
        Recorder(
            datastore, events_table_name=f"{service}_events", tracking_table_name=f"{service}_tracking"
        ).create_table()
        connection.execute(snapshots(service))


def create_tables(database_url: str) -> None:
    """Create the chassis' own tables, which every service has, if missing."""
    with _alone(database_url) as connection:
        for tables in (parked.TABLE, inbox.TABLE, arrivals.TABLES):
            connection.execute(tables)


@contextmanager
def _alone(database_url: str) -> Iterator[psycopg.Connection]:
    """Hold a lock that keeps two processes which start together from creating the same thing twice."""
    with psycopg.connect(database_url, autocommit=True, connect_timeout=CONNECT_WITHIN_S) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('fourgood tables'))")
        yield connection
