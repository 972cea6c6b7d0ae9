"""Append alone: batches through the store, beside a bare multi-row insert of the same bytes."""

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Any

import psycopg
from eventsourcing.application import Application

from deploy.embedded.runtime import Embedded
from tests.bench import lab, library
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.log import ORIGIN, admitted, batches, new_log, opened

BATCHES = (100, 300, 1_000)
BARE = """
    INSERT INTO bare (originator_id, originator_version, topic, state)
    SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[])
"""


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Measure one command of many facts, then as many commands that wait together."""
    with lab.servers() as embedded:
        appending = Appending(embedded, sizes(60_000, quick=1_000))
        for size in BATCHES:
            yield await appending.figure(sizes, size, "in one command", appending.one_command)
        yield await appending.figure(sizes, 100, "of commands that wait together", appending.waiting_together)


class Appending:
    """The same events appended in each way, each to a log of its own."""

    def __init__(self, embedded: Embedded, number: int) -> None:
        self.number, self.bytes = number, 0
        self.address = new_log(embedded)
        self.library = Application[Any](env=library.environment(lab.database(embedded)))

    async def figure(self, sizes: lab.Sizes, size: int, how: str, ours: Any) -> Figure:
        """Return how fast batches of `size` are appended."""
        taken = await in_turn(
            sizes.rounds,
            ours=lambda: ours(size),
            bare=lambda: self.bare(size),
            library=lambda: self.by_library(size),
        )
        return Figure(
            f"append, {size:,} facts {how}",
            "/s",
            taken["ours"],
            [
                Rival("bare multi-row insert", "limit", taken["bare"], 0.5),
                Rival("save() of as many aggregates", "library", taken["library"]),
            ],
            note=f"{self.number:,} facts of {self.bytes} bytes each round",
        )

    async def one_command(self, size: int) -> float:
        """Record aggregates together, batch after batch."""
        async with opened(self.address) as store:
            waiting = batches(admitted(self.number), size)
            began = perf_counter()
            for batch in waiting:
                await store.record(*batch, origin=ORIGIN)
            return self.number / (perf_counter() - began)

    async def waiting_together(self, size: int) -> float:
        """Record each alone, as many at once as the batch is to have."""
        async with opened(self.address) as store:
            members = iter(admitted(self.number))

            async def client() -> None:
                for member in members:
                    await store.record(member, origin=ORIGIN)

            began = perf_counter()
            await asyncio.gather(*(client() for _ in range(size)))
            return self.number / (perf_counter() - began)

    async def bare(self, size: int) -> float:
        """Insert the bytes that the store wrote last into a table of the same shape."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT originator_id, originator_version, topic, state FROM registry_events"
                " ORDER BY notification_id DESC LIMIT %s",
                (self.number,),
                binary=True,
            ).fetchall()
            self.bytes = len(rows[0][3])
            connection.execute("CREATE TABLE bare (LIKE registry_events INCLUDING ALL)")
            waiting = [
                list(map(list, zip(*rows[at : at + size], strict=True))) for at in range(0, len(rows), size)
            ]
            began = perf_counter()
            for columns in waiting:
                connection.execute(BARE, columns)
            took = perf_counter() - began
            connection.execute("DROP TABLE bare")
            return len(rows) / took

    async def by_library(self, size: int) -> float:
        """Save as many of the library's aggregates, which it takes some ten times longer for."""
        members = [library.admitted(lab.member()) for _ in range(max(size, self.number // 10))]
        began = perf_counter()
        for batch in batches(members, size):
            self.library.save(*batch)
        return len(members) / (perf_counter() - began)
