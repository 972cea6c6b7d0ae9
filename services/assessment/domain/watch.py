"""Since when this service looks by itself whether what is owed was done."""

from __future__ import annotations

from datetime import datetime

from services.chassis.aggregate import Aggregate, Fact, FirstFact


class Watch(Aggregate):
    """The month it began with: a province that starts today does not hear of the years before."""

    TOPIC = "assessment.Watch"
    ID = "watch-obligations"

    # -- State
    first: str

    # -- Facts
    class Event(Fact):
        """A fact about the watch."""

    class Begun(FirstFact):
        """`first` is a month."""

        TOPIC = "assessment.Watch.Begun"
        first: str

    # -- Decisions
    @classmethod
    def begin(cls, first: str, *, at: datetime) -> Watch:
        """Return the watch that begins with the month `first`."""
        return cls._create(cls.Begun, id=cls.ID, first=first, timestamp=at)
