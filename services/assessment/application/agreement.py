"""Emulation agreements: signed by two organizations, whichever is told first."""

from contracts.message import Code, DayOn
from contracts.vocabulary import Line
from services.assessment.application.cells import Cells
from services.assessment.domain import Agreement
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command


class SignAgreement(Command):
    """Sign, as `organization`, what it and `partner` agreed. Each side states the whole agreement."""

    agreement: Code
    organization: Code
    partner: Code
    agreed: Line
    signed_on: DayOn


class Agreements:
    """The use cases of agreements."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.store = cells.store

    @retried
    async def sign(self, command: SignAgreement, origin: Origin) -> Receipt:
        """Record a signature: the first begins the agreement, the second completes it.

        Raises UnknownOrganization, what `Agreement.sign` and `Agreement.countersign` raise.
        """
        signatory = await self.cells.find_on(command.organization, command.signed_on)
        await self.cells.find(command.partner)
        signed_on, at = command.signed_on, self.store.clock()
        agreement = await self.store.look_up(Agreement, Agreement.id_for(command.agreement))
        if agreement is None:
            agreement = Agreement.sign(
                signatory, command.agreement, command.partner, command.agreed, signed_on=signed_on, at=at
            )
        else:
            agreement.countersign(signatory, command.partner, command.agreed, signed_on=signed_on, at=at)
        return await self.store.record(agreement, origin=origin)

    async def find(self, code: str) -> Agreement:
        """Return an agreement. Raises NotFound."""
        return await self.store.find(Agreement, Agreement.id_for(code))
