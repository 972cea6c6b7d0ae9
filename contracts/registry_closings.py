"""How a district closes a month: a signed statement of all that it numbered.

A closing is a cut through each stream (source and owner): every number after the last one of the closing
before, up to `last`, whatever month its event happened in. So each number belongs to one closing, and what is
numbered later but happened in a closed month is told apart: it restates.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Strict, TypeAdapter, WithJsonSchema

from contracts.message import ATTRIBUTE, NUMBER_MAX, Event, Instant, Number, Value
from contracts.vocabulary import Month

Owner = Literal["registry", "assessment", "classification"]
"""Whose events a stream holds: the first part of their types."""

_INSTANT = TypeAdapter[datetime](Instant)

RFC_3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"


def instant_in(text: str) -> datetime:
    """Return the instant that `text` writes. Raises ValueError."""
    return _INSTANT.validate_python(text)


WrittenInstant = Annotated[
    str,
    Strict(),
    Field(pattern=RFC_3339, max_length=32),
    AfterValidator(lambda text: instant_in(text) and text),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": RFC_3339, "maxLength": 32}),
]
"""An instant kept in the words it was written in, because a signature covers them."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in lower-case hex."""

Source = Annotated[str, Field(pattern=ATTRIBUTE, max_length=256, examples=["urn:district:THAN-UYEN"])]
"""The `source` of the events, as their envelopes name it."""

Last = Annotated[int, Strict(), Field(ge=0, le=NUMBER_MAX)]
"""A number, or 0 where there is none yet."""

KeyNumber = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
"""Which of its signing keys a district used: the first is 1, each new one the next."""


class StreamClosed(Value):
    """What one stream holds from `first` to `last`, and its `digest` (`digest_of`).

    Where nothing was numbered `last` is `first - 1`, and `count` 0.
    """

    service: Owner
    first: Number
    last: Last
    count: Last
    digest: Sha256


class PeriodClosed(Event):
    """A district closed a month of one source: the manifest of all it numbered up to then, signed by it.

    `organization` is the district. `signature` is `signature_of` the rest, by its signing key number `key`.
    """

    type = "registry.PeriodClosed.v1"
    occurred_in = "closed_at"

    source: Source
    period: Month
    closed_at: WrittenInstant
    streams: Annotated[tuple[StreamClosed, ...], Field(min_length=1, max_length=10)]
    key: KeyNumber
    signature: Sha256

    @property
    def occurred_at(self) -> datetime:
        """Return when it was closed, in UTC."""
        return instant_in(self.closed_at).astimezone(UTC)


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return JSON as it is digested and signed: keys sorted, no spaces, UTF-8 not escaped."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(events: Iterable[tuple[int, str, str]]) -> str:
    """Return the digest of events, in any order: (number, id, SHA-256 in hex of the event's canonical JSON).

    It is the SHA-256, in hex, of the lines `<number> <id> <SHA-256>`, each followed by a line end, by number.
    """
    lines = sha256()
    for number, id, digest in sorted(events):
        lines.update(f"{number} {id} {digest}\n".encode())
    return lines.hexdigest()


def signature_of(manifest: Mapping[str, Any], signing_key: str) -> str:
    """Return the HMAC-SHA256, in hex, of a manifest's canonical JSON without its `signature`.

    The key is the 32 bytes that `signing_key` spells in hex. The manifest holds what `PeriodClosed` names and
    nothing else. Raises ValueError for a key that is no hex.
    """
    signed = {name: value for name, value in manifest.items() if name != "signature"}
    return hmac.new(bytes.fromhex(signing_key), canonical(signed), sha256).hexdigest()
