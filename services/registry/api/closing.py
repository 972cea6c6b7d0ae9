"""Closed months over HTTP: for a manifest that came by hand, where the line does not carry it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.chassis.edge.auth import Auth
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Receipt
from services.registry.application import ClosePeriod, Registry


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked about closed months."""
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/closings", status_code=201, tags=["districts"])
    async def close(command: ClosePeriod, asked: request) -> Receipt:
        """Record a month that a district closed, by the manifest it signed."""
        await asked.require(rights, "officer", over=[command.organization])
        return await registry.closings.close(command, asked.why)
