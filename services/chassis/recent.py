"""What this process wrote last, kept for whoever reads it next: then nothing is read back from the table."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

RECENT_MAX = 4_096
"""Entries kept, and at most twice as many; a reader further behind reads them from the table."""


class Placed(Protocol):
    """Something with a position."""

    @property
    def position(self) -> int:
        """Return its place."""
        ...


T = TypeVar("T", bound=Placed)


class Recent(Generic[T]):
    """The newest entries of a log without a gap: what this process committed since another one did."""

    def __init__(self) -> None:
        self._entries: list[T] = []
        self._from = self._to = -1

    def add(self, head: int, entries: Sequence[T]) -> None:
        """Add what was committed when the log ended at `head`; forget the rest if something lies between.

        What comes late, when the end is known to lie further on, is forgotten with the rest.
        """
        if head < self._to:
            self._entries, self._from = [], self._to
            return
        if head > self._to:
            self._entries, self._from = [], head
        self._entries += entries
        self._to = entries[-1].position
        if len(self._entries) > 2 * RECENT_MAX:
            self._from = self._entries[-RECENT_MAX - 1].position
            del self._entries[:-RECENT_MAX]

    def after(self, position: int, limit: int) -> list[T]:
        """Return up to `limit` entries that follow `position` in the log; none if that is not known here."""
        if not self._from <= position < self._to:
            return []
        first = bisect_right(self._entries, position, key=attrgetter("position"))
        return self._entries[first : first + limit]

    def ends_after(self, position: int) -> bool:
        """Return whether something that follows `position` was committed."""
        return position < self._to

    def __len__(self) -> int:
        return len(self._entries)
