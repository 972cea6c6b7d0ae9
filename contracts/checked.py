"""What would become of events, asked on `check.<owner>.<district>`: decided as if, and nothing is recorded.

The question is the events as they would be sent, one on each line (JSON Lines). They are decided upon in one
go, so that an event may rest on another of the same question.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.receipt import Said

EVENTS_MAX = 1_000
"""Events of one question."""

Outlook = Literal["accepted", "duplicate", "rejected", "waits"]
"""`waits`: it speaks of something the owner does not know yet, and is accepted if that comes before it."""


class Verdict(BaseModel):
    """What would become of the event in one line of the question, from 1. The rest is as in a receipt."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    line: int
    source: str
    id: str
    outcome: Outlook
    reason: str | None = None
    said: Said | None = None
    detail: str | None = None


class Checked(BaseModel):
    """The answer: a verdict for each event, by line. `error` says why there is none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: str
    district: str
    events: tuple[Verdict, ...] = ()
    error: str | None = None
