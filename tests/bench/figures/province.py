"""The whole province as `make run` starts it: memory and processor when idle, the sample, and afterwards."""

from collections.abc import AsyncIterator
from time import perf_counter

import psutil

from deploy.embedded.runtime import SERVICES
from deploy.sample import CHAPTERS
from tests.bench import lab
from tests.bench.figure import Figure
from tests.bench.http import pause
from tests.system.conftest import load_sample
from tests.system.processes import Processes

MIB = 2**20


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Look at the services before, during and after the sample."""
    with lab.province() as province:
        yield _memory(province, "idle", goal=120.0)
        yield Figure(
            "processor of all five services, idle",
            "%",
            [await _idle_percent(province, sizes(10, quick=2))],
            note="of one core",
        )
        number = sum(1 for chapter in CHAPTERS for _ in chapter())
        began = perf_counter()
        await load_sample(province)
        took_s = perf_counter() - began
        yield Figure(
            f"the sample's {number:,} events: published, answered, shown",
            "s",
            [took_s],
            goal=60.0,
            at_most=True,
            note=f"of eight districts, through all five services; {number / took_s:,.0f} events/s",
        )
        yield _memory(province, "after the sample")


def _memory(province: Processes, when: str, goal: float | None = None) -> Figure:
    """Return the largest of the five as the figure, all of them as its rounds."""
    resident = {name: process.memory_info().rss / MIB for name, process in _processes(province).items()}
    return Figure(
        f"resident memory of the largest service, {when}",
        "MiB",
        [max(resident.values())],
        goal=goal,
        at_most=True,
        note=", ".join(f"{name} {mib:.0f}" for name, mib in resident.items()),
    )


async def _idle_percent(province: Processes, for_s: int) -> float:
    before = _used_s(province)
    await pause(for_s)
    return 100 * (_used_s(province) - before) / for_s


def _used_s(province: Processes) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in _processes(province).values())


def _processes(province: Processes) -> dict[str, psutil.Process]:
    return {
        name: psutil.Process(process.pid) for name in SERVICES if (process := province.services[name].process)
    }
