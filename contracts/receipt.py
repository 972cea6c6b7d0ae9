"""What a district is told about each event it sent."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Outcome = Literal["accepted", "duplicate", "rejected"]


class Said(BaseModel):
    """Why an event was rejected, in a clerk's words, in both languages."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    vi: str
    en: str


class Receipt(BaseModel):
    """The answer to one event, published on `receipts.<district>.<EventName>` once it is in PostgreSQL.

    `subject` and `position` say where it was recorded (accepted, and duplicate of an accepted one);
    `reason` names the rule that refused it, `detail` says so in words, `said` in a clerk's (rejected).
    `number` and `replaces` are repeated from the event.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    id: str
    number: int | None = None
    replaces: str | None = None
    outcome: Outcome
    service: str
    subject: str | None = None
    position: int | None = None
    reason: str | None = None
    detail: str | None = None
    said: Said | None = None
    decided_at: AwareDatetime
