"""Which facts name a member, and whose data may not be used: asked of the log itself, by indexes of its own.

A member's own facts are found by their id; those of others that name a member are few, of known kinds.
"""

from __future__ import annotations

from services.chassis.eventlog.writer import Pool

NAMING = (
    "('registry.Ballot.Begun', 'registry.DataRequest.Received', 'registry.Deadline.Noted',"
    " 'registry.Officials.Appointed', 'registry.Officials.Relieved')"
)
"""The facts of others that name a member, in their field `member`: a test counts them."""

RESTRICTING = "('registry.Member.Restricted', 'registry.Member.RestrictionLifted')"

TABLE = f"""
CREATE OR REPLACE FUNCTION registry_member_in(state bytea) RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT convert_from(state, 'UTF8')::json ->> 'member' $$;
CREATE INDEX IF NOT EXISTS registry_naming ON registry_events (registry_member_in(state))
    WHERE topic IN {NAMING};
CREATE INDEX IF NOT EXISTS registry_restricting ON registry_events (originator_id, notification_id)
    WHERE topic IN {RESTRICTING};
"""


class Named:
    """Finds what the log says of members outside their own facts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def elsewhere(self, member: str) -> list[int]:
        """Return the positions of the facts of others that name `member`, in the log's order."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT notification_id FROM registry_events"
                f" WHERE topic IN {NAMING} AND registry_member_in(state) = %s ORDER BY notification_id",
                (member,),
            )
            return [row["notification_id"] for row in await cursor.fetchall()]

    async def restricted(self) -> set[str]:
        """Return the ids of the members whose data may not be used now."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT originator_id FROM (SELECT DISTINCT ON (originator_id) originator_id, topic"
                f" FROM registry_events WHERE topic IN {RESTRICTING}"
                " ORDER BY originator_id, notification_id DESC) AS last"
                " WHERE topic = 'registry.Member.Restricted'"
            )
            return {row["originator_id"] for row in await cursor.fetchall()}
