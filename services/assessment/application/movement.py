"""The emulation movement: launched from above to below."""

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Line
from services.assessment.application.cells import Cells
from services.assessment.domain import Movement
from services.assessment.domain.movement import AlreadyLaunched, UnknownLaunch
from services.chassis.eventlog.store import Origin, Receipt
from services.chassis.stated import Command


class Launch(Command):
    """The launch of a committee above, by its document."""

    organization: Code
    document: Document


class LaunchMovement(Command):
    """Launch the movement in a subtree; `follows` is the launch above that it carries on."""

    organization: Code
    document: Document
    title: Line
    launched_on: DayOn
    follows: Launch | None = None


class Movements:
    """The use cases of launches."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.store = cells.store

    async def launch(self, command: LaunchMovement, origin: Origin) -> Receipt:
        """Record a launch.

        Raises UnknownOrganization, UnknownLaunch, what `Movement.launch` raises, AlreadyLaunched.
        """
        movement = Movement.launch(
            await self.cells.find_on(command.organization, command.launched_on),
            number=command.document.number,
            dated=command.document.date,
            title=command.title,
            launched_on=command.launched_on,
            follows=await self._followed(command.follows) if command.follows else None,
            at=self.store.clock(),
        )
        return await self.cells.record_new(movement, origin, otherwise=AlreadyLaunched)

    async def _followed(self, launch: Launch) -> Movement:
        number, dated = launch.document.number, launch.document.date
        known = await self.store.look_up(Movement, Movement.id_for(launch.organization, number, dated))
        if known is None:
            raise UnknownLaunch(f"{launch.organization} launched nothing by {number} of {dated}")
        return known
