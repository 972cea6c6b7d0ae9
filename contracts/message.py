"""The envelope every event travels in (CloudEvents 1.0, JSON) and the base of every event."""

import re
from datetime import UTC, date, datetime, time
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from contracts.days import PROVINCE_TIME

Code = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,31}$", examples=["TU-C-001"])]
"""The name of an organization, a member or a meeting: given once, kept through renames and moves."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written_day(value: Any) -> Any:
    """Return `value` if it is a day or written as one; pydantic alone takes numbers for seconds."""
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written 2024-11-05")


def _written_instant(value: Any) -> Any:
    """Return `value` if it is an instant or is written as one."""
    if isinstance(value, datetime) or (isinstance(value, str) and DAY.match(value)):
        return value
    raise ValueError("an instant is written 2024-11-05T14:00:00+07:00")


DayOn = Annotated[
    date,
    Field(ge=date(1930, 2, 3), le=date(2100, 12, 31)),
    BeforeValidator(_written_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day the model can speak of: not before the founding of the Party, 3 February 1930."""

Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_instant),
    Field(ge=datetime(1930, 2, 3, tzinfo=UTC), le=datetime(2101, 1, 1, tzinfo=UTC)),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant with its offset, within the same bounds."""


class Value(BaseModel):
    """A part of an event: immutable, tolerant of fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Value):
    """A public fact. A change an old reader could not survive is a new type ending in `.v2`.

    `type` is one name used three times: the CloudEvents type, part of the NATS subject, and the
    file under contracts/examples/. Every event names the `organization` it is about.
    """

    type: ClassVar[str]
    occurred_in: ClassVar[str]
    """The field (`held_at`, `framework.date`) that says when it happened: an instant, or a day, which
    begins at midnight in the province."""

    organization: Code

    @property
    def occurred_at(self) -> datetime:
        """Return when it happened, in UTC."""
        when = attrgetter(self.occurred_in)(self)
        if isinstance(when, datetime):
            return when.astimezone(UTC)
        return datetime.combine(when, time(), PROVINCE_TIME).astimezone(UTC)


ATTRIBUTE = r"^[^\x00-\x1f\x7f]+$"
"""CloudEvents 1.0: an attribute holds no control character (and PostgreSQL could not store U+0000)."""


NUMBER_MAX = 2**31 - 1
"""CloudEvents 1.0: an attribute that is an Integer has 32 bits."""

Number = Annotated[int, Field(strict=True, ge=1, le=NUMBER_MAX)]
"""The place of an event in its stream."""


class Attributes(BaseModel):
    """The attributes of CloudEvents 1.0 that we use, whoever sends it.

    `source` and `id` together name the event for ever, so a second delivery is recognisable.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(pattern=ATTRIBUTE, max_length=128)
    source: str = Field(pattern=ATTRIBUTE, max_length=256)
    type: str = Field(pattern=ATTRIBUTE, max_length=128)
    subject: str | None = Field(default=None, pattern=ATTRIBUTE, max_length=256)
    time: Instant | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | None = Field(default=None, pattern=ATTRIBUTE, max_length=512)
    data: dict[str, Any]


class CloudEvent(Attributes):
    """What a district system has to send.

    It may number its events: all of one `source` to one owner (the first part of `type`) are a stream of
    its own, 1, 2, 3 … without holes, and an event keeps its number. `replaces` is the id of the rejected
    event that this one corrects.
    """

    number: Number | None = None
    replaces: str | None = Field(default=None, pattern=ATTRIBUTE, max_length=128)


class Message(Attributes):
    """The same envelope as a service publishes it, with its place in that service's log.

    `sequence` is the event's position there; `previous` is the position of the public event before
    it (0 for the first), so a reader can tell a gap (wait, then alarm) from a duplicate (skip).
    `time` is when it happened, `recordedtime` when it was stored. No attribute is personal.
    """

    subject: str
    time: Instant
    sequence: int = Field(ge=1)
    previous: int = Field(ge=0)
    recordedtime: Instant
    correlationid: str
    causationid: str
    actor: str
    organization: Code
