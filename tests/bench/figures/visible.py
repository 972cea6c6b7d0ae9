"""Accepted by one service, visible in another's view, while 500 commands arrive each second."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import count
from time import perf_counter

from tests.bench import lab
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.http import Client, Edge, Load

PER_S = 500
ASKED_EACH = 25
"""Of so many commands one is looked for: the questions are a load too, and not the one that is measured."""

READERS = 8
HEADCOUNT = f"/reporting/v1/organizations/{lab.CELL}/headcount"


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Look for commands by the position of their receipts, then for one that is long visible."""
    with lab.province() as province:
        edge = Edge(province.url("registry"), province.token("officer"))
        await lab.found_cell(edge)
        reporting = Edge(province.url("reporting"), province.token("auditor"))
        looking = Looking(edge, reporting, sizes(12, quick=3))
        taken = await in_turn(sizes.rounds, ours=looking.new, limit=looking.old)
    for share, goal in ((0.5, 8.0), (0.99, 40.0)):
        yield Figure(
            f"accepted to visible in reporting at {PER_S} commands/s, p{share * 100:.0f}",
            "ms",
            [load.percentile_ms(share) for load in taken["ours"]],
            [
                Rival(
                    "the same question, long visible",
                    "limit",
                    [load.percentile_ms(share) for load in taken["limit"]],
                )
            ],
            goal=goal,
            at_most=True,
            note=f"{PER_S * looking.for_s:,} commands each round, one of {ASKED_EACH} looked for, "
            "from its 201 to the answer that shows it",
        )


@dataclass
class Looking:
    """Commands at a steady pace, and questions after some of them."""

    registry: Edge
    reporting: Edge
    for_s: int

    async def new(self) -> Load:
        """Ask until what was just accepted is shown."""
        return await self._look(lambda position: position)

    async def old(self) -> Load:
        """Ask as often for what was shown long ago."""
        return await self._look(lambda position: 1)

    async def _look(self, after: Callable[[int], int]) -> Load:
        idle, numbers, took = asyncio.Queue[Client](), count(1), list[float]()

        async def look(accepted: bytes) -> None:
            if next(numbers) % ASKED_EACH:
                return
            began = perf_counter()
            path = f"{HEADCOUNT}?after=registry:{after(json.loads(accepted)['position'])}"
            reader = await idle.get()
            await reader.ask(self.reporting.request("GET", path))
            idle.put_nowait(reader)
            took.append(perf_counter() - began)

        requests = [
            self.registry.request("POST", "/registry/v1/members", lab.admission(lab.member()))
            for _ in range(PER_S * self.for_s)
        ]
        async with self.reporting.connected(READERS) as readers:
            for reader in readers:
                idle.put_nowait(reader)
            load = await self.registry.at_pace(requests, PER_S, look)
        return Load(load.per_s, sorted(took))
