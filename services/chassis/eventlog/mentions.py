"""Which facts speak of a code: for the rare decision that needs to know that nothing does.

An aggregate cannot say who points at it. What does is found by searching the log, once without a lock,
and once more behind it, over the few facts that came since. Words are looked for as JSON writes them.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from services.chassis.errors import Shifted
from services.chassis.eventlog.recorder import LOCK_WITHIN_S


@dataclass(frozen=True)
class Silence:
    """What a decision rests on: no fact after position `since` speaks of any of `words`."""

    words: Collection[str]
    since: int

    async def hold(self, connection: AsyncConnection[Any], service: str) -> None:
        """Lock the log for the rest of the transaction. Raises Shifted if the silence was broken."""
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WITHIN_S}s'")
        await connection.execute(f"LOCK TABLE {service}_events IN EXCLUSIVE MODE")
        cursor = await connection.execute(
            f"SELECT FROM {service}_events WHERE notification_id > %s AND {SPEAKS} LIMIT 1",
            (self.since, _written(self.words)),
        )
        if await cursor.fetchone() is not None:
            raise Shifted("what it rests on has changed")


SPEAKS = "EXISTS (SELECT FROM unnest(%s::bytea[]) AS w (word) WHERE position(word IN state) > 0)"


async def speaking_of(
    words: Collection[str], connection: AsyncConnection[Any], service: str
) -> tuple[Sequence[str], Silence]:
    """Return the ids of the aggregates with a fact that speaks of any of `words`, and the silence since."""
    cursor = await connection.execute(f"SELECT max(notification_id) AS head FROM {service}_events")
    row = await cursor.fetchone()
    cursor = await connection.execute(
        f"SELECT DISTINCT originator_id AS id FROM {service}_events WHERE {SPEAKS} ORDER BY id",
        (_written(words),),
    )
    ids = [str(found["id"]) for found in await cursor.fetchall()]
    return ids, Silence(words, int(row["head"] or 0) if row else 0)


def _written(words: Collection[str]) -> list[bytes]:
    return [json.dumps(word).encode() for word in words]
