"""Model cells: which cells a committee sends ahead, as a pilot or as one of its models."""

from __future__ import annotations

from datetime import date, datetime

from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused

ROLES = ("PILOT", "MODEL")


class AlreadySelected(Refused):
    """A cell is selected once in each role: pilot first, perhaps, and a model later (house rule)."""


class ModelCell(Aggregate):
    """One cell in one role: PILOT (Than Uyên, 3 of them) or MODEL (Mường Khương, 20 % of the cells)."""

    TOPIC = "assessment.ModelCell"

    # -- State: from when on others may copy it
    selected_on: str

    # -- Facts
    class Event(Fact):
        """A fact about one model cell."""

    class Selected(FirstFact):
        TOPIC = "assessment.ModelCell.Selected"
        organization: str
        selected_by: str
        selected_on: str
        role: str

    # -- Decisions
    @staticmethod
    def id_for(organization: str, role: str) -> str:
        """Return `model-cell-<organization>-<role>`."""
        return f"model-cell-{organization}-{role}"

    @classmethod
    def select(
        cls, cell: Organization, selected_by: str, *, role: str, selected_on: date, at: datetime
    ) -> ModelCell:
        """Record that the committee `selected_by` chose `cell`.

        Raises NotACell, NotASuperior, InTheFuture, BeforeFounding, OrganizationEnded.
        """
        cell.require_cell()
        cell.require_superior(selected_by)
        cell.require_past(selected_on, at=at)
        return cls._create(
            cls.Selected,
            id=cls.id_for(cell.code, role),
            organization=cell.code,
            selected_by=selected_by,
            selected_on=selected_on.isoformat(),
            role=role,
            timestamp=at,
        )
