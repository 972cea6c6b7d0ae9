"""Who reads the log while others write it misses nothing, whoever writes and however many."""

import asyncio
import os
import sys

from deploy.embedded.supervisor import ROOT
from tests.chassis.writers import WRITERS
from tests.patience import PATIENCE_S

PROCESSES = 2
LAMPS = 100


async def test_a_reader_tailing_the_log_under_eight_writers_misses_nothing(store, database):
    """In each of two processes, two of the library's own applications and two of our writers, all at once."""
    seen: list[int] = []
    done = asyncio.Event()

    async def tail() -> None:
        while not done.is_set() or await store.head() > (seen[-1] if seen else 0):
            after = seen[-1] if seen else 0
            seen.extend(recorded.position for recorded in await store.read(after, 50))

    async def write(name: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chassis.writers", name, str(LAMPS), database),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert 0 == await process.wait()

    reading = asyncio.create_task(tail())
    await asyncio.gather(*(write(f"P{number}") for number in range(PROCESSES)))
    done.set()
    await asyncio.wait_for(reading, timeout=PATIENCE_S)

    async with store.pool.connection() as connection:
        cursor = await connection.execute("SELECT notification_id AS n FROM registry_events ORDER BY 1")
        stored = [row["n"] for row in await cursor.fetchall()]
    assert PROCESSES * WRITERS * LAMPS == len(stored)
    assert stored == seen
