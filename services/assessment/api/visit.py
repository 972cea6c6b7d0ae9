"""Visits over HTTP: plans, what both sides say of a visit, reports, and what a superior has to clear up."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from contracts.message import Code, DayOn
from services.assessment.application import Assessment, ConfirmVisit, PlanVisit, ReportVisit
from services.assessment.application.visit import Confirmation, Reported
from services.assessment.views import VisitsTold
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt
from services.chassis.stated import Parameters
from services.chassis.views.restrictions import Restrictions

PAGE_MAX = 100
"""Mismatches on one page."""

Named = Annotated[Code, Path()]
Beneath = Annotated[Code, Query(description="visits to cells there and beneath")]
From = Annotated[int, Query(alias="from", ge=0, le=2**63 - 1, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]


class Mismatch(BaseModel):
    """A visit of which the supervisor and the cell say different things: a task of the committee `superior`.

    `supervisor` is null for a member who restricts the use of their data.
    """

    meeting: Code
    organization: Code
    superior: Code
    supervisor: Code | None
    denied_by: str
    noted_on: DayOn


class Mismatches(BaseModel):
    """A page of mismatches, those noted first before. The next begins with `from=<next>`."""

    mismatches: list[Mismatch]
    next: int | None


def add_routes(
    router: APIRouter,
    assessment: Assessment,
    told: VisitsTold,
    restrictions: Restrictions,
    rights: Rights,
    auth: Auth,
) -> None:
    """Add what is asked of visits, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]
    visits = assessment.visits

    @router.post("/visits/plans", status_code=201)
    async def plan(command: PlanVisit, asked: request) -> Receipt:
        """Register a visit before it is made."""
        await for_supervisor(asked, command)
        return await visits.plan(command, asked.why)

    @router.post("/meetings/{meeting}/confirmations", status_code=201)
    async def confirm(meeting: Named, said: Confirmation, asked: request) -> Receipt:
        """Say, for one side, whether a supervisor sat in; or decide it, where the two differ."""
        if said.side == "CELL":
            await asked.require(rights, "officer", "secretary", over=[said.organization])
        elif said.side == "SUPERVISOR":
            await for_supervisor(asked, said)
        else:
            await asked.require(rights, "officer", over=[said.superior])
        return await visits.confirm(ConfirmVisit(meeting=meeting, **dict(said)), asked.why)

    @router.post("/meetings/{meeting}/visit-reports", status_code=201)
    async def report(meeting: Named, reported: Reported, asked: request) -> Receipt:
        """Report on a meeting that a supervisor sat in."""
        await for_supervisor(asked, reported)
        return await visits.report(ReportVisit(meeting=meeting, **dict(reported)), asked.why)

    @router.get("/visits/rules")
    async def rules(by: caller) -> Parameters:
        """Show by when a visit is to be reported on, and where that is from."""
        await rights.require(by, *READERS)
        return visits.rules

    @router.get("/visits/mismatches")
    async def mismatches(
        by: caller, organization: Beneath, after: Reading, position: From = 0, limit: Limit = PAGE_MAX
    ) -> Mismatches:
        """List the visits of a subtree of which the two sides still say different things."""
        await after.wait(told)
        await rights.require(by, *READERS, over=[organization], after=after)
        rows = await told.disputed(organization, position, limit + 1)
        hidden = await restrictions.among({row["supervisor"] for row in rows})
        shown = [
            Mismatch(**row | {"supervisor": None if row["supervisor"] in hidden else row["supervisor"]})
            for row in rows[:limit]
        ]
        return Mismatches(mismatches=shown, next=rows[limit - 1]["position"] if len(rows) > limit else None)

    async def for_supervisor(asked: Asked, said: PlanVisit | Confirmation | Reported) -> None:
        """Require that it is the supervisor who asks, or an officer of their committee."""
        if asked.by.member != said.supervisor:
            await asked.require(rights, "officer", over=[said.superior])
