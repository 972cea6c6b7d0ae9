"""Which requests of data subjects are open, asked of the log itself.

Requests are private facts, so no stream tells them to a view; the log is asked, by an index of its own.
"""

from __future__ import annotations

from services.chassis.eventlog.writer import Pool

TABLE = """
CREATE INDEX IF NOT EXISTS registry_requests_received ON registry_events (notification_id)
    WHERE topic = 'registry.DataRequest.Received';
"""


class OpenRequests:
    """Finds requests that are neither completed nor declined."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def after(self, position: int, limit: int) -> list[tuple[int, str]]:
        """Return position and id of up to `limit` open requests received after `position`, in that order."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT notification_id, originator_id FROM registry_events AS received"
                " WHERE topic = 'registry.DataRequest.Received' AND notification_id > %s"
                " AND NOT EXISTS (SELECT FROM registry_events AS settled"
                "   WHERE settled.originator_id = received.originator_id AND settled.topic IN"
                "   ('registry.DataRequest.Completed', 'registry.DataRequest.Declined'))"
                " ORDER BY notification_id LIMIT %s",
                (position, limit),
            )
            return [(row["notification_id"], row["originator_id"]) for row in await cursor.fetchall()]
