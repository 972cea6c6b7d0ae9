"""More than can be done is refused at once, and costs neither memory nor what was acknowledged."""

import asyncio
from collections import Counter

import psycopg

from services.chassis.edge.door import REQUESTS_MAX
from tests.chassis.running import PROVINCE
from tests.chassis.story import until

CLIENTS = 2_000
GROWTH_MB_MAX = 24
"""Between one crowd and the next: what Python keeps for itself; 2,000 waiting requests would be more."""


async def locked_out(registry, database, codes):
    """Let a crowd come while nothing can be stored. Return how many were told what."""
    async with await psycopg.AsyncConnection.connect(database) as other:
        await other.execute("LOCK TABLE registry_events IN EXCLUSIVE MODE")
        crowd = asyncio.create_task(
            registry.crowd(CLIENTS, lambda n: PROVINCE | {"organization": f"{codes}-{n}"})
        )
        await until(lambda: all_places_taken(registry))
        alive = await registry.status("/livez")
        answers = await crowd
    return alive, Counter((status, answer.get("title")) for status, answer in answers)


async def all_places_taken(registry):
    return (await registry.metrics("bound_used"))["requests in flight"] == REQUESTS_MAX


async def test_two_thousand_at_once_find_a_bounded_number_of_places_and_afterwards_everyone_is_served(
    registry, database
):
    await locked_out(registry, database, "A")
    before = registry.memory_mb()
    alive, told = await locked_out(registry, database, "B")
    grown_mb = registry.memory_mb() - before

    assert 200 == alive
    assert {(503, "Overloaded"), (503, "Unavailable")} == set(told)
    assert told[503, "Unavailable"] >= REQUESTS_MAX
    assert grown_mb < GROWTH_MB_MAX
    used, limit = await registry.metrics("bound_used"), await registry.metrics("bound_limit")
    assert [] == [what for what in used if used[what] > limit[what]]

    answers = await registry.crowd(100, lambda n: PROVINCE | {"organization": f"C-{n}"})
    assert {201: 100} == Counter(status for status, _ in answers)
    await until(registry.ready)
