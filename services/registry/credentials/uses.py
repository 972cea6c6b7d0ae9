"""Each use of a credential: when, from where, with what, and whether it opened; kept for good.

What opened is a row for each connection, with the place where it can be cut off. What was turned away is
a row for each minute and place, counted: who guesses fills no disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.chassis.eventlog.writer import Pool

TABLE = """
CREATE TABLE IF NOT EXISTS credential_use (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district text NOT NULL,
    number   integer NOT NULL,
    at       timestamptz NOT NULL,
    outcome  text NOT NULL,
    place    text NOT NULL,
    client   text NOT NULL,
    server   text NOT NULL,
    cid      bigint NOT NULL,
    times    integer NOT NULL DEFAULT 1,
    over     boolean NOT NULL,
    UNIQUE (district, number, at, outcome, place, server, cid)
);
CREATE INDEX IF NOT EXISTS credential_use_open ON credential_use (district, number) WHERE NOT over;
CREATE INDEX IF NOT EXISTS credential_use_newest ON credential_use (district, number, outcome, id);
"""

ACCEPTED = "accepted"
PAGE_MAX = 200


@dataclass(frozen=True)
class Use:
    """One use of one credential: `outcome` is accepted, or why it was turned away, `times` in that minute."""

    number: int
    at: datetime
    outcome: str
    place: str
    client: str
    times: int = 1


class Connection(NamedTuple):
    """A connection that was let in: its server, its number there, and its row here."""

    id: int
    server: str
    cid: int


class Uses:
    """The uses that the registry's database keeps."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def prepare(self) -> None:
        """Create the table if it is missing."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('credential_use'))")
            await connection.execute(TABLE)

    async def record(self, district: str, use: Use, *, server: str = "", cid: int = 0) -> None:
        """Keep a use, before it is answered; of those turned away, with the others of that minute."""
        accepted = use.outcome == ACCEPTED
        at = use.at if accepted else use.at.replace(second=0, microsecond=0)
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO credential_use (district, number, at, outcome, place, client, server, cid, over)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (district, number, at, outcome, place, server, cid)"
                " DO UPDATE SET times = credential_use.times + 1",
                (district, use.number, at, use.outcome, use.place, use.client, server, cid, not accepted),
            )

    async def newest(self) -> dict[tuple[str, int], Use]:
        """Return the newest use that opened, of each credential: by district and number."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT DISTINCT ON (district, number) district, number, at, outcome, place, client, times"
                " FROM credential_use WHERE outcome = %s ORDER BY district, number, id DESC",
                (ACCEPTED,),
            )
            return {(row.pop("district"), row["number"]): Use(**row) for row in await cursor.fetchall()}

    async def of(self, district: str, limit: int = PAGE_MAX) -> list[Use]:
        """Return a district's newest uses, newest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT number, at, outcome, place, client, times FROM credential_use"
                " WHERE district = %s ORDER BY id DESC LIMIT %s",
                (district, limit),
            )
            return [Use(**row) for row in await cursor.fetchall()]

    # -- Who may still be connected

    async def open(self) -> list[tuple[str, int]]:
        """Return the credentials, by district and number, of which a connection was not cut off."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT DISTINCT district, number FROM credential_use WHERE NOT over"
            )
            return [(row["district"], row["number"]) for row in await cursor.fetchall()]

    async def connections(self, district: str, number: int, limit: int) -> list[Connection]:
        """Return connections of a credential that were not cut off."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id, server, cid FROM credential_use"
                " WHERE district = %s AND number = %s AND NOT over ORDER BY id DESC LIMIT %s",
                (district, number, limit),
            )
            return [Connection(**row) for row in await cursor.fetchall()]

    async def cut_off(self, ids: Sequence[int]) -> None:
        """Note that these connections are over."""
        async with self._pool.connection() as connection:
            await connection.execute("UPDATE credential_use SET over = true WHERE id = ANY(%s)", (list(ids),))
