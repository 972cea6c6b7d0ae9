"""Who was shown a person, when, of which member and for what purpose; never what was shown.

The table can only be appended to: a trigger refuses every change and removal, whoever asks. Decree
356/2025/NĐ-CP wants access to sensitive data authorised and recorded (domain.md section 10.3). Erasing
a person leaves these rows: they hold codes, and are the proof of who knew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis.eventlog.writer import Pool

TABLE = """
CREATE TABLE IF NOT EXISTS access (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    member  text NOT NULL,
    act     text NOT NULL,
    purpose text NOT NULL
);
CREATE INDEX IF NOT EXISTS access_member ON access (member, id);
CREATE OR REPLACE FUNCTION access_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'accesses are only ever appended';
END $$;
CREATE OR REPLACE TRIGGER access_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON access
    FOR EACH STATEMENT EXECUTE FUNCTION access_stays();
"""

PAGE_MAX = 200
"""Accesses in one answer."""


class Act(StrEnum):
    """What was done with the opened person."""

    SHOWN = "SHOWN"
    EXPORTED = "EXPORTED"
    CORRECTED = "CORRECTED"


class Purpose(StrEnum):
    """Why somebody looks (Law 91/2025/QH15: a specific, clear purpose). Words, so that no name slips in."""

    MEMBER_FILE = "MEMBER_FILE"
    CONTACT = "CONTACT"
    RECOGNITION = "RECOGNITION"
    TRANSFER = "TRANSFER"
    SUPERVISION = "SUPERVISION"
    DATA_REQUEST = "DATA_REQUEST"


@dataclass(frozen=True)
class Access:
    """One look at one person."""

    id: int
    at: datetime
    actor: str
    member: str
    act: str
    purpose: str


class Accesses:
    """The accesses that one registry's database keeps."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def record(self, *members: str, actor: str, act: Act, purpose: Purpose, at: datetime) -> None:
        """Keep that `actor` is about to know who each of `members` is. Call it before they do."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO access (at, actor, member, act, purpose)"
                " SELECT %s, %s, member, %s, %s FROM unnest(%s::text[]) AS member",
                (at, actor, act.value, purpose.value, list(members)),
            )

    async def of(self, member: str, *, before: int | None = None, limit: int = PAGE_MAX) -> list[Access]:
        """Return up to `limit` accesses to `member`, newest first, from before the access `before` on."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id, at, actor, member, act, purpose FROM access"
                " WHERE member = %(member)s AND (%(before)s::bigint IS NULL OR id < %(before)s)"
                " ORDER BY id DESC LIMIT %(limit)s",
                {"member": member, "before": before, "limit": limit},
            )
            return [Access(**row) for row in await cursor.fetchall()]

    async def count(self, member: str) -> int:
        """Return how often `member` was looked at."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT count(*) AS n FROM access WHERE member = %s", (member,))
            row = await cursor.fetchone()
        return int(row["n"]) if row else 0
