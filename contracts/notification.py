"""What notification tells the world: that someone was told, once."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.message import Code, Event, Instant
from contracts.vocabulary import Period

NoticeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
"""The name of one notice: the same occasion told twice gives the same name."""


class NoticeSent(Event):
    """A notice about `organization` reached its recipient: the secretary of the cell, or of its superior.

    `recipient` is the organization whose secretary is told; no person and no address is named.
    """

    type = "notification.NoticeSent.v1"
    occurred_in = "sent_at"

    notice: NoticeName
    rule: Literal["CELL_CLASSIFIED", "SELF_ASSESSMENT_MISSING"]
    recipient: Code
    role: Literal["SECRETARY", "SUPERIOR"]
    channel: Literal["IN_APP", "EMAIL"]
    period: Period
    sent_at: Instant
