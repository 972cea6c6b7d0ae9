"""Speed and memory of the whole, each figure beside its limit measured in the same run: `make bench`.

Everything runs as `make run` runs it, on a data folder of its own that is removed at the end. The
clients run on the same cores as the services: trust ratios, and compare absolutes only on one machine.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from deploy.sample import events
from services.chassis.store import create_tables, open_pool
from services.chassis.writer import Pool
from services.reporting.ledger import Ledger
from tests.bench.http import Connection, post_all
from tests.system.conftest import Ask, load_sample
from tests.system.processes import Processes

CELL = "BIEU-NGHI"
CLIENTS = (1, 16, 64)
REQUESTS = 2_000
VISIBLE = 300
EVENTS_OF_THE_CELL = 1_000
LEDGERS = (100_000, 1_000_000)
REPLAYS = 20

member = (f"BENCH-{number}" for number in count())


def admission(code: str) -> dict[str, Any]:
    return {
        "member": code,
        "organization": CELL,
        "decision": {"number": "1-QĐ/ĐU", "date": "2025-01-02"},
        "ceremony_on": "2025-02-03",
        "standing": "PROBATIONARY",
    }


def settled(province: Processes) -> None:
    async def wait() -> None:
        async with httpx.AsyncClient(timeout=30.0) as client:
            await Ask(province, client).settled()

    asyncio.run(wait())


def sample(province: Processes, table: Table) -> None:
    total = sum(1 for _ in events())
    began = perf_counter()
    asyncio.run(load_sample(province))
    took = perf_counter() - began
    table.add_row(
        "sample: published, receipted, shown", f"{total / took:,.0f} events/s", f"{took:.1f} s", "60 s"
    )


def commands(province: Processes, table: Table) -> None:
    base, token = province.url("registry"), province.token("officer")
    for clients in CLIENTS:
        requests = REQUESTS if clients > 1 else REQUESTS // 4
        bodies = [admission(next(member)) for _ in range(requests)]
        path = "/registry/v1/members"
        limit = asyncio.run(
            post_all(
                base,
                token,
                f"{path}?validate_only=true",
                bodies.__getitem__,
                clients=clients,
                requests=requests,
            )
        )
        done = asyncio.run(
            post_all(base, token, path, bodies.__getitem__, clients=clients, requests=requests)
        )
        table.add_row(
            f"commands, {clients} clients",
            f"{done.per_s:,.0f}/s",
            f"p50 {done.percentile_ms(0.5):.1f} ms, p99 {done.percentile_ms(0.99):.1f} ms",
            f"{limit.per_s:,.0f}/s validated only ({done.per_s / limit.per_s:.0%})",
        )


def visible(province: Processes, table: Table) -> None:
    async def measure() -> list[float]:
        took = []
        officer, reader = province.token("officer"), province.token("auditor")
        async with (
            Connection(province.url("registry"), officer) as registry,
            Connection(province.url("reporting"), reader) as reporting,
        ):
            for _ in range(VISIBLE):
                status, answer = await registry.ask("POST", "/registry/v1/members", admission(next(member)))
                assert status == 201, answer
                accepted = perf_counter()
                after = f"after=registry:{json.loads(answer)['position']}"
                path = f"/reporting/v1/organizations/{CELL}/headcount?{after}"
                status, answer = await reporting.ask("GET", path)
                assert status == 200, answer
                took.append(perf_counter() - accepted)
        return sorted(took)

    took = asyncio.run(measure())
    p50, p99 = 1000 * took[len(took) // 2], 1000 * took[int(0.99 * len(took))]
    table.add_row("accepted → shown by reporting", f"p50 {p50:.1f} ms", f"p99 {p99:.1f} ms", "")


def rebuild(province: Processes, table: Table) -> None:
    async def measure() -> tuple[int, float]:
        async with httpx.AsyncClient(timeout=30.0) as client:
            ask = Ask(province, client)
            began = perf_counter()
            await ask.json("reporting", "/views/headcount/rebuild", role="operator", method="POST")
            done = await ask.until(
                "reporting", "/views/headcount/rebuild", lambda body: body["state"] == "DONE", within_s=120.0
            )
            return done["done"], perf_counter() - began

    settled(province)
    total, took = asyncio.run(measure())
    began = perf_counter()
    with psycopg.connect(province.database_url("reporting")) as connection:
        position = scanned = 0
        while rows := connection.execute(
            "SELECT position, message FROM ledger.entry WHERE position > %s ORDER BY position LIMIT 2000",
            (position,),
            binary=True,
        ).fetchall():
            position, scanned = rows[-1][0], scanned + len(rows)
    scan = scanned / (perf_counter() - began)
    table.add_row(
        "rebuild of headcount",
        f"{total / took:,.0f} events/s",
        f"{took:.1f} s",
        f"{scan:,.0f}/s bare scan ({total / took / scan:.0%})",
    )


def replay(province: Processes, table: Table) -> None:
    """One cell with 1,000 events among many, in a ledger of its own beside the province's."""
    for entries in LEDGERS:
        with scratch(province, f"bench_{entries}") as address:
            took = asyncio.run(read_cell(address, entries))
            table.add_row(
                f"replay of {EVENTS_OF_THE_CELL:,} events among {entries:,}",
                f"{1 / took:,.0f}/s",
                f"{1000 * took:.1f} ms",
                "",
            )


async def read_cell(address: str, entries: int) -> float:
    async with ledger_of(address) as (ledger, pool):
        async with pool.connection() as connection:
            await connection.execute(
                """
                INSERT INTO ledger.entry
                SELECT n, 'registry', n, n - 1, 'member-' || n || '.1', 'registry.MemberAdmitted.v1',
                    CASE WHEN n %% %(every)s = 0 THEN 'CELL' ELSE 'C-' || n %% 5000 END, now(), now(),
                    convert_to(jsonb_build_object('specversion', '1.0', 'id', 'member-' || n || '.1',
                        'source', 'registry', 'type', 'registry.MemberAdmitted.v1', 'subject', 'member-' || n,
                        'time', '2024-02-03T00:00:00Z', 'recordedtime', '2024-02-03T00:00:00Z', 'sequence', n,
                        'previous', n - 1, 'correlationid', 'c', 'causationid', 'c', 'actor', 'a',
                        'organization', 'CELL', 'data', jsonb_build_object('organization', 'CELL', 'member',
                        'M-' || n, 'decision', jsonb_build_object('number', '1', 'date', '2024-01-02'),
                        'ceremony_on', '2024-02-03', 'standing', 'FULL'))::text, 'UTF8')
                FROM generate_series(1, %(entries)s) AS n
                """,
                {"every": entries // EVENTS_OF_THE_CELL, "entries": entries},
            )
            await connection.execute("ANALYZE ledger.entry")
        assert EVENTS_OF_THE_CELL == len(await ledger.about("CELL"))
        began = perf_counter()
        for _ in range(REPLAYS):
            for recorded in await ledger.about("CELL"):
                assert recorded.event is not None
        return (perf_counter() - began) / REPLAYS


@asynccontextmanager
async def ledger_of(address: str) -> AsyncIterator[tuple[Ledger, Pool]]:
    create_tables(address)
    async with open_pool("reporting", address) as pool:
        ledger = Ledger(pool)
        await ledger.prepare()
        yield ledger, pool


class scratch:  # noqa: N801 - reads as the function it is
    """A database that is gone afterwards."""

    def __init__(self, province: Processes, name: str) -> None:
        self.owner = province.embedded.database_url("postgres")
        self.address = province.embedded.database_url("reporting", name)
        self.name = name

    def __enter__(self) -> str:
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {self.name} OWNER reporting")
        return self.address

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)")


def memory(province: Processes, table: Table, when: str) -> None:
    for name, service in province.services.items():
        assert service.process is not None
        resident = psutil.Process(service.process.pid).memory_info().rss / 2**20
        table.add_row(f"memory of {name}, {when}", f"{resident:.0f} MiB", "", "150 MiB idle")


def measures() -> Iterator[Table]:
    table = Table("what", "figure", "", "limit", title="fourgood, on this machine")
    with tempfile.TemporaryDirectory(prefix="fourgood-bench-") as folder:
        Path(folder).chmod(0o755)
        with Processes(Path(folder) / "data") as province:
            memory(province, table, "idle")
            for measure in (sample, commands, visible, rebuild, replay):
                measure(province, table)
                yield table
            memory(province, table, "afterwards")
    yield table


if __name__ == "__main__":
    console = Console()
    for shown in measures():
        console.print(f"[dim]{shown.row_count} figures[/dim]")
    console.print(shown)
