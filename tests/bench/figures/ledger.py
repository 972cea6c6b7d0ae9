"""What is read from ledgers of 10^5, 10^6 and 10^7 events: one cell's replay, and a view's rebuild."""

import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import date
from time import perf_counter
from typing import Any

import psycopg
from eventsourcing.application import Application

from deploy.embedded.runtime import Embedded
from services.chassis.views.rebuild import Rebuilder
from services.chassis.views.tree import Tree
from services.reporting.feed import LedgerFeed
from services.reporting.ledger import Ledger
from services.reporting.replay import Replay
from services.reporting.views import Headcount
from tests.bench import lab, library
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.ledgers import CELL, EVENTS_OF_THE_CELL, filled

PAGE = 5_000
REPLAYS = 20


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Measure the replay in each ledger, the rebuild in the middle one, and its memory in the largest."""
    entries = [sizes(100_000, quick=2_000), sizes(1_000_000, quick=10_000), sizes(10_000_000, quick=20_000)]
    with lab.servers() as embedded:
        async with AsyncExitStack() as stack:
            places = [lab.database(embedded, "reporting") for _ in entries]
            ledgers = [
                await stack.enter_async_context(filled(*each)) for each in zip(places, entries, strict=True)
            ]
            plain = Plain(embedded, sizes(4_000, quick=300))
            yield await _replays(sizes, entries, ledgers, plain)
            yield await _rebuild(sizes, entries[1], ledgers[1], places[1], plain)
            per_s = await rebuilt(ledgers[2])
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Figure(
            f"resident memory of a rebuild of {entries[2]:,} events",
            "MiB",
            [peak_mib],
            goal=512.0,
            at_most=True,
            note=f"at its highest, the whole process; {per_s:,.0f} events/s",
        )


async def _replays(
    sizes: lab.Sizes, entries: Sequence[int], ledgers: Sequence[Ledger], plain: "Plain"
) -> Figure:
    [small, middle, large] = [f"{number:,}" for number in entries]
    taken = await in_turn(
        sizes.rounds,
        small=lambda: replayed_ms(ledgers[0]),
        middle=lambda: replayed_ms(ledgers[1]),
        large=lambda: replayed_ms(ledgers[2]),
        library=plain.load_ms,
    )
    return Figure(
        f"replay of a cell of {EVENTS_OF_THE_CELL:,} events among {large}",
        "ms",
        taken["large"],
        [
            Rival(f"among {small}", "same", taken["small"], 1.2),
            Rival(f"among {middle}", "same", taken["middle"]),
            Rival(f"repository.get() of {EVENTS_OF_THE_CELL:,} events", "library", taken["library"]),
        ],
        goal=20.0,
        at_most=True,
    )


async def _rebuild(sizes: lab.Sizes, entries: int, ledger: Ledger, address: str, plain: "Plain") -> Figure:
    async def scan() -> float:
        return scanned(address)

    taken = await in_turn(sizes.rounds, ours=lambda: rebuilt(ledger), scan=scan, library=plain.project)
    return Figure(
        f"rebuild of headcount from {entries:,} events",
        "/s",
        taken["ours"],
        [
            Rival("bare scan by keyset pages", "limit", taken["scan"], 0.5),
            Rival("projection runner", "library", taken["library"], 100.0),
        ],
    )


async def replayed_ms(ledger: Ledger) -> float:
    """Return how long the state of the cell takes, folded from all its events."""
    tree = Tree(ledger.pool)
    await tree.prepare()
    headcount = Headcount(ledger.pool)
    await headcount.prepare()
    replay, on = Replay(ledger, tree, headcount), date(2026, 1, 1)
    began = perf_counter()
    for _ in range(REPLAYS):
        assert EVENTS_OF_THE_CELL == (await replay.state(CELL, on)).members.total
    return 1000 * (perf_counter() - began) / REPLAYS


async def rebuilt(ledger: Ledger) -> float:
    """Return how many events per second a rebuild folds, from its start until it has switched."""
    view, rebuilder = Headcount(ledger.pool), Rebuilder()
    rebuilder.add(view, LedgerFeed(ledger))
    await rebuilder.prepare()
    began = perf_counter()
    rebuilder.start(view.name)

    async def over() -> bool:
        return rebuilder.look_up(view.name).state != "RUNNING"

    await lab.until(over)
    standing = rebuilder.look_up(view.name)
    assert standing.state == "DONE", standing
    assert await ledger.head() == (await view.positions())["registry"]
    return standing.done / (perf_counter() - began)


def scanned(address: str) -> float:
    """Return how many entries per second are read, with nothing done to them."""
    position = number = 0
    began = perf_counter()
    with psycopg.connect(address) as connection:
        while rows := connection.execute(
            "SELECT position, source, sequence, type, message FROM ledger.entry"
            " WHERE position > %s ORDER BY position LIMIT %s",
            (position, PAGE),
            binary=True,
        ).fetchall():
            position, number = rows[-1][0], number + len(rows)
    return number / (perf_counter() - began)


class Plain:
    """The same by the library: a projection of many events, and an aggregate of 1,000."""

    def __init__(self, embedded: Embedded, events: int) -> None:
        self.embedded, self.events = embedded, events

    async def project(self) -> float:
        """Return how many events per second its projection runner folds."""
        return library.projected(lab.database(self.embedded), self.events)

    async def load_ms(self) -> float:
        """Return how long an aggregate of 1,000 events takes to load."""
        with Application[Any](env=library.environment(lab.database(self.embedded))) as log:
            member = library.admitted(lab.member())
            for _ in range(EVENTS_OF_THE_CELL - 1):
                member.note(lab.fields("M-1"))
            log.save(member)
            began = perf_counter()
            assert member == log.repository.get(member.id)
            return 1000 * (perf_counter() - began)
