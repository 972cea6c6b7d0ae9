"""Replication over HTTP: what cells take over from model cells."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from contracts.message import Code
from services.assessment.api.page import Beyond, Limit, Page
from services.assessment.application import Assessment, ReplicateModel
from services.assessment.views import MovementTold
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt


class ReplicationShown(BaseModel):
    """What a cell took over."""

    replication: Code
    organization: Code
    model: Code
    practice: str
    replicated_on: date


class ReplicationsShown(Page[ReplicationShown]):
    """What other cells took over from one; `next` is where the rest begins."""


def add_routes(
    router: APIRouter, assessment: Assessment, told: MovementTold, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of replications, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/replications", status_code=201)
    async def replicate(command: ReplicateModel, asked: request) -> Receipt:
        """Record that a cell took over a practice of a model cell."""
        await asked.require(rights, "officer", "secretary", over=[command.organization])
        return await assessment.replications.replicate(command, asked.why)

    @router.get("/replications")
    async def replications(
        model: Annotated[Code, Query()], by: caller, after: Reading, start: Beyond = None, limit: Limit = 100
    ) -> ReplicationsShown:
        """List what other cells took over from a model cell."""
        await after.wait(told)
        await rights.require(by, *READERS, over=[model], after=after)
        rows = await told.replications(model, start or "", limit + 1)
        items = [ReplicationShown(**row) for row in rows[:limit]]
        return ReplicationsShown(items=items, next=items[-1].replication if len(rows) > limit else None)
