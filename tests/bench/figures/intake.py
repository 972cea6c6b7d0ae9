"""Bulk import: from what districts publish until all is answered, beside an intake that does nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from itertools import cycle, islice
from time import perf_counter

import psycopg
from nats.js.api import ConsumerConfig

from contracts.subjects import INTAKE, RECEIPTS, intake_subject, receipt_subject
from deploy.embedded.runtime import DISTRICTS, SERVICES
from services.chassis.streams.bus import BATCH_MAX, declare_intake
from tests.bench import lab
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.http import Edge
from tests.bench.jetstream import connected, count, publish_all
from tests.system.processes import Processes

CELLS_EACH = 20


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Measure one district alone, then all of them at once, with the registry alone and with everyone."""
    number = sizes(30_000, quick=500)
    with lab.province() as province:
        await _found(province)
        for name in SERVICES[1:]:
            province.terminate(name)
        taken = await in_turn(
            sizes.rounds,
            bare=lambda: _bare(number),
            one=lambda: _import(province, DISTRICTS[:1], number),
            eight=lambda: _import(province, DISTRICTS, number),
        )
        bare = Rival("pulled, answered, nothing stored", "limit", taken["bare"])
        for how in ("one", "eight"):
            yield Figure(
                f"bulk import, {how} district{'s' if how == 'eight' else ''}, one process",
                "/s",
                taken[how],
                [bare],
                goal=6_000.0,
                note=f"{number:,} events each round: published, stored, receipt published",
            )
        for name in SERVICES[1:]:
            province.restart(name)
        everyone = [await _import(province, DISTRICTS, number) for _ in range(sizes.rounds)]
        yield Figure("bulk import, eight districts, all five services", "/s", everyone)


async def _found(province: Processes) -> None:
    edge = Edge(province.url("registry"), province.token("officer"))
    await lab.found(edge, lab.PROVINCE)
    for district in DISTRICTS:
        await lab.found(edge, district, "DISTRICT_COMMITTEE", under=lab.PROVINCE)
        for cell in range(CELLS_EACH):
            await lab.found(edge, f"{district}-{cell}", "GRASSROOTS_CELL", under=district)


def _admissions(districts: Sequence[str], number: int) -> list[tuple[str, bytes]]:
    """Return admissions spread over the districts' cells, each where its district publishes it."""
    return [
        (intake_subject(district, "MemberAdmitted"), _admission(district, f"{district}-{n % CELLS_EACH}"))
        for n, district in enumerate(islice(cycle(districts), number))
    ]


def _admission(district: str, cell: str) -> bytes:
    code = lab.member()
    event = {
        "specversion": "1.0",
        "id": f"{code}-admitted",
        "source": f"urn:district:{district}",
        "type": "registry.MemberAdmitted.v1",
        "datacontenttype": "application/json",
        "data": lab.admission(code) | {"organization": cell},
    }
    return json.dumps(event).encode()


async def _import(province: Processes, districts: Sequence[str], number: int) -> float:
    """Return events per second from the first publish to the last receipt. All must be accepted."""
    events = _admissions(districts, number)
    accepted = _accepted(province)
    async with AsyncExitStack() as stack:
        watcher = await stack.enter_async_context(connected(province.embedded, "operator"))
        clients = [await stack.enter_async_context(connected(province.embedded, one)) for one in districts]
        before = await count(watcher, RECEIPTS)
        began = perf_counter()
        shares = [events[n :: len(clients)] for n in range(len(clients))]
        await asyncio.gather(*map(publish_all, clients, shares))

        async def answered() -> bool:
            return await count(watcher, RECEIPTS) >= before + number

        await lab.until(answered)
        per_s = number / (perf_counter() - began)
    assert number == _accepted(province) - accepted
    return per_s


def _accepted(province: Processes) -> int:
    with psycopg.connect(province.database_url("registry")) as connection:
        row = connection.execute("SELECT count(*) FROM inbox").fetchone()
        return row[0] if row else 0


async def _bare(number: int) -> float:
    """Return how fast the same events are taken and answered when nothing is checked or stored."""
    subject = receipt_subject(DISTRICTS[0], "MemberAdmitted")
    answer = subject, b'{"outcome": "accepted"}'.ljust(300)
    with lab.servers() as embedded:
        async with connected(embedded, "registry") as client, connected(embedded, DISTRICTS[0]) as district:
            await declare_intake(client.jetstream())
            config = ConsumerConfig(durable_name="bench", max_ack_pending=BATCH_MAX)
            reader = await client.jetstream().pull_subscribe("intake.>", "bench", INTAKE, config=config)
            events = _admissions(DISTRICTS[:1], number)
            began = perf_counter()
            publishing = asyncio.create_task(publish_all(district, events))
            taken = 0
            while taken < number:
                batch = await reader.fetch(BATCH_MAX)
                await publish_all(client, [answer] * len(batch))
                for message in batch:
                    await message.ack()
                taken += len(batch)
            await publishing
            return number / (perf_counter() - began)
