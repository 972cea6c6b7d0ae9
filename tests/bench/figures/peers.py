"""The peers on the same PostgreSQL with the same event: one writer, many, batches, and a projection."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from eventsourcing.application import Application

from deploy.embedded.runtime import Embedded
from services.reporting.follower import Follower
from services.reporting.views import Headcount
from tests.bench import lab, library
from tests.bench.figure import Figure, Rival
from tests.bench.ledgers import filled
from tests.bench.log import ORIGIN, admitted, batches, new_log, opened
from tests.bench.peers import installed

Rates = dict[str, float]
Task = dict[str, Any]

TASKS = {
    "single": ("append, one writer", {"emmett": 1.5, "eventsource-py": 2.5}),
    "writers_8": ("append, 8 writers at once", {"message-db": 3.0}),
    "writers_16": ("append, 16 writers at once", {"message-db": 3.0}),
    "batch": ("append, batches of 100", {"message-db": 2.0, "eventsource-py": 8.0}),
    "project": ("project into 3,000 rows", {"emmett": 20.0}),
}
"""What each is asked to do, and the goals for the ratio ours / theirs."""


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Let each do all tasks in turn, round after round, on a database of its own."""
    task = {
        "single": sizes(3_000, quick=32),
        "writers_8": sizes(3_200, quick=64),
        "writers_16": sizes(3_200, quick=64),
        "batch": sizes(10_000, quick=200),
        "project": sizes(2_000, quick=50),
        "cells": lab.CELLS,
        "fields": {key: value for key, value in lab.fields("M-1").items() if key != "timestamp"},
    }
    taken: dict[str, list[Rates]] = {name: [] for name in WAYS}
    absent: dict[str, str] = {}
    with lab.servers() as embedded:
        for _ in range(sizes.rounds):
            for name in [name for name in WAYS if name not in absent]:
                try:
                    taken[name].append(await WAYS[name](embedded, task))
                except installed.Absent as reason:
                    absent[name] = str(reason)
    for key, (what, goals) in TASKS.items():
        [ours, *others] = WAYS
        yield Figure(
            what,
            "/s",
            [rates[key] for rates in taken[ours]],
            [
                Rival(
                    name,
                    "library" if name == LIBRARY else "peer",
                    [rates[key] for rates in taken[name]] if name not in absent else [],
                    goals.get(name),
                    absent.get(name, ""),
                )
                for name in others
            ],
            note=f"{task[key]:,} events each round"
            + (", all it has by those that take batches" * (key == "project")),
        )


def _program(install: Callable[[], list[str]]) -> Callable[[Embedded, Task], Awaitable[Rates]]:
    """Return how to ask a program of its own; it raises Absent."""

    async def run(embedded: Embedded, task: Task) -> Rates:
        said = installed.run(*install(), lab.database(embedded), json.dumps(task))
        rates: Rates = json.loads(said.splitlines()[-1])
        return rates

    return run


async def _ours(embedded: Embedded, task: Task) -> Rates:
    taken: Rates = {}
    async with opened(new_log(embedded)) as store:

        async def append(number: int, *, writers: int, size: int = 1) -> float:
            waiting = iter(batches(admitted(number), size))

            async def writer() -> None:
                for batch in waiting:
                    await store.record(*batch, origin=ORIGIN)

            return await lab.per_second(number, asyncio.gather(*(writer() for _ in range(writers))))

        taken["single"] = await append(task["single"], writers=1)
        taken["writers_8"] = await append(task["writers_8"], writers=8)
        taken["writers_16"] = await append(task["writers_16"], writers=16)
        taken["batch"] = await append(task["batch"], writers=1, size=100)
    number = task["batch"] * 5
    async with filled(lab.database(embedded, "reporting"), number) as ledger:
        view = Headcount(ledger.pool)
        await view.prepare()

        async def read() -> int:
            return (await view.positions()).get("registry", 0)

        following = asyncio.create_task(Follower(view, ledger).run())
        taken["project"] = await lab.pace(number, read)
        following.cancel()
    return taken


async def _library(embedded: Embedded, task: Task) -> Rates:
    with Application[Any](env=library.environment(lab.database(embedded))) as log:

        def append(number: int, *, writers: int, size: int = 1) -> float:
            waiting = batches([library.admitted(lab.member()) for _ in range(number)], size)
            began = perf_counter()
            with ThreadPoolExecutor(writers) as threads:
                list(threads.map(lambda batch: log.save(*batch), waiting))
            return number / (perf_counter() - began)

        return {
            "single": append(task["single"], writers=1),
            "writers_8": append(task["writers_8"], writers=8),
            "writers_16": append(task["writers_16"], writers=16),
            "batch": append(task["batch"], writers=1, size=100),
            "project": library.projected(lab.database(embedded), task["project"]),
        }


LIBRARY = "eventsourcing"
WAYS: dict[str, Callable[[Embedded, Task], Awaitable[Rates]]] = {
    "ours": _ours,
    LIBRARY: _library,
    "eventsource-py": _program(installed.eventsource_py),
    "emmett": _program(installed.emmett),
    "message-db": _program(installed.message_db),
}
