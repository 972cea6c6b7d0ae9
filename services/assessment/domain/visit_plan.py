"""Visit plans: which cell a supervisor means to visit on which day, registered before."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime

from services.assessment.domain.organization import Organization
from services.assessment.domain.supervision import NotAssigned, Supervision
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused


class PlannedTooLate(Refused):
    """S003 (Bình Thuận, after Regulation 1513 of 2024): plans are registered before the visit.

    By the day before at the latest (house rule).
    """


class AlreadyPlanned(Refused):
    """A supervisor plans to visit a cell once for a day (house rule)."""


class VisitPlan(Aggregate):
    """One visit that one supervisor plans."""

    TOPIC = "assessment.VisitPlan"

    # -- State
    planned_for: date = field(init=False)

    # -- Facts
    class Event(Fact):
        """A fact about one plan."""

    class Planned(FirstFact):
        """Both days are ISO dates."""

        TOPIC = "assessment.VisitPlan.Planned"
        organization: str
        superior: str
        supervisor: str
        planned_for: str
        registered_on: str

        def apply(self, plan: VisitPlan) -> None:
            """Remember for when."""
            plan.planned_for = date.fromisoformat(self.planned_for)

    # -- Decisions
    @staticmethod
    def id_for(organization: str, supervisor: str, planned_for: date) -> str:
        """Return `visit-plan-<organization>-<supervisor>-<day>`."""
        return f"visit-plan-{organization}-{supervisor}-{planned_for}"

    @classmethod
    def plan(
        cls,
        cell: Organization,
        assigned: Supervision | None,
        supervisor: str,
        superior: str,
        *,
        planned_for: date,
        registered_on: date,
        at: datetime,
    ) -> VisitPlan:
        """Record that `supervisor`, `assigned` to `cell` in that year, means to visit it on a day.

        Raises NotACell, NotASuperior, InTheFuture, BeforeFounding, OrganizationEnded, PlannedTooLate,
        NotAssigned.
        """
        cell.require_cell()
        cell.require_superior(superior)
        cell.require_past(registered_on, at=at)
        if registered_on >= planned_for:
            raise PlannedTooLate(f"for {planned_for}, registered on {registered_on}")
        if assigned is None or not assigned.lasts(planned_for):
            raise NotAssigned(f"{supervisor} to {cell.code} on {planned_for}")
        return cls._create(
            cls.Planned,
            id=cls.id_for(cell.code, supervisor, planned_for),
            organization=cell.code,
            superior=superior,
            supervisor=supervisor,
            planned_for=planned_for.isoformat(),
            registered_on=registered_on.isoformat(),
            timestamp=at,
        )
