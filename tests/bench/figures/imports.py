"""100,000 members imported from one workbook through the whole province, until its reports show them."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import openpyxl
from openpyxl import Workbook

from tests.bench import decade, lab
from tests.bench.figure import Figure, Rival
from tests.bench.http import Edge, Load, pause
from tests.bench.log import fill, new_log, opened
from tests.registry.files import MEMBERS, as_csv
from tests.system.conftest import at_rest
from tests.system.processes import Processes

ASKED_EVERY_S = 0.05


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Import the organizations, then the members, and ask meanwhile; then do the least it takes, bare."""
    number = sizes(100_000, quick=2_000)
    with lab.province() as province:
        registry = Edge(province.url("registry"), province.token("officer"))
        await lab.imported(registry, as_csv(*map(_organization, decade.founding())))
        workbook = _workbook(number)
        idle = await _asked(registry, asyncio.create_task(pause(sizes(5, quick=1))))
        began = perf_counter()
        importing = asyncio.create_task(lab.imported(registry, workbook))
        asked = await _asked(registry, importing)
        recorded_s = perf_counter() - began
        await _shown(province, number)
        took_s = perf_counter() - began
        read_s, appended_s = await asyncio.to_thread(_read, workbook), await _appended(province, number)
    yield Figure(
        f"{number:,} members imported from XLSX, through all five services",
        "s",
        [took_s],
        [
            Rival("openpyxl reading the workbook", "limit", [read_s]),
            Rival("as many facts appended, nothing asked", "limit", [appended_s]),
        ],
        goal=120.0,
        at_most=True,
        note=f"into {decade.ORGANIZATIONS:,} organizations; recorded after {recorded_s:.0f} s, then shown",
    )
    yield Figure(
        "a question to the registry during that import, p99",
        "ms",
        [asked.percentile_ms(0.99)],
        [Rival("before it", "same", [idle.percentile_ms(0.99)])],
        note=f"{len(asked.took_s):,} asked; p50 {asked.percentile_ms(0.5):.1f} ms, "
        f"the slowest {asked.percentile_ms(1):.0f} ms",
    )


def _organization(told: tuple[date, Any]) -> list[Any]:
    _, said = told
    return [said.organization, said.name, said.kind, said.parent or "", "", said.founded_on, "", "", ""]


def _workbook(number: int) -> bytes:
    """Return members of every cell in a workbook, in no order of cells."""
    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    sheet.append(MEMBERS)
    for n in range(number):
        day = decade.FIRST + timedelta(n * decade.DAYS // number)
        born = date(1960, 1, 1) + timedelta(n * decade.DAYS // number)
        decision = [f"{n % 50}-QĐ/HU", day.isoformat(), day.isoformat()]
        person = [f"Nguyễn Văn {n}", born.isoformat(), f"CSDL:{n}"]
        sheet.append([f"M-{n:06}", decade.cell(n), *decision, "FULL", *person])
    book.save(out)
    return out.getvalue()


async def _asked(registry: Edge, until: asyncio.Task[None]) -> Load:
    """Ask for an organization again and again until something else is done."""
    request, took = registry.request("GET", f"/registry/v1/organizations/{decade.PROVINCE}"), list[float]()
    async with registry.connected(1) as [client]:
        while not until.done():
            began = perf_counter()
            await client.ask(request)
            took.append(perf_counter() - began)
            await pause(ASKED_EVERY_S)
    await until
    return Load(0.0, sorted(took))


async def _shown(province: Processes, number: int) -> None:
    """Return when reporting counts every member, and no service has anything left to read."""
    edges = {name: Edge(province.url(name), province.token("operator")) for name in province.services}
    headcount = f"/reporting/v1/organizations/{decade.PROVINCE}/headcount"

    async def shown() -> bool:
        if (await edges["reporting"].ask("GET", headcount))["total"] < number:
            return False
        statuses = [await edge.ask("GET", f"/{name}/v1/status") for name, edge in edges.items()]
        return all(at_rest(status) for status in statuses)

    await lab.until(shown)


async def _appended(province: Processes, number: int) -> float:
    async with opened(new_log(province.embedded)) as store:
        began = perf_counter()
        await fill(store, number)
        return perf_counter() - began


def _read(workbook: bytes) -> float:
    began = perf_counter()
    for sheet in openpyxl.load_workbook(io.BytesIO(workbook), read_only=True).worksheets:
        for _ in sheet.iter_rows(values_only=True):
            pass
    return perf_counter() - began
