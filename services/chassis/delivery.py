"""What a reader of streams is handed, and why it may have to wait."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec

from contracts.catalogue import CATALOGUE
from contracts.message import Event

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Gap(Exception):
    """An event was delivered before the one it follows. Nothing is skipped: the reader waits for it."""


class Outdated(Exception):
    """The live tables are of another version: nothing is fed to them until a rebuild has replaced them."""


class ViewRebuilding(Exception):
    """The view is being filled for a new version and cannot answer this yet (503, try again)."""


class NotYetRead(Exception):
    """A view has not read as far as the caller asked to see (503, try again)."""


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
"""What reading bytes that are no envelope of ours raises."""


class Envelope(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """contracts.Message as our own readers take it: one microsecond instead of pydantic's three.

    The event inside stays bytes until someone asks for it. A test holds the two equal, field by field
    and byte by byte. (`gc=False`: nothing in it can refer back to it.)
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | None = None
    raw_data: msgspec.Raw = msgspec.field(name="data")
    sequence: Annotated[int, msgspec.Meta(ge=1)]
    previous: Annotated[int, msgspec.Meta(ge=0)]
    recordedtime: Instant
    correlationid: str
    causationid: str
    actor: str
    organization: str

    @property
    def data(self) -> dict[str, Any]:
        """Return what the event says, as plain values."""
        data: dict[str, Any] = msgspec.json.decode(self.raw_data)
        return data

    @property
    def plain(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        plain: dict[str, Any] = msgspec.json.decode(self.encode())
        return plain

    def encode(self) -> bytes:
        """Return it as it is published, byte for byte as contracts.Message would be."""
        return msgspec.json.encode(self)


_decoder = msgspec.json.Decoder(Envelope)


def envelope_in(raw: bytes) -> Envelope:
    """Return the envelope in `raw`. Raises one of UNREADABLE."""
    return _decoder.decode(raw)


@dataclass(frozen=True)
class Delivery:
    """One message, its bytes as they came, and the event inside it, decoded when first asked for.

    `event` is None for a type not in the catalogue, and raises pydantic.ValidationError if the data
    breaks its contract.
    """

    message: Envelope
    raw: bytes

    @cached_property
    def event(self) -> Event | None:
        """Return the event inside the message."""
        known = CATALOGUE.get(self.message.type)
        return known.model_validate_json(bytes(self.message.raw_data)) if known else None


def delivery_of(raw: bytes) -> Delivery:
    """Return the message in `raw` as a reader is handed it. Raises one of UNREADABLE."""
    return Delivery(envelope_in(raw), raw)
