"""How fast districts' events go in, counted in receipts: `python -m tests.bench.intake`.

A real NATS and PostgreSQL, the registry as a process, and each district as one more process, as far
away as the machine allows. A receipt is counted when its district has it: its event is in PostgreSQL.
"""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import anyio
import nats
import psutil

from deploy.embedded.process import end, until
from deploy.embedded.runtime import Embedded
from deploy.embedded.supervisor import ServiceProcess

DISTRICTS = ("THAN-UYEN", "TAM-KY")
EVENTS = 15_000
CELLS = 500
WINDOW = 1_000
"""Publishes in flight."""


def event(district: str, name: str, number: int, data: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{name}-{number}-{uuid4()}",
            "source": f"urn:bench:{district}",
            "type": f"registry.{name}.v1",
            "datacontenttype": "application/json",
            "data": data,
        }
    ).encode()


def founding(district: str, cell: int) -> bytes:
    data = {
        "organization": f"{district}-{cell:03}" if cell else district,
        "name": f"Chi bộ {cell}",
        "kind": "GRASSROOTS_CELL" if cell else "PROVINCIAL_COMMITTEE",
        "parent": district if cell else None,
        "founded_on": "2020-01-01",
    }
    return event(district, "OrganizationFounded", cell, data)


def admission(district: str, number: int, cells: int) -> bytes:
    data = {
        "organization": f"{district}-{1 + number % cells:03}",
        "member": f"{district[:3]}-{uuid4().hex[:20].upper()}",
        "decision": {"number": "12-QĐ/HU", "date": "2024-11-01"},
        "ceremony_on": "2024-11-05",
        "standing": "PROBATIONARY",
    }
    return event(district, "MemberAdmitted", number, data)


class System:
    """One district's system: it publishes in windows and counts its receipts."""

    def __init__(self, url: str, district: str) -> None:
        self.url = url
        self.district = district
        self.outcomes: dict[str, int] = {}
        self.waited_s: list[float] = []
        self._sent_at: dict[str, float] = {}
        self._left = 0
        self._all = asyncio.Event()

    async def __aenter__(self) -> "System":
        self.bus = await nats.connect(self.url, inbox_prefix=f"_INBOX_{self.district}".encode())
        self.stream = self.bus.jetstream(publish_async_max_pending=WINDOW)
        await self.bus.subscribe(f"receipts.{self.district}.>", cb=self._hear, pending_msgs_limit=10**6)
        await self.bus.flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bus.close()

    async def tell(self, name: str, bodies: list[bytes], every_s: float = 0.0) -> float:
        """Publish `bodies`. Return how long it took until the last receipt was here."""
        self._left += len(bodies)
        self._all.clear()
        began = perf_counter()
        for n, body in enumerate(bodies):
            if every_s:
                with anyio.move_on_after(began + n * every_s - perf_counter()):
                    await anyio.Event().wait()
                self._sent_at[json.loads(body)["id"]] = perf_counter()
            await self.stream.publish_async(f"intake.{self.district}.{name}", body)
        async with asyncio.timeout(120):
            await self._all.wait()
        return perf_counter() - began

    async def _hear(self, message: Any) -> None:
        receipt = json.loads(message.data)
        self.outcomes[receipt["outcome"]] = self.outcomes.get(receipt["outcome"], 0) + 1
        if sent_at := self._sent_at.get(receipt["id"]):
            self.waited_s.append(perf_counter() - sent_at)
        self._left -= 1
        if not self._left:
            self._all.set()


def flood(url: str, district: str, events: int, cells: int) -> tuple[float, dict[str, int]]:
    """Found a district and its cells, then admit `events` members. Return the seconds, and outcomes."""

    async def run() -> tuple[float, dict[str, int]]:
        async with System(url, district) as system:
            await system.tell("OrganizationFounded", [founding(district, cell) for cell in range(cells + 1)])
            system.outcomes.clear()
            took = await system.tell("MemberAdmitted", [admission(district, n, cells) for n in range(events)])
            return took, system.outcomes

    return asyncio.run(run())


def trickle(url: str, district: str, events: int, every_s: float) -> list[float]:
    """Found a district and a cell, then admit a member every so often. Return how long each receipt took."""

    async def run() -> list[float]:
        async with System(url, district) as system:
            await system.tell("OrganizationFounded", [founding(district, cell) for cell in (0, 1)])
            await system.tell("MemberAdmitted", [admission(district, n, 1) for n in range(events)], every_s)
            return sorted(system.waited_s)

    return asyncio.run(run())


@contextmanager
def registry(command: tuple[str, ...] = ()) -> Iterator[tuple[Embedded, ServiceProcess]]:
    """Run the registry alone, as a process, on servers of its own."""
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder), districts=DISTRICTS) as servers:
        service = ServiceProcess(
            "registry",
            servers.environment("registry"),
            servers.ports.registry,
            servers.log("registry"),
            command,
        )
        service.start()
        assert until(lambda: not service.waits_for(), within_s=60), "the registry does not start"
        try:
            yield servers, service
        finally:
            assert service.process is not None
            service.process.terminate()
            end(service.process)


class Busy:
    """The processor time that the registry, NATS and PostgreSQL take while the body runs."""

    def __init__(self, servers: Embedded, service: ServiceProcess) -> None:
        assert service.process is not None
        postgres = (servers.data / "postgres" / "postmaster.pid").read_text().split()[0]
        nats_process = servers.nats.process
        assert nats_process is not None
        self.roots = {"registry": service.process.pid, "nats": nats_process.pid, "postgres": int(postgres)}

    def now(self) -> dict[str, float]:
        """Return the seconds so far, with those of children that still run."""
        return {name: _seconds(psutil.Process(pid)) for name, pid in self.roots.items()}


def _seconds(process: psutil.Process) -> float:
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def main() -> None:
    first, other = DISTRICTS
    with registry() as (servers, service), ProcessPoolExecutor(2, get_context("spawn")) as systems:
        url, busy = servers.nats_url, Busy(servers, service)
        for events, cells in ((EVENTS, CELLS), (EVENTS // 10, 1)):
            before = busy.now()
            took, outcomes = systems.submit(flood, url(first), first, events, cells).result()
            spent = {name: (now - before[name]) / events * 1e6 for name, now in busy.now().items()}
            print(f"{events / took:,.0f} events/s in {cells} cells ({took:.1f} s, {outcomes});", end=" ")
            print("µs per event: " + ", ".join(f"{name} {each:.0f}" for name, each in spent.items()))
        flooding: Future[Any] = systems.submit(flood, url(first), first, EVENTS, CELLS)
        waited = systems.submit(trickle, url(other), other, 50, 0.1).result()
        flooding.result()
        print(f"another's: p50 {waited[25] * 1000:.0f} ms, p99 {waited[-1] * 1000:.0f} ms beside a flood")


if __name__ == "__main__":
    main()
