"""What a reader of streams is handed, and why it may have to wait."""

from dataclasses import dataclass
from functools import cached_property

from contracts.catalogue import decode
from contracts.message import Event, Message


class Gap(Exception):
    """An event was delivered before the one it follows. Nothing is skipped: the reader waits for it."""


class Outdated(Exception):
    """The live tables are of another version: nothing is fed to them until a rebuild has replaced them."""


class NotYetRead(Exception):
    """A view has not read as far as the caller asked to see (503, try again)."""


@dataclass(frozen=True)
class Delivery:
    """One message, its bytes as they came, and the event inside it, decoded when first asked for.

    `event` is None for a type not in the catalogue, and raises pydantic.ValidationError if the data
    breaks its contract.
    """

    message: Message
    raw: bytes = b""

    @cached_property
    def event(self) -> Event | None:
        """Return the event inside the message."""
        return decode(self.message)
