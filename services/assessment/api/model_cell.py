"""Model cells over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.message import Code, DayOn
from services.assessment.application import Assessment, SelectModelCell
from services.assessment.views import MovementTold
from services.assessment.views.coverage import ModelShare, model_share
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt


def add_routes(
    router: APIRouter, assessment: Assessment, told: MovementTold, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of model cells, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/model-cells", status_code=201)
    async def select(command: SelectModelCell, asked: request) -> Receipt:
        """Select a pilot or model cell."""
        await asked.require(rights, "officer", over=[command.organization])
        return await assessment.model_cells.select(command, asked.why)

    @router.get("/model-cells/share")
    async def share(
        organization: Annotated[Code, Query()],
        by: caller,
        after: Reading,
        on: Annotated[DayOn | None, Query(description="a day; today unless stated")] = None,
    ) -> ModelShare:
        """Show, for each committee with cells of its own, how many models they need and which there are."""
        await after.wait(rights.tree, told)
        await rights.require(by, *READERS, over=[organization], after=after)
        day = on or assessment.cells.today()
        beneath = await rights.tree.beneath_on(organization, day)
        return model_share(organization, day, beneath, await told.models(day), assessment.model_cells.rules)
