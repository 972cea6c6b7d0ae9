"""Model cells: chosen to go first."""

from pathlib import Path
from typing import Literal

from contracts.message import Code, DayOn
from services.assessment.application.cells import Cells
from services.assessment.domain import ModelCell
from services.assessment.domain.model_cell import AlreadySelected
from services.chassis.eventlog.store import Origin, Receipt
from services.chassis.stated import Command, Parameters

PACK = Path(__file__).parents[1] / "packs" / "movement" / "model-cells.json"


class SelectModelCell(Command):
    """Choose a cell to go first, as a pilot or as one of a committee's models."""

    organization: Code
    selected_by: Code
    selected_on: DayOn
    role: Literal["PILOT", "MODEL"]


class ModelCells:
    """The use cases of model cells. `rules` say how many of its cells a committee selects at least."""

    def __init__(self, cells: Cells, rules: Parameters) -> None:
        self.cells = cells
        self.store = cells.store
        self.rules = rules

    async def select(self, command: SelectModelCell, origin: Origin) -> Receipt:
        """Select a pilot or model cell.

        Raises UnknownOrganization, NotACell, NotASuperior, InTheFuture, BeforeFounding, OrganizationEnded,
        AlreadySelected.
        """
        model_cell = ModelCell.select(
            await self.cells.find_on(command.organization, command.selected_on),
            command.selected_by,
            role=command.role,
            selected_on=command.selected_on,
            at=self.store.clock(),
        )
        return await self.cells.record_new(model_cell, origin, otherwise=AlreadySelected)
