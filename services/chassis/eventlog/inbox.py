"""The durable memory of what districts sent: accepted once, whatever the line does.

A row is written in the same transaction as the facts it led to, so there is no moment in which an
event is recorded but not remembered, or remembered but not recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

TABLE = """
CREATE TABLE IF NOT EXISTS inbox (
    district    text NOT NULL,
    source      text NOT NULL,
    event_id    text NOT NULL,
    digest      bytea NOT NULL,
    type        text NOT NULL,
    subject     text NOT NULL,
    position    bigint NOT NULL,
    accepted_at timestamptz NOT NULL,
    CONSTRAINT inbox_once PRIMARY KEY (district, source, event_id)
);
ALTER TABLE inbox ADD COLUMN IF NOT EXISTS number bigint, ADD COLUMN IF NOT EXISTS month text,
    ADD COLUMN IF NOT EXISTS replaces text, ADD COLUMN IF NOT EXISTS arrived bigint;
CREATE SEQUENCE IF NOT EXISTS inbox_arrived OWNED BY inbox.arrived;
CREATE INDEX IF NOT EXISTS inbox_by_arrival ON inbox (arrived) WHERE arrived IS NOT NULL;
"""
"""`arrived` counts what has a number, in the order of commits: rows are written behind the log's lock."""


class Entry(NamedTuple):
    """One CloudEvent of a district: its name for ever (source + id) and the SHA-256 of its content.

    `number` is its place in its stream, `month` (2024-11) when it happened in the province.
    """

    district: str
    source: str
    event_id: str
    digest: bytes
    type: str
    number: int | None = None
    month: str | None = None
    replaces: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Return its name for ever."""
        return self.district, self.source, self.event_id


@dataclass(frozen=True)
class Accepted:
    """What an earlier delivery led to."""

    digest: bytes
    subject: str
    position: int
    accepted_at: datetime


Remembered = Mapping[tuple[str, str, str], Accepted]
"""What was accepted before, by `Entry.key`."""


class Inbox:
    """What was accepted before. Writing is the store's: see `store.Origin.entry`."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]]) -> None:
        self.pool = pool

    async def recall(self, entries: Sequence[Entry]) -> Remembered:
        """Return what those of `entries` led to that were accepted, by their names."""
        if not entries:
            return {}
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT district, source, event_id, digest, subject, position, accepted_at FROM inbox"
                " JOIN unnest(%b::text[], %b::text[], %b::text[]) AS asked (district, source, event_id)"
                " USING (district, source, event_id)",
                [list(column) for column in zip(*(entry.key for entry in entries), strict=True)],
                binary=True,
            )
            rows = await cursor.fetchall()
        return {
            (row.pop("district"), row.pop("source"), row.pop("event_id")): Accepted(**row) for row in rows
        }
