"""The tree of a whole province as of any day, before and after a reform, asked over HTTP."""

from collections.abc import AsyncIterator
from time import perf_counter

import msgspec
import psycopg

from tests.bench import decade, lab
from tests.bench.figure import Figure, Rival, in_turn

ROWS = """
    SELECT code, place.name, kind, place.parent, founded_on, place.path FROM tree.place
    JOIN tree.organization USING (code)
    WHERE from_on <= %(day)s AND (until_on IS NULL OR until_on > %(day)s) AND stands
"""


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Ask for the tree of many days, then for one cell's, then read as many rows and nothing more."""
    asked = sizes(30, quick=3)
    async with decade.province(members=0) as (running, edge):
        questions = decade.Questions(edge, asked)

        async def ask(code: str) -> float:
            return await questions.median_ms(f"/reporting/v1/organizations/{code}/tree?as_of=")

        async def rows() -> float:
            with psycopg.connect(running.database_url("reporting")) as connection:
                began = perf_counter()
                for day in questions.days:
                    msgspec.json.encode(connection.execute(ROWS, {"day": day}, binary=True).fetchall())
                return 1000 * (perf_counter() - began) / len(questions.days)

        first = await edge.ask(
            "GET", f"/reporting/v1/organizations/{decade.PROVINCE}/tree?as_of={questions.days[0]}"
        )
        assert len(first) == decade.ORGANIZATIONS
        taken = await in_turn(
            sizes.rounds,
            ours=lambda: ask(decade.PROVINCE),
            cell=lambda: ask(decade.cell(1)),
            rows=rows,
        )
    yield Figure(
        f"tree of {decade.ORGANIZATIONS:,} organizations as of a day",
        "ms",
        taken["ours"],
        [
            Rival("its rows, read and written as JSON", "limit", taken["rows"]),
            Rival("the same of one cell", "same", taken["cell"]),
        ],
        goal=50.0,
        at_most=True,
        note=f"over HTTP, each with name and path; {len(questions.days)} days each round, "
        f"the slowest answer {questions.slowest_ms:.0f} ms",
    )
