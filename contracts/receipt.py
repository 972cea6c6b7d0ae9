"""What a district is told about each event it sent."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Outcome = Literal["accepted", "duplicate", "rejected"]


class Receipt(BaseModel):
    """The answer to one event, published on `receipts.<district>.<EventName>` once it is in PostgreSQL.

    `subject` and `position` say where it was recorded (accepted, and duplicate of an accepted one);
    `reason` names the rule that refused it, `detail` says so in words (rejected).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    id: str
    outcome: Outcome
    service: str
    subject: str | None = None
    position: int | None = None
    reason: str | None = None
    detail: str | None = None
    decided_at: AwareDatetime
