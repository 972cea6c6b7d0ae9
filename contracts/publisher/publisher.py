"""Sends what an outbox holds when the line is there, until the province has answered all of it."""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from contracts.credentials import Credentials
from contracts.publisher.closing import close_period
from contracts.publisher.flight import UNDERWAY_S, Flight
from contracts.publisher.line import Broken, Line
from contracts.publisher.outbox import Outbox, Ranges
from contracts.publisher.tables import Stored
from contracts.receipt import Receipt
from contracts.received import Asked, Stream, Wanted

WINDOW = 256
WINDOW_BYTES = 64 * 1024
"""What is sent before its arrival is awaited: 2 s of a line of 256 kbit/s."""

IN_FLIGHT_MAX = 1_024
"""Events sent and not answered: so many at most come twice after a line broke."""

LOOK_EVERY_S = 1.0
"""How often the file is looked at for what other programs stored, and for what waits too long."""

GATHER_S = 0.02
"""How long receipts are gathered before they are written: a disk takes some milliseconds each time."""

ASK_EVERY_S = 60.0
PAUSE_S, PAUSE_S_MAX = 1.0, 60.0
"""Between two attempts to connect: twice as long each time, and for no two districts the same."""


class OtherSends(Exception):
    """Another program sends what is in this file; one is enough."""


@dataclass
class Standing:
    """How it stands now, for people."""

    connected: bool = False
    said: str = "not connected yet"
    """Why not, or where."""
    silent: tuple[str, ...] = ()
    """Owners that did not answer when they were last asked what has arrived."""
    lacking: tuple[tuple[str, str, tuple[int, int]], ...] = ()
    """What the province misses and this file has not: source, owner, first and last number."""


class Publisher:
    """`async with Publisher(credentials, "events.db") as publisher` sends while the body runs."""

    def __init__(
        self,
        credentials: Credentials | Path | str,
        outbox: Outbox | Path | str,
        *,
        told: Callable[[Receipt], None] = lambda receipt: None,
    ) -> None:
        if not isinstance(credentials, Credentials):
            credentials = Credentials.model_validate_json(Path(credentials).read_bytes())
        self.credentials = credentials
        source = f"urn:fourgood:{credentials.district.lower()}"
        self.outbox = outbox if isinstance(outbox, Outbox) else Outbox(outbox, source=source)
        self.told = told
        self.standing = Standing()
        self._stirred = asyncio.Event()
        self._settled = asyncio.Event()
        self._receipts: list[Receipt] = []
        self._wants: list[tuple[float, Wanted]] = []
        """When each was heard, and what is wanted."""
        self._flight = Flight()
        self._news: tuple[set[int], set[int]] = set(), set()
        """Positions answered since the last question, and between it and the one before."""
        self._task: asyncio.Task[None] | None = None
        self._sole: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        """Begin to send. Raises OtherSends."""
        self._sole = _alone(self.outbox.file)
        self._task = asyncio.create_task(self.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop; what is unconfirmed stays in the file. Raises what ended the sending, if it had ended."""
        assert self._task
        assert self._sole
        self._task.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await self._task
        finally:
            self._settle()
            self._sole.close()

    # -- For whoever embeds it

    def add(self, type: str, data: dict[str, Any], **attributes: str | None) -> Stored:
        """Number and store one event: see `Outbox.add`. It is sent when the line is there."""
        stored = self.outbox.add(type, data, **attributes)
        self._stirred.set()
        return stored

    def close_period(self, period: str) -> Stored:
        """Close a month, `2024-11`: see `closing.close_period`."""
        stored = close_period(self.outbox, self.credentials, period)
        self._stirred.set()
        return stored

    async def confirmed(self) -> None:
        """Return when the province has answered everything. Raises what ended the sending."""
        assert self._task
        while self.outbox.unconfirmed():
            self._settled.clear()
            heard = asyncio.create_task(self._settled.wait())
            await asyncio.wait({heard, self._task}, return_when=asyncio.FIRST_COMPLETED)
            heard.cancel()
            if self._task.done():
                self._task.result()

    # -- One line after the other

    async def run(self) -> None:
        """Send for ever: connect, talk until the line breaks, pause, connect again."""
        attempt, pause_s = 0, PAUSE_S
        while True:
            servers = self.credentials.nats
            server = servers[attempt % len(servers)]
            try:
                async with Line(self.credentials, server, heard=self._heard, wanted=self._wanted) as line:
                    self.standing = Standing(connected=True, said=server)
                    pause_s = PAUSE_S
                    await self._talk(line)
            except* Broken as broken:
                self.standing = Standing(said=str(broken.exceptions[0]), lacking=self.standing.lacking)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads, hides nothing
            attempt, pause_s = attempt + 1, min(2 * pause_s, PAUSE_S_MAX)

    async def _talk(self, line: Line) -> None:
        """Send, hear and ask on one line until it breaks. Raises Broken."""
        self._flight.begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.ended())
            tasks.create_task(self._asking(line))
            tasks.create_task(self._sending(line))

    async def _sending(self, line: Line) -> None:
        """Send window after window, each when the one before is in the province's stream."""
        time_s = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(GATHER_S if self._receipts else 0)
            self._settle()
            self._send_wanted(now_s=time_s())
            self._flight.again(self._flight.overdue(now_s=time_s()))
            if new := self.outbox.unoffered():
                await self._ask(line, new)
            room = min(WINDOW, IN_FLIGHT_MAX - len(self._flight))
            events = self.outbox.due(
                after=self._flight.cursor, but=self._flight.positions, limit=room, bytes_max=WINDOW_BYTES
            )
            if not events:
                await self._stir()
                continue
            self.outbox.offer()
            self._flight.sent([event.position for event in events], at_s=time_s())
            await line.send([(event.type, event.body) for event in events])

    async def _stir(self) -> None:
        """Wait until something was stored, heard or wanted here, or it is time to look for it elsewhere."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):  # wait_for may pass over that we are to stop
                await self._stirred.wait()
        self._stirred.clear()

    # -- Hearing

    def _heard(self, receipt: Receipt) -> None:
        self._receipts.append(receipt)
        self._stirred.set()

    def _wanted(self, wanted: Wanted) -> None:
        self._wants.append((asyncio.get_running_loop().time(), wanted))
        self._stirred.set()

    def _settle(self) -> None:
        """Keep what was heard; then it is no longer on its way."""
        if not self._receipts:
            return
        receipts, self._receipts = self._receipts, []
        known = self.outbox.settle(receipts)
        self._flight.answered(known)
        self._news[1].update(known)
        for receipt in receipts:
            self.told(receipt)
        self._settled.set()

    # -- What has arrived

    async def _asking(self, line: Line) -> None:
        """Ask what has arrived, on connecting and each minute, and say how much there is to arrive."""
        while True:
            streams = [*self.outbox.last_offered(), *self.outbox.unoffered()]
            self._news = self._news[1], set()
            silent = await self._ask(line, streams)
            self.standing = replace(self.standing, silent=tuple(sorted(silent)))
            await asyncio.sleep(ASK_EVERY_S)

    async def _ask(self, line: Line, streams: Collection[tuple[str, str]]) -> set[str]:
        """Ask of some streams, and send again what is missing. Return the owners that did not answer."""
        last = self.outbox.last_offered()
        questions = [Asked(source=source, last=last.get((source, service))) for source, service in streams]
        answers = await asyncio.gather(
            *(line.ask(service, asked) for (_, service), asked in zip(streams, questions, strict=True))
        )
        for (source, service), answer in zip(streams, answers, strict=True):
            for stream in answer.streams if answer else ():
                if stream.source == source:
                    self._compare(service, stream)
        return {service for (_, service), answer in zip(streams, answers, strict=True) if answer is None}

    def _compare(self, service: str, stream: Stream) -> None:
        """Send again what the province once had and now misses; note what only another file can have."""
        self.outbox.begin_after(stream.source, service, stream.last)
        self._send_again(stream.source, service, stream.missing, but=set(self._flight.positions))
        others = [each for each in self.standing.lacking if each[:2] != (stream.source, service)]
        lacking = [
            (stream.source, service, (first, last))
            for first, last in stream.missing
            if self.outbox.count(stream.source, service, first, last) <= last - first
        ]
        self.standing = replace(self.standing, lacking=(*others, *lacking))

    def _send_wanted(self, *, now_s: float) -> None:
        """Send again what an owner asked for, once what was on its way then has arrived."""
        due = [wanted for heard_s, wanted in self._wants if now_s - heard_s > UNDERWAY_S]
        del self._wants[: len(due)]
        fresh = self._flight.fresh(now_s=now_s) if due else set()
        for wanted in due:
            self._send_again(wanted.source, wanted.service, wanted.missing, but=fresh)

    def _send_again(self, source: str, service: str, missing: Ranges, *, but: set[int]) -> None:
        """Send again what is missing, except for what was answered while that was said."""
        self._flight.again(self.outbox.reopen(source, service, missing, but=but.union(*self._news)))


def _alone(outbox: Path) -> sqlite3.Connection:
    """Return a lock that ends with this process, however it ends. Raises OtherSends."""
    lock = sqlite3.connect(f"{outbox}.sender", timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        raise OtherSends(f"another program sends what is in {outbox}") from None
    return lock
