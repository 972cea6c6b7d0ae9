"""Registrations: which cells undertake to build the model in a year."""

from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Year
from services.assessment.application.cells import Cells
from services.assessment.application.framework import CriteriaFrameworks
from services.assessment.application.meeting import Meetings
from services.assessment.domain import Period, Registration
from services.assessment.domain.registration import AlreadyRegistered
from services.chassis.eventlog.store import Origin, Receipt
from services.chassis.stated import Command


class RegisterCell(Command):
    """Register a cell for a year, as its `meeting` resolved, by the criteria of `framework`."""

    organization: Code
    year: Year
    meeting: Code
    registered_on: DayOn
    framework: Document | None = None


class Registrations:
    """The use cases of registrations."""

    def __init__(self, cells: Cells, frameworks: CriteriaFrameworks, meetings: Meetings) -> None:
        self.cells = cells
        self.store = cells.store
        self.frameworks = frameworks
        self.meetings = meetings

    async def register(self, command: RegisterCell, origin: Origin) -> Receipt:
        """Record a registration.

        Raises UnknownOrganization, UnknownMeeting, UnknownFramework, what `Registration.register`
        raises, AlreadyRegistered.
        """
        cell = await self.cells.find_on(command.organization, command.registered_on)
        registration = Registration.register(
            cell,
            Period(command.year),
            await self.meetings.known(command.meeting),
            await self.frameworks.find(cell, command.framework) if command.framework else None,
            registered_on=command.registered_on,
            at=self.store.clock(),
        )
        return await self.cells.record_new(registration, origin, otherwise=AlreadyRegistered)
