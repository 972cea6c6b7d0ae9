"""Targets over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.chassis.edge.auth import Auth
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Receipt
from services.registry.application import Registry, SetAdmissionTarget, SetTarget


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked about targets."""
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/admission-targets", status_code=201)
    async def set_target(command: SetAdmissionTarget, asked: request) -> Receipt:
        """Set a year's admission target, or set it anew. `If-Match` takes the organization's ETag."""
        await asked.require(rights, "officer", over=[command.organization])
        return await registry.targets.set_admissions(command, asked.why)

    @router.post("/targets", status_code=201)
    async def set_share(command: SetTarget, asked: request) -> Receipt:
        """Set which share should be good or better, or take part, in a year; or set it anew.

        `If-Match` takes the organization's ETag.
        """
        await asked.require(rights, "officer", over=[command.organization])
        return await registry.targets.set_share(command, asked.why)
