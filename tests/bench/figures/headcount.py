"""Members of a province on any day, asked over HTTP after ten years of 100,000 of them."""

from collections.abc import AsyncIterator
from time import perf_counter

import psycopg

from tests.bench import decade, lab
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.http import Edge

ADDED_UP = """
    SELECT sum(members) FROM headcount.place
    JOIN (TABLE headcount.admitted UNION ALL TABLE headcount.changed) AS counted USING (code)
    WHERE path @> ARRAY['PROVINCE'] AND from_on <= %(day)s AND (until_on IS NULL OR until_on > %(day)s)
    AND counted.day <= %(day)s
"""


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Ask for the whole province, then for one cell of it, then add every change up."""
    members, asked = sizes(100_000, quick=1_000), sizes(60, quick=3)
    async with decade.province(members) as (running, edge):
        questions = decade.Questions(edge, asked)

        async def ask(code: str, structure: str) -> float:
            path = f"/reporting/v1/organizations/{code}/headcount?structure={structure}&on="
            return await questions.median_ms(path)

        async def added_up() -> float:
            with psycopg.connect(running.database_url("reporting")) as connection:
                began = perf_counter()
                for day in questions.days:
                    connection.execute(ADDED_UP, {"day": day}).fetchone()
                return 1000 * (perf_counter() - began) / len(questions.days)

        assert await _total(edge) == members - members // 20
        taken = await in_turn(
            sizes.rounds,
            then=lambda: ask(decade.PROVINCE, "then"),
            now=lambda: ask(decade.PROVINCE, "now"),
            cell=lambda: ask(decade.cell(1), "then"),
            added_up=added_up,
        )
    yield Figure(
        f"headcount of {decade.ORGANIZATIONS:,} organizations on a day, ten years of {members:,} members",
        "ms",
        taken["then"],
        [
            Rival("the same of one cell", "limit", taken["cell"]),
            Rival("over the structure of today", "same", taken["now"]),
            Rival("every change added up in SQL", "limit", taken["added_up"]),
        ],
        goal=20.0,
        at_most=True,
        note=f"over HTTP, by child too; {asked} days each round,"
        f" the slowest answer {questions.slowest_ms:.0f} ms",
    )


async def _total(edge: Edge) -> int:
    last = f"/reporting/v1/organizations/{decade.PROVINCE}/headcount?on=2030-12-31"
    total: int = (await edge.ask("GET", last))["total"]
    return total
