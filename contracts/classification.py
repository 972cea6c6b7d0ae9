"""What classification tells the world: which class followed, and what it rests on."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field

from contracts.message import ATTRIBUTE, Code, DayOn, Event, Value
from contracts.vocabulary import Flag, Line, Score, Text, Year

Level = Literal["EXCELLENT", "GOOD", "COMPLETED", "NOT_COMPLETED"]
"""366-QĐ/TW art. 11, and 124-QĐ/TW before it."""

EventId = Annotated[str, Field(pattern=ATTRIBUTE, max_length=128)]


class RulePack(Value):
    """The rules as data: the document's number and the version of our reading of it."""

    name: Line
    version: Line


class CellClassified(Event):
    """The superior decided the class of a cell or committee for a year (43-HD/BTCTW: the direct superior).

    `events` are the ids of the public events the decision rests on and `evidence` their digest, so that
    anyone with the ledger can check that nothing was put in or left out. A decision made before this
    system, imported through intake, rests on none and may have no score (124-QĐ/TW has no 100 points).
    """

    type = "classification.CellClassified.v1"
    occurred_in = "decided_on"

    period: Year
    level: Level
    four_good: Flag
    score: Score | None = None
    decided_by: Code
    decided_on: DayOn
    rule_pack: RulePack
    evidence: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reasons: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    events: Annotated[tuple[EventId, ...], Field(max_length=1500)] = ()


def evidence_of(events: Iterable[str]) -> str:
    """Return the digest of `events`: SHA-256, in hex, of the sorted ids, each followed by a line end."""
    return sha256("".join(f"{event}\n" for event in sorted(events)).encode()).hexdigest()
