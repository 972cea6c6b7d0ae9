"""Supervision over HTTP: who follows which cell in a year, and what was done of what that asks."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.message import Code
from contracts.vocabulary import Year
from services.assessment.api.supervised import Recorded, Supervised, SupervisorShown, supervised
from services.assessment.application import Assessment, AssignSupervision, EndSupervision
from services.assessment.views import Views
from services.assessment.views.visits import to_their_own
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt
from services.chassis.sizes import CELLS
from services.chassis.stated import Parameters
from services.chassis.views.restrictions import Restrictions


def add_routes(
    router: APIRouter,
    assessment: Assessment,
    views: Views,
    restrictions: Restrictions,
    rights: Rights,
    auth: Auth,
) -> None:
    """Add what is asked of assignments, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]
    known = assessment.supervisions

    @router.post("/supervision", status_code=201)
    async def assign(command: AssignSupervision, asked: request) -> Receipt:
        """Assign a member of a committee to a cell for a year."""
        await asked.require(rights, "officer", over=[command.superior])
        return await known.assign(command, asked.why)

    @router.post("/supervision/endings", status_code=201)
    async def end(command: EndSupervision, asked: request) -> Receipt:
        """End an assignment, and say who follows the cell instead; visits made before stay theirs."""
        await asked.require(rights, "officer", over=[command.superior])
        return await known.end(command, asked.why)

    @router.get("/supervision/rules")
    async def rules(by: caller) -> list[Parameters]:
        """List the rules on how many visits a year asks of whom, each with its source."""
        await rights.require(by, *READERS)
        return list(known.rules.values())

    @router.get("/supervision")
    async def supervision(
        organization: Annotated[Code, Query()], year: Annotated[Year, Query()], by: caller, after: Reading
    ) -> Supervised:
        """Show who follows which cells of a subtree in a year, what they did and what is missing of it."""
        await after.wait(rights.tree, known.homes, views.supervision, views.visits, views.meetings)
        await rights.require(by, *READERS, over=[organization], after=after)
        first, end, today = date(int(year), 1, 1), date(int(year), 12, 31), assessment.cells.today()
        last = min(end, today)
        # a cell that has merged since keeps its past
        nodes = [node for day in (first, last) for node in await rights.tree.beneath_on(organization, day)]
        names = {node.code: node.name for node in nodes if node.kind in CELLS}
        assigned = await views.supervision.assigned(year, names, last)
        everyone = {one["supervisor"] for one in assigned}
        visits = await views.visits.made(everyone, first, last)
        recorded = Recorded(
            assigned,
            visits,
            await views.visits.plans(everyone, first, end),
            to_their_own(visits, await known.homes.of(everyone, last), await rights.tree.mergers()),
            assessment.visits.report_within,
            today,
        )
        people, cells = supervised(recorded, names)
        hidden = await restrictions.among({*everyone, *(one["replaced_by"] or "" for one in assigned)})
        shown = [_without(one, hidden) for one in people if one.supervisor not in hidden]
        return Supervised(
            organization,
            year,
            last,
            minimum=sum(one.minimum for one in people),
            done=sum(one.done for one in people),
            missing=sum(one.missing for one in people),
            planned=sum(one.planned for one in people),
            kept=sum(one.kept for one in people),
            supervisors=shown,
            cells=[
                replace(one, supervisors=[who for who in one.supervisors if who not in hidden])
                for one in cells
            ],
            withheld=len(people) - len(shown),
        )


def _without(one: SupervisorShown, hidden: set[str]) -> SupervisorShown:
    cells = [replace(cell, replaced_by=None) if cell.replaced_by in hidden else cell for cell in one.cells]
    return replace(one, cells=cells)
