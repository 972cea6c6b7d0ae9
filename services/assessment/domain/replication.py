"""Replication: what other cells take over from the model cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from services.assessment.domain.model_cell import ModelCell
from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused


class AlreadyReplicated(Refused):
    """What a cell took over is recorded once, under a code of its own (house rule)."""


class OwnPractice(Refused):
    """A cell takes over what another one does (house rule)."""


class NotAModelThen(NotYetKnown):
    """What is replicated comes from a cell selected by that day; the news may be on its way (Bắc Kạn)."""


class Replication(Aggregate):
    """One practice that one cell took over from a model cell."""

    TOPIC = "assessment.Replication"

    # -- Facts
    class Event(Fact):
        """A fact about one replication."""

    class Replicated(FirstFact):
        TOPIC = "assessment.Replication.Replicated"
        replication: str
        organization: str
        model: str
        practice: str
        replicated_on: str

    # -- Decisions
    @staticmethod
    def id_for(code: str) -> str:
        """Return `replication-<code>`."""
        return f"replication-{code}"

    @classmethod
    def replicate(
        cls,
        cell: Organization,
        code: str,
        model: str,
        selections: Sequence[ModelCell],
        *,
        practice: str,
        replicated_on: date,
        at: datetime,
    ) -> Replication:
        """Record that `cell` took over a practice of `model`.

        `selections` are those of `model` that are known, as a pilot and as a model.
        Raises NotACell, OwnPractice, InTheFuture, BeforeFounding, OrganizationEnded, NotAModelThen.
        """
        cell.require_cell()
        if model == cell.code:
            raise OwnPractice(f"{code}: {model} from itself")
        cell.require_past(replicated_on, at=at)
        if not any(selection.selected_on <= replicated_on.isoformat() for selection in selections):
            raise NotAModelThen(f"{model} is not known to have been selected by {replicated_on}")
        return cls._create(
            cls.Replicated,
            id=cls.id_for(code),
            replication=code,
            organization=cell.code,
            model=model,
            practice=practice,
            replicated_on=replicated_on.isoformat(),
            timestamp=at,
        )
