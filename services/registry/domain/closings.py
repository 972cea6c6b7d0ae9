"""The months a district has closed: from then on what is missing is missing, and what is new restates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from contracts.days import day_of, months_after
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused
from services.registry.domain.words import DateInFuture

CLOCKS_APART = timedelta(days=1)
"""By how much a district's clock may be ahead of ours."""


# -- Refusals: the docstring is the rule and its source, or that it is ours


class BadSignature(Refused):
    """A manifest is signed as a whole with one of the district's own keys that is in use (house rule)."""


class PeriodNotOver(Refused):
    """A month is closed once it is over (house rule)."""


class PeriodClosedAlready(Refused):
    """A month is closed once, and with it every month before: what comes later restates (house rule)."""


class EarlierStillOpen(NotYetKnown):
    """A source closes month after month, each from the number after the last one closed (house rule)."""


class ClosedBefore(Refused):
    """A number belongs to one closing (house rule)."""


class CountDiffers(Refused):
    """A manifest names each owner once, and counts every number from the first to the last (house rule)."""


@dataclass(frozen=True)
class Cut:
    """What one stream holds from `first` to `last`, by a manifest."""

    service: str
    first: int
    last: int
    count: int
    digest: str


class Closings(Aggregate):
    """The months one source of a district has closed, one after another, and its numbers up to where."""

    TOPIC = "registry.Closings"

    # -- State

    organization: str
    source: str
    period: str | None = None
    last: tuple[tuple[str, int], ...] = ()
    """How far each owner's stream is closed."""

    # -- Facts

    class Event(Fact):
        """A fact about the closed months of one source."""

    class Begun(FirstFact):
        """Nothing is closed yet."""

        TOPIC = "registry.Closings.Begun"
        organization: str
        source: str

    class Closed(Event):
        TOPIC = "registry.Closings.Closed"
        organization: str
        source: str
        period: str
        closed_at: str
        streams: str  # the cuts, a JSON list of objects
        key: int
        signature: str

        def apply(self, closings: Closings) -> None:
            """Go on from this month, and from each stream's last number."""
            closings.period = self.period
            now = {cut["service"]: cut["last"] for cut in json.loads(self.streams)}
            closings.last = tuple({**dict(closings.last), **now}.items())

    # -- Decisions

    @staticmethod
    def id_for(organization: str, source: str) -> str:
        """Return the one id of what this source of a district has closed."""
        return f"closings-{organization}-{sha256(source.encode()).hexdigest()[:16]}"

    @classmethod
    def begin(cls, organization: str, source: str, *, at: datetime) -> Closings:
        """Begin with nothing closed."""
        id = cls.id_for(organization, source)
        return cls._create(cls.Begun, id=id, organization=organization, source=source, timestamp=at)

    def close(
        self,
        period: str,
        cuts: tuple[Cut, ...],
        *,
        closed_at: datetime,
        written: str,
        key: int,
        signature: str,
        at: datetime,
    ) -> None:
        """Close `period`. `written` is how the manifest wrote `closed_at`.

        Raises PeriodNotOver, DateInFuture, CountDiffers, PeriodClosedAlready, EarlierStillOpen, ClosedBefore.
        """
        self._is_over(period, closed_at, at)
        if len({cut.service for cut in cuts}) < len(cuts):
            raise CountDiffers("an owner is named twice")
        if self.period and period <= self.period:
            raise PeriodClosedAlready(f"{self.organization} has closed {self.period} of {self.source}")
        if self.period and period != (due := _next(self.period)):
            raise EarlierStillOpen(
                f"{self.organization} has closed {self.period} of {self.source}; {due} comes next"
            )
        for cut in cuts:
            self._follows(cut)
        self.trigger_event(
            self.Closed,
            organization=self.organization,
            source=self.source,
            period=period,
            closed_at=written,
            streams=json.dumps([vars(cut) for cut in cuts]),
            key=key,
            signature=signature,
            timestamp=at,
        )

    def _is_over(self, period: str, closed_at: datetime, at: datetime) -> None:
        """Refuse a month that goes on by the district's clock, or a clock too far ahead of ours."""
        if f"{day_of(closed_at):%Y-%m}" <= period:
            raise PeriodNotOver(f"{period} was not over on {day_of(closed_at)}")
        if closed_at > at + CLOCKS_APART:
            raise DateInFuture(f"closed at {closed_at:%Y-%m-%d %H:%M}, more than a day from now")

    def _follows(self, cut: Cut) -> None:
        """Refuse numbers that are not all those after the last ones closed."""
        if cut.count != cut.last - cut.first + 1:
            raise CountDiffers(f"{cut.service}: {cut.count} from {cut.first} to {cut.last}")
        due = dict(self.last).get(cut.service, 0) + 1
        if cut.first > due:
            raise EarlierStillOpen(f"{cut.service}: {due} comes next, not {cut.first}")
        if cut.first < due:
            raise ClosedBefore(f"{cut.service}: closed up to {due - 1} before, this begins with {cut.first}")


def _next(period: str) -> str:
    return f"{months_after(date.fromisoformat(f'{period}-01'), 1):%Y-%m}"
