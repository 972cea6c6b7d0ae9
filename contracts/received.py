"""What has arrived of what a district numbered: asked on `received.<owner>.<district>`, told of by itself.

A stream is what one source of a district sends to one owner. Its events are numbered 1, 2, 3 … without holes,
so what is missing can be named without having been seen.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.message import ATTRIBUTE, NUMBER_MAX
from contracts.vocabulary import Month

RANGES_MAX = 1_000
"""Ranges and numbers that an answer holds, the lowest first."""

Range = tuple[int, int]
"""From and to, both included: `[120, 122]`."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Asked(_Told):
    """The question: of one `source`, or of all; `last` is the highest number it has given out so far.

    A district that says `last` can be told what is missing at the end, and its silence from a loss.
    """

    source: str | None = Field(default=None, pattern=ATTRIBUTE, max_length=256)
    last: Annotated[int, Field(strict=True, ge=0, le=NUMBER_MAX)] | None = None


MonthState = Literal["open", "complete", "missing", "different"]


class MonthTold(_Told):
    """One month of a stream: open, or closed by its district (`closed_at`) up to the number `last`.

    A closed one is `complete` if all it closed has arrived and is what was signed, `missing` (so many) or
    `different` if not. `received` is how many numbers of events that happened in it have arrived, `restated`
    how many of them were accepted under a number after `last`.
    """

    period: Month
    state: MonthState
    received: int
    restated: int | None = None
    last: int | None = None
    missing: int | None = None
    closed_at: AwareDatetime | None = None


class Stream(_Told):
    """How far one stream has come: received = accepted + rejected, each number once.

    A number is accepted if any event that bears it was.
    `last` is the highest number that arrived or was stated. `reused` are numbers under which more than one
    event arrived. `heard_at` is when the newest was decided, `stated_at` when the district last said `last`.
    `months` are the newest 36.
    """

    source: str
    last: int
    received: int
    accepted: int
    rejected: int
    missing: tuple[Range, ...] = ()
    reused: tuple[int, ...] = ()
    heard_at: AwareDatetime | None = None
    stated_at: AwareDatetime | None = None
    months: tuple[MonthTold, ...] = ()


class Received(_Told):
    """The answer: every stream that `service` has heard or been told of. `error` says why there is none."""

    service: str
    district: str
    streams: tuple[Stream, ...] = ()
    error: str | None = None


class Wanted(_Told):
    """What `service` has missed for a while and asks for, on `receipts.<district>.Wanted`."""

    service: str
    source: str
    missing: tuple[Range, ...]
    asked_at: AwareDatetime
