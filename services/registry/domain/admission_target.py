"""An admission target: how many a subtree should admit in a year."""

from __future__ import annotations

from datetime import date, datetime

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.registry.domain.goals import may_reset, may_set
from services.registry.domain.organization import Organization
from services.registry.domain.words import Decision, written


class AdmissionTarget(Aggregate):
    """How many members one organization's subtree should admit in one year."""

    TOPIC = "registry.AdmissionTarget"

    # -- State

    organization: str
    year: str
    target: int
    set_on: str

    # -- Facts

    class Event(Fact):
        """A fact about one organization's target for one year."""

    class Set(FirstFact):
        TOPIC = "registry.AdmissionTarget.Set"
        organization: str
        year: str
        target: int
        decision_number: str | None
        decision_dated: str | None
        set_on: str

    class Reset(Event):
        TOPIC = "registry.AdmissionTarget.Reset"
        organization: str
        year: str
        target: int
        decision_number: str | None
        decision_dated: str | None
        set_on: str

        def apply(self, target: AdmissionTarget) -> None:
            """Put the new figure in the place of the old."""
            target.target = self.target
            target.set_on = self.set_on

    # -- Decisions

    @staticmethod
    def id_for(organization: str, year: str) -> str:
        """Return the one id of this organization and year."""
        return f"admission-target-{organization}-{year}"

    @classmethod
    def set(
        cls,
        organization: Organization,
        year: str,
        *,
        target: int,
        decision: Decision | None,
        set_on: date,
        at: datetime,
    ) -> AdmissionTarget:
        """Set the first target. `year` may lie ahead: next year's is set now.

        Raises DateInFuture, TargetBeforeFounding.
        """
        may_set(organization, set_on, at)
        return cls._create(
            cls.Set,
            id=cls.id_for(organization.code, year),
            organization=organization.code,
            year=year,
            target=target,
            **written(decision),
            set_on=set_on.isoformat(),
            timestamp=at,
        )

    def reset(self, *, target: int, decision: Decision | None, set_on: date, at: datetime) -> None:
        """Set the target anew. Raises DateInFuture, TargetUnchanged, TargetOvertaken."""
        named = f"{self.organization} {self.year}, admissions"
        may_reset(named, self.target, self.set_on, now=target, set_on=set_on, at=at)
        self.trigger_event(
            self.Reset,
            organization=self.organization,
            year=self.year,
            target=target,
            **written(decision),
            set_on=set_on.isoformat(),
            timestamp=at,
        )
