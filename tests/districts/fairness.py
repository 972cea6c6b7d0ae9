"""How long each district waits for its receipts while another floods the province, and while none does."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from time import perf_counter

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from contracts.credentials import Credentials
from contracts.subjects import intake_subject, receipt_subject
from tests.bench.jetstream import publish_all
from tests.districts.stage import FORKS, found, let_in
from tests.districts.story import Json, admitted, met
from tests.patience import PATIENCE_S
from tests.system.conftest import Ask

FLOODS = "FLOOD"
CELLS = 20
DELAY_S_MAX = 1.0
EVERY_S = 1.0
"""How often each of the others tells something, no two at the same moment."""


@dataclass(frozen=True)
class Waits:
    """How long receipts took, in seconds from just before the event was published."""

    each: Sequence[float]

    @property
    def p99(self) -> float:
        """Return what all but one in a hundred kept within."""
        return sorted(self.each)[int(0.99 * len(self.each))]

    def __str__(self) -> str:
        middle = sorted(self.each)[len(self.each) // 2]
        return (
            f"{len(self.each)} events: half {middle:.3f} s, p99 {self.p99:.3f} s, max {max(self.each):.3f} s"
        )


@dataclass
class Other:
    """A district that tells now and then of a member and of a meeting, and times the receipts."""

    code: str
    credentials: Credentials
    waits: list[float] = field(default_factory=list)
    """Where what is told from now on is counted."""

    told: int = 0
    open: dict[str, tuple[float, list[float]]] = field(default_factory=dict)
    """What has no receipt yet: since when, and where that is counted."""

    async def talk(self, after_s: float, ending: asyncio.Event) -> None:
        """Tell something every second, until it is enough and all was answered."""
        async with AsyncExitStack() as stack:
            client = await _connected(self.credentials, stack)
            await client.subscribe(receipt_subject(self.code, ">"), cb=self._heard)
            await client.flush()
            await _within(ending, after_s)
            while not ending.is_set():
                await self._tell(client)
                await _within(ending, EVERY_S)
            await _all_answered([self])

    async def _tell(self, client: Client) -> None:
        self.told += 1
        cell = f"{self.code}-0"
        type, data = (
            admitted(self.code, self.told, cell)
            if self.told % 2
            else met(cell, str(self.told), at="2024-05-05T12:30:00Z")
        )
        self.open[str(self.told)] = perf_counter(), self.waits
        await client.publish(*_sent(self.code, str(self.told), type, data))

    async def _heard(self, message: Msg) -> None:
        receipt = json.loads(message.data)
        assert "accepted" == receipt["outcome"], receipt
        began, waits = self.open.pop(receipt["id"])
        waits.append(perf_counter() - began)


@dataclass(frozen=True)
class Round:
    """How long the others waited in quiet and during a flood, of which so many were answered in a second."""

    quiet: Waits
    flooded: Waits
    per_s: float

    @property
    def delay_s(self) -> float:
        """Return by how much the longest wait grew."""
        return max(self.flooded.each) - max(self.quiet.each)

    def __str__(self) -> str:
        return f"quiet: {self.quiet} / flooded, {self.per_s:,.0f} events/s: {self.flooded}"


async def rounds(ask: Ask, others: Sequence[str], *, quiet_s: float, flood: int, most: int) -> list[Round]:
    """Let one send `flood` events while the others go on, after so long in quiet, until that delays nobody.

    What else runs on the machine delays too, so there are several rounds at the most.
    """
    await found(ask, [*others, FLOODS])
    for code in others:
        await _cell(ask, code, 0)
    for number in range(CELLS):
        await _cell(ask, FLOODS, number)
    talking = [Other(code, await let_in(ask, code)) for code in others]
    floods = await let_in(ask, FLOODS)
    ending, done = asyncio.Event(), list[Round]()
    async with asyncio.TaskGroup() as group:
        for number, other in enumerate(talking):
            group.create_task(other.talk(EVERY_S * number / len(others), ending))
        await _within(ending, 3 * EVERY_S)  # lanes are opened for the first event of each
        while len(done) < most and (not done or done[-1].delay_s >= DELAY_S_MAX):
            quiet = _counting(talking)
            await _within(ending, quiet_s)
            flooded, began = _counting(talking), perf_counter()
            await asyncio.to_thread(
                _flood_in_a_process, floods, range(flood * len(done), flood * (len(done) + 1))
            )
            took_s = perf_counter() - began
            _counting(talking)
            await _all_answered(talking)
            done.append(Round(Waits(quiet), Waits(flooded), flood / took_s))
        ending.set()
    return done


def _counting(talking: Sequence[Other]) -> list[float]:
    """Return where the waits of what is told from now on are counted."""
    waits: list[float] = []
    for other in talking:
        other.waits = waits
    return waits


async def _all_answered(talking: Sequence[Other]) -> None:
    """Return when all that was told so far is answered."""
    open = [(other, id) for other in talking for id in other.open]
    async with asyncio.timeout(PATIENCE_S):
        while any(id in other.open for other, id in open):
            await _within(asyncio.Event(), 0.05)


def _flood_in_a_process(credentials: Credentials, numbers: range) -> None:
    """Send events as fast as NATS takes them, by another program; return when all are answered."""
    process = FORKS.Process(target=_flood, args=(credentials, numbers))
    process.start()
    process.join()
    assert 0 == process.exitcode


def _flood(credentials: Credentials, numbers: range) -> None:
    async def flood() -> None:
        left, answered = len(numbers), asyncio.Event()

        async def heard(_: Msg) -> None:
            nonlocal left
            left -= 1
            if not left:
                answered.set()

        async with AsyncExitStack() as stack:
            client = await _connected(credentials, stack)
            await client.subscribe(receipt_subject(FLOODS, ">"), cb=heard)
            events = (_sent(FLOODS, str(n), *admitted(FLOODS, n, f"{FLOODS}-{n % CELLS}")) for n in numbers)
            await publish_all(client, events)
            await answered.wait()

    asyncio.run(flood())


async def _connected(credentials: Credentials, stack: AsyncExitStack) -> Client:
    client: Client = await nats.connect(
        credentials.nats,
        user=credentials.user,
        password=credentials.password,
        inbox_prefix=credentials.inbox_prefix.encode(),
        connect_timeout=PATIENCE_S,
    )
    stack.push_async_callback(client.close)
    return client


def _sent(code: str, id: str, type: str, data: Json) -> tuple[str, bytes]:
    event = {"specversion": "1.0", "id": id, "source": f"urn:{code}", "type": type, "data": data}
    return intake_subject(code, type.split(".")[1]), json.dumps(event).encode()


async def _cell(ask: Ask, code: str, number: int) -> None:
    data = {"organization": f"{code}-{number}", "name": code, "kind": "GRASSROOTS_CELL", "parent": code}
    await ask.json("registry", "/organizations", method="POST", json=data | {"founded_on": "2000-02-03"})


async def _within(event: asyncio.Event, within_s: float) -> None:
    """Return as soon as it happens, or that time is over."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within_s)
