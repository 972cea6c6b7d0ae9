"""What notification tells the world: that someone was told, once."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.message import Code, Event, Instant
from contracts.vocabulary import Period, Word

NoticeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
"""The name of one notice: the same occasion told twice gives the same name."""

Moment = Annotated[
    str,
    Field(
        pattern=r"^(19[3-9][0-9]|20[0-9][0-9])(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
        examples=["2026-10-02", "2026-10", "2026"],
    ),
]
"""A day, a month or a year."""


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
    holder: Code | None = None
    """The member who held the office on that day, by code, if anybody did."""


class NoticeSentV2(Event):
    """The same of a rule that came later, and of a day as well as of a month or a year.

    Rules of `NoticeSent.v1` are told as such, all others as this; words that readers do not know are to come.
    It is for the secretary of `recipient`, COMMITTEE of the one whose matter it is; or (SUPERVISOR) for
    the member `holder`, who follows the cell from there.
    """

    type = "notification.NoticeSent.v2"
    occurred_in = "sent_at"

    notice: NoticeName
    rule: Word
    recipient: Code
    role: Word
    channel: Word
    period: Moment
    sent_at: Instant
    holder: Code | None = None
    about: Code | None = None
    """The meeting or the concern it is about, by code."""
