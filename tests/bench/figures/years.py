"""Ten years of 2,622 cells in reporting's ledger: each met and assessed itself every month."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from time import perf_counter

import psycopg

from tests.bench import decade, lab
from tests.bench.figure import Figure
from tests.bench.figures.monthend import CELLS
from tests.bench.http import Edge
from tests.telling import issued, met, submitted

YEARS = range(2015, 2025)
GIB = 2**30


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Let reporting read everything, weigh its database, and ask what an officer and an auditor ask."""
    cells, asked = sizes(CELLS, quick=30), sizes(30, quick=3)
    events, began = 2 * 12 * len(YEARS) * cells, perf_counter()
    async with decade.province(0, also=months(cells)) as (running, edge):
        read_s = perf_counter() - began
        with psycopg.connect(running.database_url("reporting")) as connection:
            [size] = connection.execute("SELECT pg_database_size(current_database())").fetchone() or [0]
            [ledger] = connection.execute("SELECT pg_total_relation_size('ledger.entry')").fetchone() or [0]
        year = "completeness?from=2024-01&to=2024-12"
        province = await _median_ms(edge, f"organizations/{decade.PROVINCE}/{year}", asked)
        cell = await _median_ms(edge, f"cells/{decade.cell(1)}/state?on=2024-12-31", asked)
    yield Figure(
        f"a year's self-assessments of a province, after ten years of {cells:,} cells",
        "ms",
        [province],
        note=f"by month and by district; {events:,} events, in the ledger and read in {read_s:.0f} s",
    )
    yield Figure(
        f"a cell's state on a day, replayed after ten years of {cells:,} cells",
        "ms",
        [cell],
        note=f"of {events // cells:,} events; {size / GIB:.2f} GiB, {ledger / GIB:.2f} of it the ledger",
    )


async def _median_ms(edge: Edge, path: str, asked: int) -> float:
    requests = [edge.request("GET", f"/reporting/v1/{path}")] * asked
    return (await edge.as_fast_as_possible(requests, clients=1)).percentile_ms(0.5)


def months(cells: int) -> Iterator[decade.Told]:
    """Yield what the cells tell, month after month: a meeting, and a self-assessment at its end."""
    meeting, assessed = met("C-0", "2015-01-28"), submitted("C-0", "2015-01")
    yield date(2015, 1, 1), issued(decade.PROVINCE, effective_on="2015-01-01")
    for month in (date(year, month, 28) for year in YEARS for month in range(1, 13)):
        held = {"held_at": meeting.held_at.replace(year=month.year, month=month.month)}
        said = {"period": f"{month:%Y-%m}", "submitted_on": month}
        for n in range(cells):
            code = decade.cell(n)
            yield (
                month,
                meeting.model_copy(update=held | {"organization": code, "meeting": f"{code}-{month}"}),
            )
            yield month, assessed.model_copy(update=said | {"organization": code})
