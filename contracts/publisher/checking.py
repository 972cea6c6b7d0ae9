"""What a district looks at before it stores an event: what the province would refuse whatever it knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from contracts.catalogue import INTAKE_NAMES, decode
from contracts.message import CloudEvent
from contracts.registry_closings import canonical

EVENT_BYTES_MAX = 256 * 1024
"""What the province takes, with some room for the number."""

NUMBER_BYTES = 32


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the field, the rule by the name that a receipt would give, and words."""

    field: str
    rule: str
    detail: str


class Unacceptable(ValueError):
    """An event that was not stored. `problems` says why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{one.rule}: {one.field} {one.detail}".strip() for one in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Checked:
    """An event as it is stored: everything but its number."""

    source: str
    service: str
    id: str
    type: str
    content: bytes


def checked(event: Mapping[str, Any], source: str) -> Checked:
    """Return `event` ready to be stored: `type` and `data` are needed, the rest has its usual value.

    Without an `id` it is named after its content: the same event told twice is one event. Raises
    Unacceptable.
    """
    if "number" in event:
        raise Unacceptable(Problem("number", "Malformed", "events are numbered where they are stored"))
    said = {"specversion": "1.0", "source": source, "datacontenttype": "application/json", **event}
    said = {name: value for name, value in said.items() if value is not None}
    try:
        said.setdefault("id", name_of(said))
        envelope = CloudEvent.model_validate(said)
        content = canonical(said)
    except ValidationError as error:
        raise Unacceptable(*_problems(error, "Malformed")) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise Unacceptable(Problem("", "Malformed", str(error))) from None
    if len(content) + NUMBER_BYTES > EVENT_BYTES_MAX:
        raise Unacceptable(Problem("", "TooLarge", f"an event has at most {EVENT_BYTES_MAX:,} bytes"))
    _decoded(envelope)
    return Checked(envelope.source, envelope.type.partition(".")[0], envelope.id, envelope.type, content)


def name_of(said: Mapping[str, Any]) -> str:
    """Return an id made of what is said."""
    content = {name: said.get(name) for name in ("type", "data", "replaces")}
    return sha256(canonical(content)).hexdigest()[:32]


def _decoded(envelope: CloudEvent) -> None:
    """Raise Unacceptable unless it holds an event that districts send, with the fields of its schema."""
    name = envelope.type.split(".")[1:2]
    if not name or envelope.type not in {kind.type for kind in INTAKE_NAMES.get(name[0], ())}:
        raise Unacceptable(Problem("type", "UnknownEvent", f"{envelope.type} is none that districts send"))
    try:
        decode(envelope)
    except ValidationError as error:
        raise Unacceptable(*_problems(error, "BreaksContract")) from None


def _problems(error: ValidationError, rule: str) -> list[Problem]:
    return [
        Problem(_field(one["loc"]), rule, one["msg"].removeprefix("Value error, "))
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _field(place: tuple[int | str, ...]) -> str:
    """Return a field as a column is called: `decision.date`, and the first of a list is `tasks.1`."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
