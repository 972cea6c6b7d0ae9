"""What has been missing for a while is asked for, again and again while it lasts, each time after longer.

What is still on its way is not: what the lane has not been handed yet, and what was put off.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from time import monotonic

from contracts.received import RANGES_MAX, Range, Wanted
from contracts.subjects import wanted_subject
from services.chassis.bounds import Bound
from services.chassis.districts.intake import Intake
from services.chassis.districts.standing import durable, standing
from services.chassis.eventlog.arrivals import Missing
from services.chassis.regularly import regularly
from services.chassis.streams.window import Outgoing, append

LOOK_EVERY_S = 5.0
PATIENCE_S = 30.0
"""How long something is missing before it is asked for."""

AGAIN_AFTER_S = tuple(60.0 * minutes for minutes in (1, 2, 4, 8, 16, 32, 60))
"""And how long until it is asked for again; the last for as long as it lasts."""


@dataclass(frozen=True)
class Gap:
    """Numbers missing since the same moment, and when they are to be asked for next."""

    first: int
    last: int
    due_at: float
    asked: int = 0


class Wanting:
    """Asks districts for what is missing of the streams of one service. `run` is its task."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.run = regularly("wanted", LOOK_EVERY_S, self.look)
        self._gaps: dict[tuple[str, str], list[Gap]] = {}

    @property
    def bound(self) -> Bound:
        """Return how many gaps of one stream are remembered."""
        return Bound("gaps of a stream", RANGES_MAX, lambda: max(map(len, self._gaps.values()), default=0))

    async def look(self) -> None:
        """Ask for what has been missing long enough."""
        now = monotonic()
        lacking = await self.intake.arrivals.missing()
        self._gaps = {
            (one.district, one.source): list(
                grown(self._gaps.get((one.district, one.source), []), one.ranges, due_at=now + PATIENCE_S)
            )[:RANGES_MAX]
            for one in lacking
        }
        for one in lacking:
            if any(gap.due_at <= now for gap in self._gaps[one.district, one.source]):
                await self._ask(one, now)

    async def _ask(self, one: Missing, now: float) -> None:
        service = self.intake.store.service
        lane = await standing(self.intake.bus, durable(service, one.district))
        if lane.delivered and lane.undelivered:
            return
        here = self.intake.late.numbers(one.district, one.source)
        gaps = self._gaps[one.district, one.source]
        due = [gap for gap in gaps if gap.due_at <= now]
        wanted = list(joined(piece for gap in due for piece in without(here, gap)))
        if wanted:
            told = Wanted(
                service=service, source=one.source, missing=tuple(wanted), asked_at=self.intake.store.clock()
            )
            subject = wanted_subject(one.district)
            await append(self.intake.bus, [Outgoing(subject, told.model_dump_json().encode())])
        self._gaps[one.district, one.source] = [
            _asked(gap, now) if gap.due_at <= now else gap for gap in gaps
        ]


def grown(gaps: Sequence[Gap], missing: Iterable[Range], *, due_at: float) -> Iterator[Gap]:
    """Yield what is missing now: what was before goes on waiting, what is new is due at `due_at`."""
    for first, last in missing:
        next = first
        for gap in gaps[bisect_left(gaps, first, key=attrgetter("last")) :]:
            if gap.first > last:
                break
            if gap.first > next:
                yield Gap(next, gap.first - 1, due_at)
            yield replace(gap, first=max(first, gap.first), last=min(last, gap.last))
            next = gap.last + 1
        if next <= last:
            yield Gap(next, last, due_at)


def without(here: Iterable[int], gap: Gap) -> Iterator[Range]:
    """Yield a gap without some numbers."""
    first = gap.first
    for number in sorted(here):
        if first <= number <= gap.last:
            if first < number:
                yield first, number - 1
            first = number + 1
    if first <= gap.last:
        yield first, gap.last


def joined(ranges: Iterable[Range]) -> Iterator[Range]:
    """Yield ranges in their order, those that touch as one."""
    begun: Range | None = None
    for first, last in ranges:
        if begun and begun[1] + 1 == first:
            begun = begun[0], last
        else:
            if begun:
                yield begun
            begun = first, last
    if begun:
        yield begun


def _asked(gap: Gap, now: float) -> Gap:
    after_s = AGAIN_AFTER_S[min(gap.asked, len(AGAIN_AFTER_S) - 1)]
    return replace(gap, due_at=now + after_s, asked=gap.asked + 1)
