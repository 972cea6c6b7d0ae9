"""Obligations over HTTP: what cells owe and what became of it, by which rules, and who is excused."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.assessment.application import Assessment, ExcuseObligation
from services.assessment.application.obligation import DutyPack
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt


def add_routes(router: APIRouter, assessment: Assessment, rights: Rights, auth: Auth) -> None:
    """Add what is asked of obligations, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]
    duties = assessment.duties

    @router.post("/obligations/excuses", status_code=201)
    async def excuse(command: ExcuseObligation, asked: request) -> Receipt:
        """Excuse a cell from something owed of it in a month, by a decision of a committee above it."""
        await asked.require(rights, "officer", over=[command.excused_by])
        return await duties.excuse(command, asked.why)

    @router.get("/obligations/rules")
    async def rules(by: caller) -> list[DutyPack]:
        """List the rules on what is owed, each with the month from which it holds and its sources."""
        await rights.require(by, *READERS)
        return duties.packs.stated
