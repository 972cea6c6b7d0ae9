"""A district's software as a process of its own: what it is to tell, told by the publisher.

Whatever it is about to tell stands in its ledger first: that file is the word of the trial, not of the
publisher. Killed anywhere and started again it goes on: what is told twice is one event.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from contracts.credentials import Credentials
from contracts.publisher import Outbox, Publisher, clock, line, publisher
from contracts.registry_closings import PeriodClosed
from tests.districts.story import Json, Told

CHUNK = 20
AHEAD_MAX = 60
"""How far an office works ahead of what the province has answered."""

LOOK_S = 0.05

MONTH = "2024-11"

PAUSE_S, PAUSE_S_MAX = 0.02, 0.25
"""Between two attempts to connect: a second to a minute elsewhere. A day without a line is short here too."""

PING_EVERY_S = 2


@dataclass
class Plan:
    """One office: what it has, and what it is to tell before and after the gate is opened."""

    folder: str
    code: str
    credentials: Json
    founding: list[Json]
    working: list[Json]
    clock_off_h: float
    poor_line: bool
    """It is cut: the office does not wait for answers, and notices a silent line sooner."""

    @property
    def gate(self) -> Path:
        """Return what is there as soon as all offices may go about their work."""
        return Path(self.folder) / "gate"

    @property
    def outbox(self) -> Path:
        """Return where its publisher keeps what it tells."""
        return Path(self.folder) / f"{self.code}.db"

    @property
    def ledger(self) -> Path:
        """Return where it says itself what it is about to tell."""
        return Path(self.folder) / f"{self.code}.jsonl"

    @property
    def founded(self) -> Path:
        """Return what is there as soon as all it has is known to the province."""
        return Path(self.folder) / f"{self.code}.founded"

    @property
    def log(self) -> Path:
        """Return what it printed."""
        return Path(self.folder) / f"{self.code}.log"

    @property
    def source(self) -> str:
        """Return the name of its stream."""
        return f"urn:fourgood:{self.code.lower()}"


def live(plan: Plan) -> None:
    """Tell all that is to be told, until the last of it is answered."""
    with plan.log.open("a") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    publisher.PAUSE_S, publisher.PAUSE_S_MAX = PAUSE_S, PAUSE_S_MAX
    if plan.poor_line:
        line.PING_EVERY_S = PING_EVERY_S
    off = timedelta(hours=plan.clock_off_h)
    with Outbox(plan.outbox, source=plan.source, clock=lambda: clock.now() + off) as outbox:
        asyncio.run(_live(plan, outbox))


async def _live(plan: Plan, outbox: Outbox) -> None:
    async with Publisher(Credentials(**plan.credentials), outbox) as sending:
        await _tell(plan, sending, [Told(**row) for row in plan.founding])
        await _confirmed(plan, sending)
        plan.founded.touch()
        await _until(plan.gate.exists)
        await _tell(plan, sending, [Told(**row) for row in plan.working])
        await _confirmed(plan, sending)
        _close(plan, sending)
        await sending.confirmed()


def _close(plan: Plan, sending: Publisher) -> None:
    """Close the month, once; what the closing is called and says is known only then."""
    if not sending.outbox.latest(plan.source, PeriodClosed.type):
        sending.close_period(MONTH)
    said = json.loads(sending.outbox.latest(plan.source, PeriodClosed.type) or b"")
    _note(plan, [Told(said["id"], said["type"], said["data"])])


async def _tell(plan: Plan, sending: Publisher, rows: Sequence[Told]) -> None:
    """Tell what was not told yet, some of it at a time."""
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        _note(plan, chunk)
        sending.outbox.add_all(map(_event, chunk))
        await _until(lambda: plan.poor_line or sending.outbox.unconfirmed() <= AHEAD_MAX)


async def _confirmed(plan: Plan, sending: Publisher) -> None:
    """Return when all is answered, and what was rejected and is to be told anew was told anew."""
    await sending.confirmed()
    anew = {row["id"]: Told(**row["anew"]) for row in plan.founding + plan.working if row["anew"]}
    rejected = [one.id for one in sending.outbox.shown("rejected", limit=1_000_000)]
    await _tell(plan, sending, [anew[id] for id in rejected if id in anew])
    await sending.confirmed()


def _note(plan: Plan, rows: Iterable[Told]) -> None:
    """Write down what is about to be told, at one stroke: no kill leaves half a line."""
    lines = "".join(json.dumps(asdict(row) | {"source": plan.source}) + "\n" for row in rows)
    with plan.ledger.open("ab", buffering=0) as ledger:
        ledger.write(lines.encode())


def _event(told: Told) -> Json:
    said = {"id": told.id, "type": told.type, "data": told.data}
    return said | {"replaces": told.replaces, "time": told.time}


async def _until(met: Callable[[], bool]) -> None:
    """Return as soon as it is so. Between two looks the publisher works."""
    nothing = asyncio.Event()
    looks = 0.0
    while not (looks and met()):
        with suppress(TimeoutError):
            await asyncio.wait_for(nothing.wait(), looks)
        looks = LOOK_S
