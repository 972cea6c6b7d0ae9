"""The end of a month: every cell of a province submits its self-assessment, and none is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

from services.assessment.application import read_packs
from tests.bench import lab
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.http import Edge, Load
from tests.registry.files import as_csv
from tests.system.conftest import at_rest
from tests.system.processes import Processes

CELLS = 2_622
"""As many as Bình Thuận has (S003)."""

COMMITTEES = 239
PEAK = 200
"""Cells that submit within one minute."""

HOUR_IN_S = 60.0
"""An hour's submissions are sent within a minute."""

FRAMEWORK = {"number": "05-HD/BTCTU", "date": "2023-12-19"}
PACK = "four-good-cell-sample-2"
SELF_ASSESSMENTS, MEETINGS = "/assessment/v1/self-assessments", "/assessment/v1/meetings"


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Let every cell hold its meeting, then submit: an hour's, then the fullest minute's, each its month."""
    cells, peak = sizes(CELLS, quick=60), sizes(PEAK, quick=20)
    with lab.province() as province:
        end = MonthEnd(province, cells)
        await end.prepare()
        taken = await in_turn(
            sizes.rounds,
            hour=lambda: end.submitted(cells, within_s=sizes(int(HOUR_IN_S), quick=2)),
            minute=lambda: end.submitted(peak, within_s=sizes(60, quick=2)),
            second=lambda: end.submitted(peak, within_s=1),
        )
        lost = await end.lost()
    assert not lost, f"{lost} self-assessments were answered and are not shown"
    hour, minute = f"month end: {cells:,} cells in an hour", f"month end: {peak} cells in a minute"
    yield _figure(f"{hour}, sent within a minute, p50", taken["hour"], taken["second"])
    yield _figure(f"{minute}, p50", taken["minute"], taken["second"])


def _figure(name: str, loads: list[Load], at_once: list[Load]) -> Figure:
    slowest = max(load.percentile_ms(0.99) for load in loads)
    return Figure(
        name,
        "ms",
        [load.percentile_ms(0.5) for load in loads],
        [
            Rival(
                f"{len(at_once[0].took_s)} within a second",
                "same",
                [one.percentile_ms(0.5) for one in at_once],
            )
        ],
        goal=10.0,
        at_most=True,
        note=f"{len(loads[0].took_s):,} each round, p99 {slowest:.0f} ms; every one is shown by reporting",
    )


class MonthEnd:
    """A province whose cells submit month after month, each month's meetings held before."""

    def __init__(self, province: Processes, cells: int) -> None:
        self.province = province
        self.cells = [f"C-{n:04}" for n in range(cells)]
        self.edge = Edge(province.url("assessment"), province.token("officer"))
        self.sent = 0
        self._months = (date(2024 + n // 12, n % 12 + 1, 1) for n in count())

    async def prepare(self) -> None:
        """Found everybody, and issue what cells assess themselves by."""
        registry = Edge(self.province.url("registry"), self.edge.token)
        await lab.imported(registry, as_csv(*self._organizations()))
        framework = {
            "organization": lab.PROVINCE,
            "framework": FRAMEWORK,
            "title": "Chi bộ bốn tốt",
            "period": "MONTH",
            "effective_on": "2024-01-01",
            "pack": PACK,
        }
        await self._settled()
        await self.edge.ask("POST", "/assessment/v1/frameworks", framework)

    def _organizations(self) -> Iterator[list[str]]:
        rest = ["", "2000-01-01", "", "", ""]
        yield [lab.PROVINCE, "Đảng bộ tỉnh", "PROVINCIAL_COMMITTEE", "", *rest]
        yield ["D-1", "Đảng bộ huyện", "DISTRICT_COMMITTEE", lab.PROVINCE, *rest]
        for n in range(COMMITTEES):
            yield [f"G-{n}", f"Đảng bộ {n}", "GRASSROOTS_COMMITTEE", "D-1", *rest]
        for n, code in enumerate(self.cells):
            yield [code, f"Chi bộ {n}", "SUBORDINATE_CELL", f"G-{n % COMMITTEES}", *rest]

    async def submitted(self, number: int, *, within_s: float) -> Load:
        """Let so many cells submit for the next month at a steady pace."""
        month = next(self._months)
        cells = self.cells[:number]
        held = [self.edge.request("POST", MEETINGS, _held(cell, month)) for cell in cells]
        await self.edge.as_fast_as_possible(held, clients=16)
        await self._settled()
        results = list(_answers(month))
        said = [_submission(cell, month, results) for cell in cells]
        requests = [self.edge.request("POST", SELF_ASSESSMENTS, one) for one in said]
        load = await self.edge.at_pace(
            requests, number / within_s, clients=min(32, 4 + int(number / within_s))
        )
        self.sent += number
        return load

    async def lost(self) -> int:
        """Return how many that were answered reporting does not show once it has read everything."""
        await self._settled()
        reporting = Edge(self.province.url("reporting"), self.edge.token)
        path = f"/reporting/v1/organizations/{lab.PROVINCE}/completeness?from=2024-01&to=2025-12"
        months = (await reporting.ask("GET", path))["months"]
        return self.sent - sum(one["submitted"] for one in months)

    async def _settled(self) -> None:
        """Return when no service has anything left to read."""
        token = self.province.token("operator")
        edges = {name: Edge(self.province.url(name), token) for name in self.province.services}

        async def rests() -> bool:
            asked = [edge.ask("GET", f"/{name}/v1/status") for name, edge in edges.items()]
            return all(at_rest(status) for status in await asyncio.gather(*asked))

        await lab.until(rests)


def _held(cell: str, month: date) -> dict[str, Any]:
    return {
        "meeting": f"{cell}-{month:%Y-%m}",
        "organization": cell,
        "kind": "REGULAR",
        "held_at": f"{month + timedelta(days=2)}T14:00:00+07:00",
        "duration_min": 95,
        "topic": "Sinh hoạt thường kỳ",
        "summoned": {"full": 20, "probationary": 2},
        "present": 21,
        "excused": 1,
        "unexcused": 0,
        "discusses_solutions": True,
    }


def _submission(cell: str, month: date, results: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "organization": cell,
        "period": f"{month:%Y-%m}",
        "framework": FRAMEWORK,
        "results": results,
        "submitted_on": f"{month + timedelta(days=27)}",
    }


def _answers(month: date) -> Iterator[dict[str, Any]]:
    """Yield an answer to all that the pack asks in a month; what was measured is left to be filled in."""
    quarterly = () if month.month % 3 else ("QUARTER",)
    for criterion in (one for good in read_packs()[PACK].goods for one in good.criteria):
        if criterion.period in ("MONTH", *quarterly):
            said = {"achieved": True} if criterion.kind == "ACHIEVED" else {"value": "100"}
            yield {"criterion": criterion.criterion} | ({} if criterion.measured_by else said)
