"""A district's month: 10,000 events stored on its disk, then sent to the province and answered."""

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from contracts.publisher import Outbox, Publisher
from deploy.cli.district import credentials_of
from deploy.embedded.runtime import DISTRICTS
from tests.bench import lab
from tests.bench.figure import Figure, Rival
from tests.bench.http import Edge

DISTRICT, CELL = DISTRICTS[0], f"{DISTRICTS[0]}-0"
SOURCE = f"urn:fourgood:{DISTRICT.lower()}"


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Store one by one, store together, and send what was stored to a province until each is answered."""
    number = sizes(10_000, quick=500)
    with tempfile.TemporaryDirectory(prefix="fourgood-bench-") as name:
        folder = Path(name)
        with Outbox(folder / "events.db", source=SOURCE) as outbox:
            began = perf_counter()
            outbox.add_all(_events(number))
            together_s = perf_counter() - began
            sent_s = await _sent(outbox, number)
        singly_s = _singly(folder, number)
        bare_s = _bare(folder, number)
    yield Figure(
        f"a district stores {number:,} events",
        "s",
        [together_s],
        [Rival("as many bare inserts in one transaction", "limit", [bare_s])],
        goal=5.0,
        at_most=True,
        note=f"one by one, each on the disk before the next, {singly_s:.1f} s",
    )
    yield Figure(
        f"a district's month: {number:,} events sent and answered",
        "s",
        [sent_s],
        goal=60.0,
        at_most=True,
        note=f"{number / sent_s:,.0f}/s; the whole province runs beside it",
    )


def _events(number: int) -> Iterator[dict[str, Any]]:
    for n in range(number):
        data = lab.admission(f"M-P{n:06}") | {"organization": CELL}
        yield {"type": "registry.MemberAdmitted.v1", "id": f"p-{n}", "data": data}


def _singly(folder: Path, number: int) -> float:
    """Return how long one by one takes, of fewer, in seconds for all."""
    few = max(1, number // 10)
    with Outbox(folder / "singly.db", source=SOURCE) as outbox:
        began = perf_counter()
        for event in _events(few):
            outbox.add(event["type"], event["data"], id=event["id"])
        return (perf_counter() - began) * number / few


def _bare(folder: Path, number: int) -> float:
    """Return how long it takes to put as many texts into a table."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, content TEXT)")
    at = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    began = perf_counter()
    db.execute("BEGIN")
    db.executemany("INSERT INTO event VALUES (?, ?)", ((n, at * 20) for n in range(number)))
    db.execute("COMMIT")
    took_s = perf_counter() - began
    db.close()
    return took_s


async def _sent(outbox: Outbox, number: int) -> float:
    """Return seconds from connecting to the last receipt. All must be accepted."""
    with lab.province() as province:
        edge = Edge(province.url("registry"), province.token("officer"))
        await lab.found(edge, lab.PROVINCE)
        await lab.found(edge, DISTRICT, "DISTRICT_COMMITTEE", under=lab.PROVINCE)
        await lab.found(edge, CELL, "GRASSROOTS_CELL", under=DISTRICT)
        credentials = credentials_of(DISTRICT, province.embedded.nats.url(DISTRICT))
        began = perf_counter()
        async with Publisher(credentials, outbox) as publisher:
            await publisher.confirmed()
        took_s = perf_counter() - began
    [stream] = outbox.streams()
    assert (0, number, 0) == (stream.unconfirmed, stream.accepted, stream.rejected), stream
    return took_s
