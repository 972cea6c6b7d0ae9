"""What the province has seen of a district: each event once, by its stream and number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from contracts.message import CloudEvent
from contracts.received import Range
from contracts.registry_closings import canonical

Stream = tuple[str, str]
"""Source and owner."""


@dataclass(eq=False)
class Seen:
    """One event: how it came first, how often, and what it was told."""

    event: CloudEvent
    digest: str
    at: float
    sendings: int = 1
    answered: str = ""
    after_answer: int = 0
    """Sendings since it was answered."""

    @property
    def stream(self) -> Stream:
        """Return which stream it is of."""
        return self.event.source, self.event.type.partition(".")[0]


def digest(document: dict[str, object]) -> str:
    """Return the SHA-256, in hex, of an event's canonical JSON."""
    return sha256(canonical(document)).hexdigest()


def missing(numbers: Iterable[int], last: int) -> Iterator[Range]:
    """Yield what is not among `numbers` from 1 to `last`, as ranges."""
    expected = 1
    for number in sorted({*numbers, last + 1}):
        if number > expected:
            yield expected, min(number - 1, last)
        expected = number + 1
