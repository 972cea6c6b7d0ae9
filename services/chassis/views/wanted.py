"""Whether anybody waits for what a reader brings next: then it does not rest."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wanted:
    """Counts who waits. Views that one reader feeds share one."""

    def __init__(self) -> None:
        self._by = 0
        self._called = asyncio.Event()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Have the reader hurry while the body runs."""
        self._by += 1
        self._called.set()
        try:
            yield
        finally:
            self._by -= 1
            if not self._by:
                self._called.clear()

    async def within(self, timeout_s: float) -> None:
        """Return as soon as anybody waits, or after `timeout_s`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._called.wait(), timeout_s)
