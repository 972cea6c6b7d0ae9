"""The durable memory of what districts sent: accepted once, whatever the line does.

A row is written in the same transaction as the facts it led to, so there is no moment in which an
event is recorded but not remembered, or remembered but not recorded.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
)
"""


@dataclass(frozen=True)
class Entry:
    """One CloudEvent of a district: its name for ever (source + id) and the SHA-256 of its content."""

    district: str
    source: str
    event_id: str
    digest: bytes
    type: str


@dataclass(frozen=True)
class Accepted:
    """What an earlier delivery led to."""

    digest: bytes
    subject: str
    position: int
    accepted_at: datetime


class Inbox:
    """What was accepted before. Writing is the store's: see `store.Origin.entry`."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]]) -> None:
        self.pool = pool

    async def recall(self, entry: Entry) -> Accepted | None:
        """Return what the event of this name led to, or None if it was never accepted."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT digest, subject, position, accepted_at FROM inbox"
                " WHERE district = %s AND source = %s AND event_id = %s",
                (entry.district, entry.source, entry.event_id),
            )
            row = await cursor.fetchone()
        return Accepted(**row) if row else None
