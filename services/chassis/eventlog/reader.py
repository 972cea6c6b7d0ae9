"""Group read: aggregates asked for at the same moment are read in one query, each from where it is known.

What was read is kept: a bounded number of aggregates in memory and, of those whose stream grows for
years, a snapshot in the database. Neither is trusted: what is newer is read every time, and whoever
was overtaken by another writer forgets what it knew.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from inspect import getsource
from typing import cast

from eventsourcing.persistence import Mapper, StoredEvent
from psycopg.rows import tuple_row

from services.chassis.aggregate import Aggregate, Fact
from services.chassis.bounds import Bound
from services.chassis.errors import Overloaded
from services.chassis.eventlog.writer import Pool

GROUP_MAX = 256
"""Aggregates read in one query."""

ASKED_MAX = 4_096
"""Aggregates that may wait to be read; who comes later is told to come again (503)."""

KNOWN_MAX = 4_096
"""Aggregates kept in memory; the one that was used longest ago goes first."""


@dataclass(eq=False)
class Asked:
    """One aggregate, asked for from after `version`. Where that is 0, a snapshot made by `code` will do."""

    id: str
    version: int
    code: str | None
    rows: "asyncio.Future[list[Row]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


Row = tuple[int, str | None, bytes]
"""Version, topic and state of a fact. A snapshot has no topic."""


class Reader:
    """Finds the aggregates of one service's log."""

    def __init__(self, service: str, pool: Pool, mapper: Mapper[str]) -> None:
        self.known: OrderedDict[str, Aggregate] = OrderedDict()
        self._outdated: dict[str, int] = {}
        self._pool = pool
        self._mapper = mapper
        self._query = _query(service)
        self._keep = _keep(service)
        self._waiting: list[Asked] = []
        self._turn = asyncio.Lock()

    @property
    def bounds(self) -> list[Bound]:
        """Return what is bounded here."""
        return [
            Bound("aggregates that wait to be read", ASKED_MAX, lambda: len(self._waiting)),
            Bound("aggregates remembered", KNOWN_MAX, lambda: len(self.known)),
        ]

    async def find(self, kind: type[Aggregate], id: str) -> Aggregate | None:
        """Return the aggregate as all its facts leave it, for the caller to change; None if it has none.

        Raises TypeError if it is of another kind.
        """
        known = self.recall(id)
        rows = await self._ask(Asked(id, known.version if known else 0, _code(kind)))
        aggregate = self._fold(known, kind, id, rows)
        if aggregate is None:
            return None
        if not isinstance(aggregate, kind):
            raise TypeError(f"{id} is a {type(aggregate).__name__}, not a {kind.__name__}")
        self._remember(aggregate)
        if kind.snapshot_every and sum(topic is not None for _, topic, _ in rows) >= kind.snapshot_every:
            await self._take_snapshot(aggregate)
        return deepcopy(aggregate)

    def recall(self, id: str, *, outdated: bool = True) -> Aggregate | None:
        """Return the aggregate as it was last found, if it is still kept: to read, not to change.

        Without `outdated` one that this process has changed since is not returned.
        """
        if id in self._outdated and not outdated:
            return None
        if known := self.known.get(id):
            self.known.move_to_end(id)
        return known

    def forget(self, ids: Sequence[str]) -> None:
        """Know nothing of these any more: another writer was first."""
        for id in ids:
            self.known.pop(id, None)
            self._outdated.pop(id, None)

    def outdate(self, aggregates: Sequence[Aggregate]) -> None:
        """Know of these that what is remembered is no longer all: this process stored more."""
        self._outdated |= {known.id: known.version for known in aggregates if known.id in self.known}

    def _remember(self, aggregate: Aggregate) -> None:
        self.known[aggregate.id] = aggregate
        if aggregate.version >= self._outdated.get(aggregate.id, 0):
            self._outdated.pop(aggregate.id, None)
        if len(self.known) > KNOWN_MAX:
            self._outdated.pop(self.known.popitem(last=False)[0], None)

    def _fold(
        self, aggregate: Aggregate | None, kind: type[Aggregate], id: str, rows: Sequence[Row]
    ) -> Aggregate | None:
        for version, topic, state in rows:
            if aggregate and version <= aggregate.version:
                continue  # who asked at the same moment has folded it
            if topic is None:
                aggregate = object.__new__(kind)
                vars(aggregate).update(self._mapper.transcoder.decode(state), _pending_events=[])
            else:
                event = StoredEvent(id, version, topic, state)
                aggregate = cast(Fact, self._mapper.to_domain_event(event)).mutate(aggregate)
        return aggregate

    async def _ask(self, asked: Asked) -> list[Row]:
        """Return what is asked, read together with what others ask meanwhile. Raises Overloaded."""
        if len(self._waiting) >= ASKED_MAX:
            raise Overloaded(f"{ASKED_MAX} aggregates wait to be read")
        self._waiting.append(asked)
        async with self._turn:
            if not asked.rows.done():
                await asyncio.sleep(0)  # who is asked for together with this one is read with it
                await self._answer()
        return asked.rows.result()

    async def _answer(self) -> None:
        group, self._waiting = self._waiting[:GROUP_MAX], self._waiting[GROUP_MAX:]
        found: list[list[Row]] = [[] for _ in group]
        given = [[a.id for a in group], [a.version for a in group], [a.code for a in group]]
        try:
            async with self._pool.connection() as connection:
                cursor = connection.cursor(row_factory=tuple_row)
                await cursor.execute(self._query, given, binary=True)
                for place, version, topic, state in await cursor.fetchall():
                    found[place - 1].append((version, topic, state))
        except asyncio.CancelledError:
            self._waiting = group + self._waiting  # the next of them asks
            raise
        except Exception as error:  # noqa: BLE001 - everyone who waits is told the same
            for asked in group:
                asked.rows.set_exception(error)
                asked.rows.exception()  # heard, even if nobody waits any more
            return
        for asked, rows in zip(group, found, strict=True):
            asked.rows.set_result(rows)

    async def _take_snapshot(self, aggregate: Aggregate) -> None:
        state = {name: value for name, value in vars(aggregate).items() if name != "_pending_events"}
        row = (aggregate.id, aggregate.version, _code(type(aggregate)), self._mapper.transcoder.encode(state))
        async with self._pool.connection() as connection:
            await connection.execute(self._keep, row)


@cache
def _code(kind: type[Aggregate]) -> str | None:
    """Return which code makes snapshots of `kind`: any change to it makes those before worthless."""
    return sha256(getsource(kind).encode()).hexdigest() if kind.snapshot_every else None


def snapshots(service: str) -> str:
    """Return the statement that creates the table of snapshots: at most one of an aggregate, never needed."""
    return f"""
        CREATE TABLE IF NOT EXISTS {service}_snapshot (
            originator_id      text PRIMARY KEY,
            originator_version bigint NOT NULL,
            code               text NOT NULL,
            state              bytea NOT NULL
        )
    """


def _query(service: str) -> str:
    return f"""
        SELECT place, found.originator_version, topic, found.state
        FROM unnest(%b::text[], %b::bigint[], %b::text[]) WITH ORDINALITY AS asked (id, version, code, place)
        LEFT JOIN {service}_snapshot AS kept
            ON kept.originator_id = asked.id AND kept.code = asked.code AND asked.version = 0
        CROSS JOIN LATERAL (
            SELECT kept.originator_version, NULL AS topic, kept.state
            WHERE kept.originator_version IS NOT NULL
            UNION ALL
            SELECT originator_version, topic, state FROM {service}_events
            WHERE originator_id = asked.id
                AND originator_version > greatest(asked.version, kept.originator_version)
        ) AS found
        ORDER BY place, found.originator_version
    """


def _keep(service: str) -> str:
    return f"""
        INSERT INTO {service}_snapshot AS kept VALUES (%s, %s, %s, %s)
        ON CONFLICT (originator_id) DO UPDATE SET originator_version = excluded.originator_version,
            code = excluded.code, state = excluded.state
        WHERE kept.originator_version < excluded.originator_version OR kept.code <> excluded.code
    """
