"""Events put off, and what is remembered of them until they are answered."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from services.chassis.bounds import Bound
from services.chassis.districts.arrival import Arrival, Line
from services.chassis.districts.lane import ACK_PENDING_MAX

KNOWN_WITHIN_S = 12.0
"""How long an event may speak of something unknown, once the registry has answered all before it."""

FORGOTTEN_AFTER_S = 60.0
"""An event put off and not delivered again for so long was removed from the stream: nobody waits for it."""


@dataclass
class Wait:
    """How it has gone with one event that was put off."""

    seen_at: float = field(default_factory=monotonic)
    unknown_since: float | None = None
    holds_line: bool = False
    defects: int = 0
    number: tuple[str, int] | None = None
    """Its source, and its place in its stream."""

    def may_still_come(self, *, settled: bool) -> bool:
        """Return whether what it speaks of may be on its way still; once all is `settled`, for a while."""
        if not settled:
            self.unknown_since = None
            return True
        self.unknown_since = self.unknown_since or monotonic()
        return monotonic() - self.unknown_since < KNOWN_WITHIN_S


class Late:
    """The events put off, by their line and place in the stream."""

    def __init__(self) -> None:
        self._lines: dict[Line, dict[int, Wait]] = {}

    @property
    def bound(self) -> Bound:
        """Return how many events of one district may be put off, and how many are."""

        def used() -> int:
            each = Counter[str]()
            for (district, _), waits in self._lines.items():
                each[district] += len(waits)
            return max(each.values(), default=0)

        return Bound("events of one district put off", ACK_PENDING_MAX, used)

    def wait(self, arrival: Arrival) -> Wait:
        """Return how it has gone with an arrival that is put off, from now on if not before."""
        wait = self._lines.setdefault(arrival.line, {}).setdefault(arrival.sequence, Wait())
        wait.seen_at = monotonic()
        if arrival.entry and arrival.entry.number:
            wait.number = arrival.entry.source, arrival.entry.number
        return wait

    def numbers(self, district: str, source: str) -> set[int]:
        """Return the numbers of what is put off of a stream: it has arrived, and is not decided yet."""
        return {
            wait.number[1]
            for (of, _), waits in self._lines.items()
            for wait in waits.values()
            if of == district and wait.number and wait.number[0] == source
        }

    def over(self, arrival: Arrival) -> None:
        """Forget an arrival that is answered."""
        waits = self._lines.get(arrival.line)
        if waits:
            waits.pop(arrival.sequence, None)
            if not waits:
                del self._lines[arrival.line]

    def first(self, line: Line, *, besides: Collection[int]) -> float:
        """Return the lowest place in the stream of what holds a line up, besides some places at hand."""
        waits = self._lines.get(line)
        if not waits:
            return inf
        gone = monotonic() - FORGOTTEN_AFTER_S
        return min(
            (
                at
                for at, wait in waits.items()
                if wait.holds_line and wait.seen_at > gone and at not in besides
            ),
            default=inf,
        )
