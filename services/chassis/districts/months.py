"""What has arrived, month by month, beside what districts signed: complete, missing something, or different.

A closed month says up to which number a stream goes, so what was lost at its end is missing as well.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from contracts.received import MonthState, MonthTold, Stream
from services.chassis.eventlog.arrivals import _SIZE, _WHOLE, Arrivals, Missing
from services.chassis.eventlog.writer import Pool
from services.chassis.views.closings import Closings

MONTHS_MAX = 36
"""Months of a stream that an answer holds, the newest first."""

TABLE = """
CREATE TABLE IF NOT EXISTS compared (
    district text NOT NULL,
    source   text NOT NULL,
    first    bigint NOT NULL,
    last     bigint NOT NULL,
    digest   text NOT NULL,
    PRIMARY KEY (district, source, first, last)
)
"""
"""The digests of what arrived from `first` to `last`, each made once, when nothing of it was missing."""


class Months(Arrivals):
    """What has arrived at one service, and what of it was closed."""

    def __init__(self, pool: Pool, service: str) -> None:
        super().__init__(pool)
        self.service = service
        self.closings = Closings(pool)

    async def prepare(self) -> None:
        """Create what is missing of its tables, besides those of its view."""
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('compared'))")
            await connection.execute(TABLE)

    async def streams(self, district: str, source: str | None = None) -> list[Stream]:
        """Return how far the streams of a district have come, by source, each with its months."""
        await self._take_in()
        streams = await super().streams(district, source)
        months = await self._months(district, source)
        return [one.model_copy(update={"months": months.get(one.source, ())}) for one in streams]

    async def districts(self) -> list[str]:
        """Return the districts that number what they send, have stated a number, or closed a month."""
        await self._take_in()
        return await super().districts()

    async def missing(self) -> list[Missing]:
        """Return the streams that lack something, and what."""
        await self._take_in()
        return await super().missing()

    async def _take_in(self) -> None:
        """Take the last number that a district closed for one that it has given out."""
        await self.closings.rows(TAKE_IN, service=self.service)

    async def _months(self, district: str, source: str | None) -> Mapping[str, tuple[MonthTold, ...]]:
        """Return the months of a district's streams, the newest first, by source."""
        asked = {"district": district, "source": source, "service": self.service}
        months: dict[str, list[MonthTold]] = defaultdict(list)
        closed: set[str] = set()
        for row in await self.closings.rows(MONTHS, **asked):
            of = row["source"]
            if row["last"] is None and of in closed:
                continue  # closed with a later month
            if row["last"] is not None:
                closed.add(of)
            if len(months[of]) < MONTHS_MAX:
                state = await self._state(district, row)
                said = {name: row[name] for name in MonthTold.model_fields.keys() & row.keys()}
                months[of].append(MonthTold(state=state, **said))
        return {of: tuple(some) for of, some in months.items()}

    async def _state(self, district: str, row: Mapping[str, Any]) -> MonthState:
        if row["last"] is None:
            return "open"
        if row["missing"]:
            return "missing"
        arrived = row["arrived"] or await self._digest(district, row["source"], row["first"], row["last"])
        return "different" if row["again"] or arrived != row["digest"] else "complete"

    async def _digest(self, district: str, source: str, first: int, last: int) -> str:
        """Return the digest of what arrived from `first` to `last`, as `digest_of` makes it, and keep it."""
        run = {"district": district, "source": source, "first": first, "last": last}
        [row] = await self.closings.rows(DIGEST, **run)
        return str(row["digest"])


TAKE_IN = """
INSERT INTO stream AS s (district, source, stated, stated_at)
SELECT DISTINCT ON (district, source) district, source, last, closed_at
FROM closings.closed AS c WHERE service = %(service)s AND NOT EXISTS (
    SELECT FROM stream WHERE district = c.district AND source = c.source AND stated >= c.last)
ORDER BY district, source, last DESC
ON CONFLICT (district, source) DO UPDATE
SET stated = greatest(s.stated, excluded.stated), stated_at = greatest(s.stated_at, excluded.stated_at)
RETURNING district
"""

_CUT = "int8multirange(int8range(c.first, c.last + 1))"
_AFTER = "int8multirange(int8range(c.last + 1, NULL))"

MONTHS = f"""
WITH whole AS ({_WHOLE} WHERE s.district = %(district)s),
c AS (SELECT * FROM closings.closed WHERE district = %(district)s AND service = %(service)s),
m AS (SELECT * FROM numbered WHERE district = %(district)s AND month <> '')
SELECT whole.source, coalesce(c.period, m.month) AS period, c.first, c.last, c.closed_at, c.digest,
    {_SIZE.format(numbers="m.numbers")} AS received,
    CASE WHEN c.last IS NOT NULL THEN {_SIZE.format(numbers=f"(m.accepted * {_AFTER})")} END AS restated,
    {_SIZE.format(numbers=f"({_CUT} - whole.numbers)")} AS missing,
    whole.reused && {_CUT} AS again,
    kept.digest AS arrived
FROM c FULL JOIN m ON m.source = c.source AND m.month = c.period
JOIN whole ON whole.source = coalesce(c.source, m.source)
LEFT JOIN compared AS kept ON kept.district = c.district AND kept.source = c.source
    AND kept.first = c.first AND kept.last = c.last
WHERE %(source)s::text IS NULL OR whole.source = %(source)s
ORDER BY period DESC
"""

DIGEST = """
WITH line AS (
    SELECT DISTINCT number, event_id || ' ' || encode(digest, 'hex') AS event
    FROM arrival WHERE district = %(district)s AND source = %(source)s
    AND number BETWEEN %(first)s AND %(last)s
)
INSERT INTO compared AS kept (district, source, first, last, digest)
SELECT %(district)s, %(source)s, %(first)s, %(last)s, encode(sha256(convert_to(
    coalesce(string_agg(number || ' ' || event || E'\\n', '' ORDER BY number, event), ''), 'UTF8')), 'hex')
FROM line
ON CONFLICT (district, source, first, last) DO UPDATE SET digest = excluded.digest
RETURNING kept.digest
"""
