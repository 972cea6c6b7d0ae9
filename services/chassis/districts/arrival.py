"""One delivery of a district: read once, with what it claims to be and what is wrong with it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, NoReturn

import msgspec
from nats.aio.msg import Msg
from pydantic import ValidationError

from contracts.catalogue import CATALOGUE
from contracts.days import month_of
from contracts.message import NUMBER_MAX, CloudEvent, Event
from services.chassis.errors import Refused, plainly
from services.chassis.eventlog.inbox import Entry

EVENT_BYTES_MAX = 256 * 1024

Line = tuple[str, str]
"""Among what an event keeps its order: an organization of a district."""


class TooLarge(Refused):
    """An event has at most 262,144 bytes."""


class Malformed(Refused):
    """An event is one CloudEvents 1.0 object in JSON (structured mode)."""


class UnknownEvent(Refused):
    """The type is one that districts may publish, on the subject of its own name."""


class BreaksContract(Refused):
    """The data has the fields and bounds of its type's schema."""


@dataclass(eq=False)
class Arrival:
    """Where a delivery came from and under which name, its bytes, and as much of it as could be read.

    `problem` says what keeps it from being decided; without one, `entry` and `event` are there.
    """

    district: str
    name: str
    body: bytes
    raw: Msg | None = None
    sequence: int = 0
    """Its place in the stream."""
    entry: Entry | None = None
    event: Event | None = None
    problem: Refused | None = None

    @property
    def line(self) -> Line:
        """Return its line; what cannot be read has one in common."""
        return self.district, self.event.organization if self.event else ""

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of its content, whatever its spelling; of its bytes if it cannot be read."""
        return self.entry.digest if self.entry else sha256(self.body).digest()

    def identity(self) -> tuple[str, str]:
        """Return its source and id, or what stands for them if it cannot be read."""
        if self.entry:
            return self.entry.source, self.entry.event_id
        source, id = self._given.get("source"), self._given.get("id")
        return source or f"district:{self.district}", id or f"sha256:{sha256(self.body).hexdigest()}"

    @property
    def type(self) -> str:
        """Return its type, as far as it can be read."""
        return self.entry.type if self.entry else self._given.get("type", "")

    @property
    def number(self) -> int | None:
        """Return its place in its stream, if both can be read."""
        if self.entry:
            return self.entry.number
        number = self._document.get("number") if self._given.get("source") else None
        return number if type(number) is int and 1 <= number <= NUMBER_MAX else None

    @property
    def replaces(self) -> str | None:
        """Return the id of the rejected event that it corrects, if it says so."""
        return self.entry.replaces if self.entry else self._given.get("replaces")

    @cached_property
    def _document(self) -> dict[str, Any]:
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    @cached_property
    def _given(self) -> dict[str, str]:
        return _storable(self._document)


def received(raw: Msg) -> Arrival:
    """Return what a message on `intake.<district>.<name>` is."""
    _, district, name = raw.subject.split(".", 2)
    arrival = read(district, name, raw.data)
    arrival.raw, arrival.sequence = raw, raw.metadata.sequence.stream
    return arrival


def read(district: str, name: str, body: bytes) -> Arrival:
    """Return what came from `district` under `name`, read as far as it can be."""
    arrival = Arrival(district, name, body)
    try:
        _read_into(arrival)
    except Refused as problem:
        arrival.problem = problem
    return arrival


def _read_into(arrival: Arrival) -> None:
    """Fill in entry and event. Raises TooLarge, Malformed, UnknownEvent, BreaksContract."""
    if len(arrival.body) > EVENT_BYTES_MAX:
        raise TooLarge(f"{len(arrival.body)} bytes; an event has at most {EVENT_BYTES_MAX}")
    try:
        document, content = _parsed(arrival.body)
        said = CloudEvent.model_validate(document)
    except ValidationError as error:
        raise Malformed(first_errors(error)) from error
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}"[:200]) from error
    arrival.entry = Entry(
        arrival.district,
        said.source,
        said.id,
        sha256(content).digest(),
        said.type,
        said.number,
        replaces=said.replaces,
    )
    if said.type.split(".")[1:2] != [arrival.name]:
        raise UnknownEvent(f"{said.type} on the subject of {arrival.name}")
    if said.type not in CATALOGUE:
        raise UnknownEvent(f"{said.type} is not in the catalogue")
    try:
        arrival.event = CATALOGUE[said.type].model_validate(said.data)
    except ValidationError as error:
        raise BreaksContract(first_errors(error)) from error
    if said.number:
        arrival.entry = arrival.entry._replace(month=month_of(arrival.event.occurred_at))


def _parsed(body: bytes) -> tuple[Any, bytes]:
    """Return the JSON in `body`, and its content in the one spelling that digests are made of.

    msgspec spells what has no fractions as the standard library does, in an eighth of its time. What it
    cannot read or would spell otherwise the standard library reads and judges. Raises ValueError,
    RecursionError.
    """
    try:
        document = _decode(body)
        return document, _encode(document)
    except (ValueError, RecursionError):
        document = json.loads(body, parse_constant=_no_number)
        return document, json.dumps(
            document, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()


def words(error: Exception) -> str:
    """Return what to tell a district about `error`, in at most 1,000 signs."""
    if isinstance(error, ValidationError):
        return first_errors(error)
    return (str(error) or (type(error).__doc__ or "").strip()).replace("\x00", "")[:1000]


def wrong(error: Exception) -> Sequence[Mapping[str, Any]]:
    """Return which fields `error` finds wrong and why, without the input: it may be personal."""
    found = error if isinstance(error, ValidationError) else error.__cause__
    if not isinstance(found, ValidationError):
        return ()
    return [dict(one) for one in found.errors(include_input=False, include_url=False, include_context=False)]


def first_errors(error: ValidationError) -> str:
    """Return the first three errors in words, without the input: it may be personal."""
    found = [
        f"{'.'.join(str(p) for p in e['loc']) or 'event'}: {plainly(e)}"
        for e in error.errors(include_input=False)
    ]
    return "; ".join(found[:3])[:1000]


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


def _no_fraction(word: str) -> NoReturn:
    raise ValueError(f"{word} has more than one spelling")


_decode = msgspec.json.Decoder(float_hook=_no_fraction).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def _storable(document: dict[str, Any]) -> dict[str, str]:
    """Return the texts of `document` as PostgreSQL and UTF-8 can hold them: no NUL, no half of a sign."""
    return {
        name: text.replace("\x00", "").encode(errors="replace").decode()[:128]
        for name, text in document.items()
        if isinstance(text, str)
    }
