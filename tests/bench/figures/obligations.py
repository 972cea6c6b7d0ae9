"""What a province's cells owe: a month opened, closed and recomputed, and a year tried by other rules."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

from contracts.message import Event
from deploy.embedded.runtime import Embedded
from services.assessment.application import Assessment, read_packs, read_scoring_packs
from services.assessment.application.duty_packs import OtherRules, PreviewObligations
from services.assessment.domain import Period
from services.assessment.publication import publish
from services.assessment.views import Views
from services.assessment.views.owing import Owings
from services.chassis.calendar import working_days
from services.chassis.eventlog.store import Origin, create_log, create_tables
from services.chassis.probation import probation
from services.chassis.views.homes import Homes
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Tree
from tests.bench import lab
from tests.bench.figure import Figure
from tests.logs import log_of, prepared
from tests.telling import Telling, founded, issued, met, submitted

PROVINCE, COMMITTEES = "PROVINCE", 200
CELLS = 2_622
"""Bình Thuận's cells at the end of 2023 (S003)."""

CLOSED = ("2024-10", "2024-11", "2024-12")
AFTERWARDS = datetime(2025, 1, 31, 5, tzinfo=UTC)
ORIGIN = Origin("bench", "bench", "bench")


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Open three months, let two cells of three meet, close the months, ask again, and try other rules."""
    number = sizes(CELLS, quick=100)
    with lab.servers() as embedded:
        async with _province(embedded, number) as cells:
            taken: dict[str, list[float]] = {"open": [], "closed": [], "again": []}
            for month in CLOSED:
                taken["open"].append(await cells.settled(month, on=f"{month}-02"))
            await cells.meet()
            for month in CLOSED:
                taken["closed"].append(await cells.settled(month))
                taken["again"].append(await cells.settled(month))
            tried = [await cells.previewed() for _ in range(sizes.rounds)]
    for name, said in (
        ("open", "a month opened for every cell"),
        ("closed", "a month closed: what every cell owed judged and recorded"),
        ("again", "a closed month judged anew, where nothing differs"),
    ):
        yield Figure(f"{said}, {number:,} cells", "s", taken[name], goal=5.0, at_most=True)
    yield Figure(
        f"a year of {number:,} cells by other rules, beside those in force",
        "s",
        tried,
        goal=30.0,
        at_most=True,
        note="12 months; a third of the cells never met",
    )


@asynccontextmanager
async def _province(embedded: Embedded, number: int) -> "AsyncIterator[Cells]":
    address = lab.database(embedded, "assessment")
    create_log("assessment", address)
    create_tables(address)
    async with log_of("assessment", address, clock=lambda: AFTERWARDS) as store:
        tree, homes = await prepared(Tree(store.pool)), await prepared(Homes(store.pool))
        restrictions = await prepared(Restrictions(store.pool))
        views = Views.on(store.pool)
        for view, _ in views.followed:
            await prepared(view)
        owing = Owings(tree, views, homes, restrictions, probation(working_days()), caught_up=_always)
        packs = read_packs(), read_scoring_packs()
        cells = Cells(
            Assessment.on(store, tree, views.meetings, homes, *packs, owing), views, [tree, homes], number
        )
        await cells.found()
        yield cells


async def _always() -> bool:
    return True


class Cells:
    """The province's cells, and a service that hears what they do."""

    def __init__(self, assessment: Assessment, views: Views, registry: Sequence[Any], number: int) -> None:
        self.duties = assessment.duties
        self.store = assessment.cells.store
        self.views = views
        self.registry = registry
        self.codes = [f"C-{n}" for n in range(number)]
        self.telling = Telling()
        self.read_to = 0

    async def found(self) -> None:
        """Found them, and issue what they are asked."""
        await self.tell(
            [
                founded(PROVINCE, under=None, kind="PROVINCIAL_COMMITTEE"),
                *(founded(f"G-{n}", under=PROVINCE, kind="GRASSROOTS_COMMITTEE") for n in range(COMMITTEES)),
                *(founded(code, under=f"G-{n % COMMITTEES}") for n, code in enumerate(self.codes)),
                issued(PROVINCE, effective_on="2024-01-01"),
            ]
        )

    async def meet(self) -> None:
        """Let two of three meet and assess themselves, each month of the year."""
        busy = [code for n, code in enumerate(self.codes) if n % 3]
        for month in range(1, 13):
            await self.tell([met(code, f"2024-{month:02}-20") for code in busy])
            await self.tell([submitted(code, f"2024-{month:02}") for code in busy])

    async def settled(self, month: str, *, on: str | None = None) -> float:
        """Return how long it takes until what all cells owe in a month, as of a day, is recorded."""
        day = date.fromisoformat(on) if on else AFTERWARDS.date()
        self.store.clock = lambda: datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
        began = perf_counter()
        await self.duties.settle(None, [Period(month)], ORIGIN)
        took_s = perf_counter() - began
        while recorded := await self.store.read(self.read_to, 5_000):
            self.read_to = recorded[-1].position
            await self.tell([event for one in recorded if (event := publish(one.fact))])
        return took_s

    async def previewed(self) -> float:
        """Return how long it takes to show a year by rules that ask for two meetings a month."""
        asked = PreviewObligations(
            organization=PROVINCE, year="2024", rules=OtherRules(meetings_per_month_min=2)
        )
        began = perf_counter()
        shown = await self.duties.preview(asked)
        took_s = perf_counter() - began
        assert shown.cells
        return took_s

    async def tell(self, events: Sequence[Event]) -> None:
        """Tell every view that follows them."""
        by_source: dict[str, list[Any]] = {}
        for event in events:
            by_source.setdefault(event.type.partition(".")[0], []).append(self.telling(event))
        for source, told in by_source.items():
            for view in self.registry if source == "registry" else ():
                await view.apply(told)
            for view, sources in self.views.followed:
                if source in sources:
                    await view.apply(told)
