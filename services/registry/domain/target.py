"""A target in percent: which share of a subtree should reach something in a year."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.registry.domain.goals import may_reset, may_set
from services.registry.domain.organization import Organization
from services.registry.domain.words import Decision, written


class Measure(StrEnum):
    """What a share is of. The seeds set these two: 75 % good or better [S003], 100 % taking part [S000]."""

    GOOD_OR_BETTER = "GOOD_OR_BETTER"
    COVERAGE = "COVERAGE"


class Target(Aggregate):
    """Which share of one organization's subtree should reach one measure in one year."""

    TOPIC = "registry.Target"

    # -- State

    organization: str
    year: str
    measure: str
    percent: Decimal
    set_on: str

    # -- Facts

    class Event(Fact):
        """A fact about one organization's target of one measure for one year."""

    class Set(FirstFact):
        TOPIC = "registry.Target.Set"
        organization: str
        year: str
        measure: str
        percent: Decimal
        decision_number: str | None
        decision_dated: str | None
        set_on: str

    class Reset(Event):
        TOPIC = "registry.Target.Reset"
        organization: str
        year: str
        measure: str
        percent: Decimal
        decision_number: str | None
        decision_dated: str | None
        set_on: str

        def apply(self, target: Target) -> None:
            """Put the new share in the place of the old."""
            target.percent = self.percent
            target.set_on = self.set_on

    # -- Decisions

    @staticmethod
    def id_for(organization: str, measure: Measure, year: str) -> str:
        """Return the one id of this organization, measure and year."""
        return f"target-{organization}-{measure}-{year}"

    @classmethod
    def set(
        cls,
        organization: Organization,
        year: str,
        measure: Measure,
        *,
        percent: Decimal,
        decision: Decision | None,
        set_on: date,
        at: datetime,
    ) -> Target:
        """Set the first target. `year` may lie ahead. Raises DateInFuture, TargetBeforeFounding."""
        may_set(organization, set_on, at)
        return cls._create(
            cls.Set,
            id=cls.id_for(organization.code, measure, year),
            organization=organization.code,
            year=year,
            measure=measure.value,
            percent=percent,
            **written(decision),
            set_on=set_on.isoformat(),
            timestamp=at,
        )

    def reset(self, *, percent: Decimal, decision: Decision | None, set_on: date, at: datetime) -> None:
        """Set the target anew. Raises DateInFuture, TargetUnchanged, TargetOvertaken."""
        named = f"{self.organization} {self.measure} {self.year}, in percent"
        may_reset(named, self.percent, self.set_on, now=percent, set_on=set_on, at=at)
        self.trigger_event(
            self.Reset,
            organization=self.organization,
            year=self.year,
            measure=self.measure,
            percent=percent,
            **written(decision),
            set_on=set_on.isoformat(),
            timestamp=at,
        )
