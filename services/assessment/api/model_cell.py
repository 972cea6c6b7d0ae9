"""Model cells over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.assessment.application import Assessment, SelectModelCell
from services.chassis.edge.auth import Auth
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Receipt


def add_routes(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    """Add what is asked of model cells."""
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/model-cells", status_code=201)
    async def select(command: SelectModelCell, asked: request) -> Receipt:
        """Select a pilot or model cell."""
        await asked.require(rights, "officer", over=[command.organization])
        return await assessment.model_cells.select(command, asked.why)
