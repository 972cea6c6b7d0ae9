"""What is on its way: which events were sent on this line, and since when they wait for their receipts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

ANSWERED_WITHIN_S, ANSWERED_WITHIN_S_MAX = 30.0, 1_800.0
"""After which an event without a receipt is sent again; each time twice as long."""

UNDERWAY_S = 5.0
"""How long an event and its receipt may be on their way: before that, what is wanted is not sent again."""


@dataclass(slots=True)
class _Sent:
    at_s: float
    within_s: float


class Flight:
    """The events on one line, by their position in the outbox. Times are those of the event loop."""

    def __init__(self) -> None:
        self.cursor = 0
        """Up to here everything was sent on this line, but for what is to be sent again behind it."""
        self._sent: dict[int, _Sent] = {}
        self._within_s: dict[int, float] = {}

    def __len__(self) -> int:
        """Return how many wait for their receipts."""
        return len(self._sent)

    @property
    def positions(self) -> Collection[int]:
        """Return which."""
        return self._sent.keys()

    def begin(self) -> None:
        """Begin a new line: whatever has no receipt is sent again, in its order."""
        self.cursor = 0
        self._sent.clear()
        self._within_s.clear()

    def sent(self, positions: Iterable[int], *, at_s: float) -> None:
        """Note what was just sent."""
        for position in positions:
            within_s = self._within_s.get(position, ANSWERED_WITHIN_S)
            self._sent[position] = _Sent(at_s, within_s)
            self._within_s[position] = min(2 * within_s, ANSWERED_WITHIN_S_MAX)
            self.cursor = max(self.cursor, position)

    def answered(self, positions: Iterable[int]) -> None:
        """Forget what has its receipt."""
        for position in positions:
            self._sent.pop(position, None)
            self._within_s.pop(position, None)

    def again(self, positions: Iterable[int]) -> None:
        """Let events be sent again, in their place."""
        for position in positions:
            self._sent.pop(position, None)
            self.cursor = min(self.cursor, position - 1)

    def overdue(self, *, now_s: float) -> list[int]:
        """Return what waits too long."""
        return [position for position, sent in self._sent.items() if now_s - sent.at_s > sent.within_s]

    def fresh(self, *, now_s: float) -> set[int]:
        """Return what was sent so lately that nobody can miss it."""
        return {position for position, sent in self._sent.items() if now_s - sent.at_s <= UNDERWAY_S}
