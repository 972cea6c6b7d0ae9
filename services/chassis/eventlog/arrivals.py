"""What has arrived of what districts number: which numbers of a stream, of which month, and what is missing.

The intake only notes a number beside what it stores anyway. Numbers are summed up to ranges when somebody
asks, from where it was last done; nothing of that is on the way of an event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool

from contracts.received import RANGES_MAX, Range, Stream

STREAMS_MAX = 100
"""Streams of a district that an answer holds."""

AT_ONCE_MAX = 50_000
"""Arrivals summed up in one transaction."""

TABLES = """
CREATE TABLE IF NOT EXISTS rejected (
    district   text NOT NULL,
    source     text NOT NULL,
    number     bigint NOT NULL,
    event_id   text NOT NULL,
    digest     bytea NOT NULL,
    type       text NOT NULL,
    month      text,
    replaces   text,
    reason     text NOT NULL,
    decided_at timestamptz NOT NULL,
    arrived    bigserial,
    PRIMARY KEY (district, source, number, event_id, digest)
);
CREATE INDEX IF NOT EXISTS rejected_by_arrival ON rejected (arrived);

CREATE OR REPLACE VIEW arrival AS
    SELECT district, source, number, event_id, digest, type, month, replaces, 'accepted' AS outcome,
        NULL AS reason, accepted_at AS decided_at, arrived FROM inbox WHERE arrived IS NOT NULL
    UNION ALL
    SELECT district, source, number, event_id, digest, type, month, replaces, 'rejected',
        reason, decided_at, arrived FROM rejected;

CREATE TABLE IF NOT EXISTS numbered (
    district text NOT NULL,
    source   text NOT NULL,
    month    text NOT NULL,
    numbers  int8multirange NOT NULL,
    accepted int8multirange,
    PRIMARY KEY (district, source, month)
);
CREATE TABLE IF NOT EXISTS stream (
    district  text NOT NULL,
    source    text NOT NULL,
    reused    int8multirange NOT NULL DEFAULT '{}',
    heard_at  timestamptz,
    stated    bigint NOT NULL DEFAULT 0,
    stated_at timestamptz,
    PRIMARY KEY (district, source)
);
CREATE TABLE IF NOT EXISTS summed_up (
    alone    boolean PRIMARY KEY DEFAULT true CHECK (alone),
    accepted bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0
);
INSERT INTO summed_up DEFAULT VALUES ON CONFLICT DO NOTHING;

ALTER TABLE numbered ADD COLUMN IF NOT EXISTS accepted int8multirange;
UPDATE numbered AS n SET accepted = coalesce((
    SELECT range_agg(int8range(number, number, '[]')) FROM inbox AS i
    WHERE i.district = n.district AND i.source = n.source AND i.month = n.month
    AND i.arrived <= (SELECT accepted FROM summed_up)
), '{}') WHERE accepted IS NULL;
"""
"""`rejected` is never changed, as the inbox is not; `arrival` shows both. `numbered` and `stream` sum them up
as far as `summed_up` says. A rejected event whose month cannot be read is numbered under ''. A number that an
accepted event bears is `accepted`, whatever else bears it; before, that was not kept."""


@dataclass(frozen=True)
class Rejected:
    """A numbered event that was rejected, for ever, whatever becomes of what is parked."""

    district: str
    source: str
    number: int
    event_id: str
    digest: bytes
    type: str
    month: str | None
    replaces: str | None
    reason: str
    decided_at: datetime


class Missing(NamedTuple):
    """What one stream lacks, the lowest first."""

    district: str
    source: str
    ranges: Sequence[Range]


class Month(NamedTuple):
    """What of one stream happened in one month, and what is missing between the first and the last of it."""

    source: str
    month: str
    first: int
    last: int
    received: int
    accepted: int
    rejected: int
    missing: Sequence[Range]


async def reject(cursor: AsyncCursor[Any], events: Sequence[Rejected]) -> None:
    """Keep rejected events in the caller's transaction; one that is known stays as it is."""
    columns = ", ".join(field.name for field in fields(Rejected))
    await cursor.execute("LOCK TABLE public.rejected IN SHARE ROW EXCLUSIVE MODE")  # commits in their order
    await cursor.execute(
        f"INSERT INTO public.rejected ({columns}) SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[],"
        " %b::text[], %b::bytea[], %b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[])"
        " ON CONFLICT DO NOTHING",
        [[getattr(event, field.name) for event in events] for field in fields(Rejected)],
    )


class Arrivals:
    """What has arrived at one service, by stream: what one source of one district sends to it."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]]) -> None:
        self.pool = pool

    async def streams(self, district: str, source: str | None = None) -> list[Stream]:
        """Return how far the streams of a district have come, or that of one source, by source."""
        await self.sum_up()
        rows = await self._ask(STREAMS, {"district": district, "source": source})
        return [Stream(**row, rejected=row["received"] - row["accepted"]) for row in rows]

    async def months(self, district: str, month: str) -> list[Month]:
        """Return what of each stream of a district happened in a month."""
        await self.sum_up()
        rows = await self._ask(MONTHS, {"district": district, "month": month})
        return [Month(**row, rejected=row["received"] - row["accepted"]) for row in rows]

    async def districts(self) -> list[str]:
        """Return the districts that number what they send, or have stated a number."""
        await self.sum_up()
        return [row["district"] for row in await self._ask("SELECT DISTINCT district FROM stream ORDER BY 1")]

    async def missing(self) -> list[Missing]:
        """Return the streams that lack something, and what."""
        await self.sum_up()
        return [Missing(**row) for row in await self._ask(MISSING)]

    async def state(self, district: str, source: str, last: int, *, at: datetime) -> None:
        """Keep that a district says it has given out the numbers up to `last`, whatever it said before."""
        await self._do(
            "INSERT INTO stream (district, source, stated, stated_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (district, source) DO UPDATE"
            " SET stated = excluded.stated, stated_at = excluded.stated_at",
            (district, source, last, at),
        )

    async def sum_up(self) -> None:
        """Sum up what has arrived since it was last done, by whichever process."""
        while await self._lag():
            async with self.pool.connection() as connection, connection.transaction():
                await connection.execute("SELECT FROM summed_up FOR UPDATE")
                await connection.execute(SUM_UP, {"at_once": AT_ONCE_MAX})

    async def _lag(self) -> bool:
        [row] = await self._ask(
            "SELECT coalesce((SELECT max(arrived) FROM inbox) > accepted, false)"
            " OR coalesce((SELECT max(arrived) FROM rejected) > rejected, false) AS lag FROM summed_up"
        )
        return bool(row["lag"])

    async def _ask(self, question: str, given: Any = None) -> list[dict[str, Any]]:
        async with self.pool.connection() as connection:
            return await (await connection.execute(question, given)).fetchall()

    async def _do(self, statement: str, given: Any) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(statement, given)


SUM_UP = """
WITH reach AS (
    SELECT accepted AS a, rejected AS r,
        least(accepted + %(at_once)s, greatest(accepted, (SELECT max(arrived) FROM inbox))) AS a_to,
        least(rejected + %(at_once)s, greatest(rejected, (SELECT max(arrived) FROM rejected))) AS r_to
    FROM summed_up
), new AS MATERIALIZED (
    SELECT district, source, number, event_id, digest, month, accepted_at AS decided_at, true AS accepted
        FROM inbox WHERE arrived > (SELECT a FROM reach) AND arrived <= (SELECT a_to FROM reach)
    UNION ALL
    SELECT district, source, number, event_id, digest, month, decided_at, false
        FROM rejected WHERE arrived > (SELECT r FROM reach) AND arrived <= (SELECT r_to FROM reach)
), old AS (
    SELECT district, source, range_agg(numbers) AS numbers
    FROM numbered JOIN (SELECT DISTINCT district, source FROM new) AS heard USING (district, source)
    GROUP BY district, source
), twice AS (
    SELECT district, source, number, coalesce(bool_or(old.numbers @> number), false) AS known
    FROM new LEFT JOIN old USING (district, source)
    GROUP BY district, source, number HAVING count(*) > 1 OR bool_or(old.numbers @> number)
), event AS (
    SELECT district, source, number, event_id, digest, false AS before FROM new
    UNION ALL
    SELECT district, source, number, event_id, digest, arrived <= (SELECT r FROM reach) FROM rejected
), reused AS (
    SELECT district, source, range_agg(int8range(number, number, '[]')) AS numbers
    FROM (
        SELECT district, source, number FROM twice JOIN event USING (district, source, number)
        GROUP BY district, source, number, known
        HAVING count(DISTINCT (event_id, digest)) > 1 OR known AND NOT bool_or(before)
    ) AS found
    GROUP BY district, source
), numbers AS (
    INSERT INTO numbered AS n (district, source, month, numbers, accepted)
    SELECT district, source, coalesce(month, ''), range_agg(int8range(number, number, '[]')),
        coalesce(range_agg(int8range(number, number, '[]')) FILTER (WHERE accepted), '{}')
    FROM new GROUP BY 1, 2, 3
    ON CONFLICT (district, source, month) DO UPDATE
    SET numbers = n.numbers + excluded.numbers, accepted = n.accepted + excluded.accepted
), heard AS (
    INSERT INTO stream AS s (district, source, reused, heard_at)
    SELECT district, source, coalesce(reused.numbers, '{}'), max(decided_at)
    FROM new LEFT JOIN reused USING (district, source) GROUP BY district, source, reused.numbers
    ON CONFLICT (district, source) DO UPDATE
    SET reused = s.reused + excluded.reused, heard_at = greatest(s.heard_at, excluded.heard_at)
)
UPDATE summed_up SET accepted = a_to, rejected = r_to FROM reach
"""
"""A number is used again where more than one event bears it: two of them just came, or one was rejected
before, or it was known and no rejection of the same event explains that (an accepted one comes once)."""

_WHOLE = """
    SELECT s.*, coalesce(n.numbers, '{}') AS numbers, coalesce(n.accepted, '{}') AS accepted,
        greatest(coalesce(upper(n.numbers) - 1, 0), s.stated) AS last
    FROM stream AS s LEFT JOIN LATERAL (
        SELECT range_agg(numbers) AS numbers, range_agg(accepted) AS accepted FROM numbered AS n
        WHERE n.district = s.district AND n.source = s.source
    ) AS n ON true
"""

_IN = (
    """ARRAY(
    SELECT ARRAY[lower(one), upper(one) - 1] FROM unnest({lacking}) AS one
    ORDER BY lower(one) LIMIT """
    + f"{RANGES_MAX})"
)

_SIZE = "(SELECT coalesce(sum(upper(one) - lower(one)), 0)::bigint FROM unnest({numbers}) AS one)"

_LACKING = "int8multirange(int8range(1, last + 1)) - numbers"

STREAMS = f"""
WITH whole AS ({_WHOLE})
SELECT source, last, {_SIZE.format(numbers="numbers")} AS received,
    {_SIZE.format(numbers="accepted")} AS accepted,
    {_IN.format(lacking=_LACKING)} AS missing,
    ARRAY(SELECT generate_series(lower(one), upper(one) - 1) FROM unnest(reused) AS one
        ORDER BY 1 LIMIT {RANGES_MAX}) AS reused,
    heard_at, stated_at
FROM whole WHERE district = %(district)s AND (%(source)s::text IS NULL OR source = %(source)s)
ORDER BY source LIMIT {STREAMS_MAX}
"""

MISSING = f"""
WITH whole AS ({_WHOLE})
SELECT district, source, {_IN.format(lacking=_LACKING)} AS ranges
FROM whole WHERE NOT isempty({_LACKING}) ORDER BY district, source
"""

MONTHS = f"""
WITH whole AS ({_WHOLE})
SELECT m.source, m.month, lower(m.numbers) AS first, upper(m.numbers) - 1 AS last,
    {_SIZE.format(numbers="m.numbers")} AS received,
    {_SIZE.format(numbers="m.accepted")} AS accepted,
    {
    _IN.format(lacking="int8multirange(int8range(lower(m.numbers), upper(m.numbers))) - whole.numbers")
} AS missing
FROM numbered AS m JOIN whole USING (district, source)
WHERE m.district = %(district)s AND m.month = %(month)s ORDER BY m.source LIMIT {STREAMS_MAX}
"""
