"""Replication: what other cells take over from the model cells."""

from contracts.message import Code, DayOn
from contracts.vocabulary import Line
from services.assessment.application.cells import Cells
from services.assessment.domain import ModelCell, Replication
from services.assessment.domain.model_cell import ROLES
from services.assessment.domain.replication import AlreadyReplicated
from services.chassis.eventlog.store import Origin, Receipt
from services.chassis.stated import Command


class ReplicateModel(Command):
    """Take over, as `organization`, a practice of the model cell `model`."""

    replication: Code
    organization: Code
    model: Code
    practice: Line
    replicated_on: DayOn


class Replications:
    """The use cases of replication."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.store = cells.store

    async def replicate(self, command: ReplicateModel, origin: Origin) -> Receipt:
        """Record a replication.

        Raises UnknownOrganization, what `Replication.replicate` raises, AlreadyReplicated.
        """
        ids = [ModelCell.id_for(command.model, role) for role in ROLES]
        selections = [await self.store.look_up(ModelCell, id) for id in ids]
        replication = Replication.replicate(
            await self.cells.find_on(command.organization, command.replicated_on),
            command.replication,
            command.model,
            [selection for selection in selections if selection],
            practice=command.practice,
            replicated_on=command.replicated_on,
            at=self.store.clock(),
        )
        return await self.cells.record_new(replication, origin, otherwise=AlreadyReplicated)
