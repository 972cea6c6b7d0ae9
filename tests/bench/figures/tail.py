"""A reader that tails the log while eight processes' worth of writers append: it must miss nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import perf_counter

from deploy.embedded.runtime import Embedded
from services.chassis.eventlog.store import Store
from tests.bench import lab
from tests.bench.figure import Figure
from tests.bench.log import ORIGIN, admitted, new_log, opened

WRITERS = 8


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Read beside eight writers, each with a connection of its own; once as one of them, once apart."""
    each = sizes(2_000, quick=100)
    with lab.servers() as embedded:
        rounds = [await _tail(embedded, each) for _ in range(sizes.rounds)]
    yield Figure(
        f"events missed, doubled or out of order when tailing {WRITERS} writers",
        "",
        [float(missed) for missed, _ in rounds],
        goal=0.0,
        at_most=True,
        note=f"of {WRITERS * each:,} each round; {rounds[-1][1]:,.0f} events/s written meanwhile",
    )


async def _tail(embedded: Embedded, each: int) -> tuple[int, float]:
    """Return how many positions two readers got wrong together, and events per second."""
    address, number = new_log(embedded), WRITERS * each
    async with AsyncExitStack() as stack:
        [apart, *writers] = [await stack.enter_async_context(opened(address)) for _ in range(WRITERS + 1)]
        written = asyncio.Event()
        reading = [asyncio.create_task(_read(reader, written)) for reader in (apart, writers[0])]
        began = perf_counter()
        await asyncio.gather(*(_write(writer, each) for writer in writers))
        per_s = number / (perf_counter() - began)
        written.set()
        reads = await asyncio.gather(*reading)
        async with apart.pool.connection() as connection:
            rows = await connection.execute("SELECT notification_id FROM registry_events ORDER BY 1")
            stored = [row["notification_id"] for row in await rows.fetchall()]
    assert len(stored) == number
    return sum(_wrong(read, stored) for read in reads), per_s


async def _write(writer: Store, each: int) -> None:
    for member in admitted(each):
        await writer.record(member, origin=ORIGIN)


async def _read(reader: Store, written: asyncio.Event) -> list[int]:
    """Return the positions in the order in which they were read."""
    positions: list[int] = []
    while True:
        over = written.is_set()
        last = positions[-1] if positions else 0
        batch = await reader.read(last, 500)
        positions += [recorded.position for recorded in batch]
        if not batch:
            if over:
                return positions
            await reader.grown(last, 0.005)


def _wrong(read: list[int], stored: list[int]) -> int:
    return 0 if read == stored else len(set(stored) ^ set(read)) or 1
