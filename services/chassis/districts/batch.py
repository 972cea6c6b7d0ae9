"""A batch of one lane: each organization in its order, none waiting for another, and one answer for all.

What speaks of something unknown is put off and lets the others pass: one of them may be what it waits for.
What fails for a reason of ours is put off together with all that stands behind it in its line.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from psycopg import OperationalError
from pydantic import ValidationError

from contracts.receipt import Receipt
from services.chassis.delivery import NotYetRead, ViewRebuilding
from services.chassis.districts.arrival import Arrival, Line
from services.chassis.districts.standing import Standing, standings
from services.chassis.errors import Conflict, Forbidden, NotFound, NotYetKnown, Overloaded, Refused
from services.chassis.eventlog.inbox import Remembered
from services.chassis.streams.bus import TRIES_MAX, patience_s

if TYPE_CHECKING:
    from services.chassis.districts.intake import Intake

log = structlog.get_logger()

AWAY = (NatsError, OperationalError, Overloaded, TimeoutError, NotYetRead, ViewRebuilding)
"""Nobody's fault: wait as long as it takes, never reject."""

KNOWN = (Refused, Forbidden, NotFound, Conflict, ValidationError)
"""What a district is told as it is; anything else is our mistake."""

Answer = tuple[Arrival, Receipt]


class Batch:
    """Some arrivals of one district, and what becomes of each."""

    def __init__(self, intake: "Intake", arrivals: Sequence[Arrival]) -> None:
        self.intake = intake
        self.arrivals = sorted(arrivals, key=lambda arrival: arrival.sequence)
        self._remembered: Remembered = {}
        self._answers: list[Answer] = []
        self._refused: list[tuple[Arrival, Exception]] = []
        self._unknown: dict[Arrival, NotYetKnown] = {}
        self._registry: Sequence[Standing] | None = None
        self._read = False

    async def decide(self) -> None:
        """Decide what can be decided, and ask for the rest again later: then the next batch may be begun."""
        try:
            entries = [arrival.entry for arrival in self.arrivals if arrival.entry]
            self._remembered = await self.intake.inbox.recall(entries)
            await self._decide()
            await self._refuse()
        except AWAY as error:
            log.warning("intake waits", events=len(self.arrivals), reason=repr(error)[:200])
        answered = {arrival for arrival, _ in self._answers}
        for arrival in answered:
            self.intake.late.over(arrival)
        await self._put_off(arrival for arrival in self.arrivals if arrival not in answered)

    async def tell(self) -> None:
        """Tell the district what was decided, and acknowledge; what it cannot be told is asked for again."""
        try:
            await self.intake.tell(self._answers)
            for arrival, _ in self._answers:
                await _raw(arrival).ack()
        except AWAY as error:
            log.warning("intake waits", events=len(self._answers), reason=repr(error)[:200])
            await self._put_off(arrival for arrival, _ in self._answers if not _raw(arrival).is_acked)

    async def _put_off(self, arrivals: Iterable[Arrival]) -> None:
        """Ask for arrivals again later. Those that fail for a reason of ours hold up their lines first."""
        waiting = list(arrivals)
        for arrival in waiting:
            self.intake.late.wait(arrival).holds_line = arrival not in self._unknown
        for arrival in waiting:
            await _raw(arrival).nak(delay=patience_s(_raw(arrival).metadata.num_delivered))

    async def _decide(self) -> None:
        """Decide line by line, again and again while that gets further; then give up what cannot come."""
        lines = self._lines()
        while lines:
            further = await asyncio.gather(*(self._go_on(line) for line in lines))
            lines = [line for line in lines if line]
            if not any(further):
                for arrival in (arrival for line in lines for arrival in line):
                    await self._wait_or_give_up(arrival)
                return

    def _lines(self) -> list[deque[Arrival]]:
        """Return the arrivals line by line, without those that stand behind one put off before."""
        lines: dict[Line, deque[Arrival]] = {}
        for arrival in self.arrivals:
            lines.setdefault(arrival.line, deque()).append(arrival)
        for name, line in lines.items():
            held = self.intake.late.first(name, besides={arrival.sequence for arrival in line})
            while line and line[-1].sequence > held:
                line.pop()
        return [line for line in lines.values() if line]

    async def _go_on(self, line: deque[Arrival]) -> bool:
        """Decide a line, and leave in it what speaks of something unknown; what fails ends it.

        Return whether anything came of it.
        """
        before = len(line)
        async with self.intake.hands:
            for run in self._runs([line.popleft() for _ in range(before)]):
                failed = False
                for arrival, verdict in zip(run, await self._verdicts(run), strict=False):
                    self._unknown.pop(arrival, None)
                    if isinstance(verdict, Receipt):
                        self._answers.append((arrival, verdict))
                    elif isinstance(verdict, NotYetKnown):
                        self._unknown[arrival] = verdict
                        line.append(arrival)
                    elif self._is_trouble(arrival, verdict):
                        failed = True
                    else:
                        self._refused.append((arrival, verdict))
                if failed:
                    line.clear()
                    break
        return len(line) < before

    def _runs(self, line: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
        """Yield a line in runs: events that each begin something of their own, or one that does not."""
        run: dict[str | None, Arrival] = {}
        for arrival in line:
            begun = self.intake.begun(arrival)
            if run and (begun is None or begun in run or None in run):
                yield list(run.values())
                run = {}
            run[begun] = arrival
        if run:
            yield list(run.values())

    async def _verdicts(self, run: Sequence[Arrival]) -> Sequence[Receipt | Exception]:
        """Return what becomes of a run, in its order. If something is away it may be of the first few only.

        Each event is begun when the one before stands in the writer's queue: that keeps the order without
        waiting for each commit, and if the database goes away, all behind fail too.
        """
        if len(run) == 1:
            return [await self._verdict(run[0], lambda: None)]
        away = False

        async def verdict(
            arrival: Arrival, before: asyncio.Event, queued: asyncio.Event
        ) -> Receipt | Exception | None:
            nonlocal away
            await before.wait()
            if away:
                queued.set()
                return None
            found = await self._verdict(arrival, queued.set)
            away = away or isinstance(found, AWAY)
            return found

        turns = [asyncio.Event() for _ in range(len(run) + 1)]
        turns[0].set()
        verdicts = await asyncio.gather(*map(verdict, run, turns, turns[1:]))
        return [found for found in verdicts if found]

    async def _verdict(self, arrival: Arrival, queued: Callable[[], object]) -> Receipt | Exception:
        try:
            return self.intake.earlier(arrival, self._remembered) or await self.intake.apply(arrival, queued)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is an answer or put off
            return error
        finally:
            queued()

    def _is_trouble(self, arrival: Arrival, error: Exception) -> bool:
        """Return whether to try an arrival again: something is away, or a defect may not come again."""
        if isinstance(error, KNOWN):
            return False
        if not isinstance(error, AWAY):
            wait = self.intake.late.wait(arrival)
            wait.defects += 1
            if wait.defects >= TRIES_MAX:
                log.error("intake event parked", name=arrival.name, exc_info=error)
                return False
        log.warning("intake waits", name=arrival.name, reason=repr(error)[:200])
        return True

    async def _wait_or_give_up(self, arrival: Arrival) -> None:
        """Refuse what speaks of something unknown if that cannot come any more."""
        settled = await self._settled(arrival.sequence)
        if not self.intake.late.wait(arrival).may_still_come(settled=settled):
            self._refused.append((arrival, self._unknown.pop(arrival)))

    async def _settled(self, before: int) -> bool:
        """Return whether the registry has heard all that came before, and we have read all that it published.

        Of itself the registry asks only what was tried: what waits there waits for the same news.
        """
        if self._registry is None:
            self._registry = await standings(self.intake.bus, "registry")
            self._read = await self.intake.settled()
        heard = Standing.was_tried if self.intake.store.service == "registry" else Standing.was_answered
        return self._read and all(heard(lane, before) for lane in self._registry)

    async def _refuse(self) -> None:
        """Keep what is refused, or, if that fails for another reason than a database away, each alone."""
        if not self._refused:
            return
        try:
            self._answers += await self.intake.refuse(self._refused)
        except AWAY:
            raise
        except Exception:
            log.exception("refusals could not be kept together", events=len(self._refused))
            for one in self._refused if len(self._refused) > 1 else []:
                with suppress(Exception):
                    self._answers += await self.intake.refuse([one])


def _raw(arrival: Arrival) -> Msg:
    assert arrival.raw is not None
    return arrival.raw
