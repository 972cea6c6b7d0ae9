"""How many members each organization had after every day on which that changed: looked up, not added up.

Ten years of a province are some 250,000 changes: to add them up for one day takes six times as long as to
look 3,400 organizations up (`make bench ONLY=headcount`). A row is one organization: its days ascending,
and the members at the end of each.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from psycopg import AsyncCursor

from services.chassis.views.places import ON
from services.reporting.views.subtree import Structure

TABLE = """
    CREATE TABLE running (
        code         text PRIMARY KEY,
        days         date[] NOT NULL,
        full_members integer[] NOT NULL,
        probationary integer[] NOT NULL
    ) WITH (fillfactor = 50);
"""
"""Half of each page stays free for the row that follows: without, a catch-up left seven times the pages."""

SUMS = """
    coalesce(sum(full_members[width_bucket(%(day)s::date, days)]), 0)::bigint AS "full",
    coalesce(sum(probationary[width_bucket(%(day)s::date, days)]), 0)::bigint AS probationary
"""
"""What to select of what is `held`. Before its first day both are null: PostgreSQL counts from one."""


def held(schema: str, structure: Structure) -> str:
    """Return who ever had members in the subtree `%(root)s`, as it stood on `%(day)s` or stands today."""
    if structure == "then":
        placed = f"{schema}.place USING (code) WHERE {ON}"
    else:
        placed = f"{schema}.organization USING (code) WHERE founded_on <= %(day)s"
    return f"{schema}.running JOIN {placed} AND path @> ARRAY[%(root)s]"


BRING_UP = """
    INSERT INTO running AS before (code, days, full_members, probationary)
    SELECT touched.code, array_agg(day ORDER BY day),
        array_agg(coalesce(full_members[reached], 0) + full_since ORDER BY day),
        array_agg(coalesce(probationary[reached], 0) + probationary_since ORDER BY day)
    FROM unnest(%(codes)s::text[], %(since)s::date[]) AS touched (code, since)
    LEFT JOIN running USING (code),
    LATERAL (SELECT width_bucket(since - 1, days)) AS until (reached),
    LATERAL (
        SELECT day,
            (sum(coalesce(sum(members) FILTER (WHERE standing = 'FULL'), 0)) OVER past)::integer,
            (sum(coalesce(sum(members) FILTER (WHERE standing <> 'FULL'), 0)) OVER past)::integer
        FROM (TABLE admitted UNION ALL TABLE changed) AS counted
        WHERE code = touched.code AND day >= since
        GROUP BY day WINDOW past AS (ORDER BY day)
    ) AS later (day, full_since, probationary_since)
    GROUP BY touched.code
    ON CONFLICT (code) DO UPDATE SET (days, full_members, probationary) = (
        SELECT before.days[:reached] || excluded.days,
            before.full_members[:reached] || excluded.full_members,
            before.probationary[:reached] || excluded.probationary
        FROM width_bucket(excluded.days[1] - 1, before.days) AS reached
    )
"""
"""Only the days from the first that was touched are counted again: mostly the last one."""


async def bring_up(cursor: AsyncCursor[Any], touched: Iterable[tuple[str, date]]) -> None:
    """Count anew from the earliest day on that was touched of each organization."""
    since: dict[str, date] = {}
    for code, day in touched:
        since[code] = min(day, since.get(code, day))
    if since:
        await cursor.execute(BRING_UP, {"codes": list(since), "since": list(since.values())})
