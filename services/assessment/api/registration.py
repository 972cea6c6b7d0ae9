"""Registrations for a year over HTTP, and how much of a subtree they cover."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.message import Code
from contracts.vocabulary import Year
from services.assessment.application import Assessment, RegisterCell
from services.assessment.views import MovementTold
from services.assessment.views.coverage import Coverage, coverage
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt


def add_routes(
    router: APIRouter, assessment: Assessment, told: MovementTold, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of registrations, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/registrations", status_code=201)
    async def register(command: RegisterCell, asked: request) -> Receipt:
        """Register a cell for a year."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.registrations.register(command, asked.why)

    @router.get("/coverage")
    async def covered(
        organization: Annotated[Code, Query()], year: Annotated[Year, Query()], by: caller, after: Reading
    ) -> Coverage:
        """Count the cells that registered for a year, of those that stood at its end, or today."""
        await after.wait(rights.tree, told)
        await rights.require(by, *READERS, over=[organization], after=after)
        day = min(date(int(year), 12, 31), assessment.cells.today())
        beneath = await rights.tree.beneath_on(organization, day)
        return coverage(organization, year, day, beneath, await told.registered(year, day))
