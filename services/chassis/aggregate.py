"""The base of every aggregate and of every fact: the eventsourcing library's, with codes for ids.

Ids are texts that a person can read (`member-M-0042`), so a log explains itself in psql. Facts are
stored for ever: give each a literal `TOPIC` and fields of str, int, bool, Decimal or datetime only.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate, MetaDomainEvent


class Fact(CanMutateAggregate[str], metaclass=MetaDomainEvent):
    """Something decided about one aggregate. `timestamp` is when it was recorded."""

    originator_id: str
    originator_version: int
    timestamp: datetime


class FirstFact(CanInitAggregate[str], Fact):
    """The fact an aggregate begins with."""

    originator_topic: str


class Aggregate(BaseAggregate[str]):
    """State for decisions, facts as nested classes, decisions as methods: in that order."""

    snapshot_every: ClassVar[int] = 0
    """After how many facts its state is kept beside them: for a stream that grows for years. 0 is never."""
