"""What could not be handled and waits for an operator: rejected intake, and events a view choked on.

Parking keeps the line behind moving. Nothing here is lost and nothing here is retried by itself.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool

from services.chassis.errors import NotFound

Kind = Literal["INTAKE", "VIEW"]

TABLE = """
CREATE TABLE IF NOT EXISTS parked (
    id         bigserial PRIMARY KEY,
    kind       text NOT NULL,
    place      text NOT NULL,
    source     text NOT NULL,
    event_id   text NOT NULL,
    digest     bytea NOT NULL,
    type       text NOT NULL,
    name       text NOT NULL,
    reason     text NOT NULL,
    detail     text NOT NULL,
    message    bytea NOT NULL,
    parked_at  timestamptz NOT NULL,
    UNIQUE (kind, place, source, event_id, digest)
)
"""

COLUMNS = "id, kind, place, source, event_id, type, name, reason, detail, parked_at"


@dataclass(frozen=True)
class Parked:
    """One thing to park.

    `place` is the district it came from, or the view that choked on it; `name` what its subject called it.
    """

    kind: Kind
    place: str
    source: str
    event_id: str
    digest: bytes
    type: str
    name: str
    reason: str
    detail: str
    message: bytes
    parked_at: datetime


async def park(cursor: AsyncCursor[Any], *things: Parked) -> None:
    """Keep `things` in the caller's transaction. The same content again only renews reason and time."""
    columns = [field.name for field in fields(Parked)]
    once = {(thing.kind, thing.place, thing.source, thing.event_id, thing.digest): thing for thing in things}
    await cursor.execute(
        f"INSERT INTO public.parked ({', '.join(columns)})"
        " SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::text[],"
        " %b::text[], %b::text[], %b::text[], %b::bytea[], %b::timestamptz[])"
        " ON CONFLICT (kind, place, source, event_id, digest) DO UPDATE"
        " SET reason = excluded.reason, detail = excluded.detail, parked_at = excluded.parked_at",
        [[getattr(thing, column) for thing in once.values()] for column in columns],
    )


class ParkingLot:
    """What is parked in one service's database, for its operator."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]]) -> None:
        self.pool = pool

    async def count(self) -> int:
        """Return how many are parked."""
        async with self.pool.connection() as connection:
            row = await (await connection.execute("SELECT count(*) AS n FROM parked")).fetchone()
        return int(row["n"]) if row else 0

    async def listing(self, limit: int = 1000) -> list[dict[str, Any]]:
        """Return the newest `limit`, without their messages."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                f"SELECT {COLUMNS} FROM parked ORDER BY id DESC LIMIT %s", (limit,)
            )
            return await cursor.fetchall()

    async def show(self, id: int) -> dict[str, Any]:
        """Return one with its message as received (bytes). Raises NotFound."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(f"SELECT {COLUMNS}, message FROM parked WHERE id = %s", (id,))
            row = await cursor.fetchone()
        if row is None:
            raise NotFound(f"parked {id}")
        return row

    async def drop(self, id: int) -> None:
        """Forget one for good. Raises NotFound."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute("DELETE FROM parked WHERE id = %s", (id,))
            if cursor.rowcount == 0:
                raise NotFound(f"parked {id}")
