"""Launches of the movement over HTTP, and how far each came."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.message import Code, DayOn
from contracts.vocabulary import Document
from services.assessment.application import Assessment, LaunchMovement
from services.assessment.views import MovementTold
from services.assessment.views.coverage import Cascade, cascade
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt
from services.chassis.sizes import CELLS


def add_routes(
    router: APIRouter, assessment: Assessment, told: MovementTold, rights: Rights, auth: Auth
) -> None:
    """Add what is asked of launches, and about them."""
    request = Annotated[Asked, Depends(Asking(auth))]
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post("/movements", status_code=201)
    async def launch(command: LaunchMovement, asked: request) -> Receipt:
        """Record that a committee launched the movement."""
        await asked.require(rights, "officer", over=[command.organization])
        return await assessment.movements.launch(command, asked.why)

    @router.get("/movements")
    async def launched(
        organization: Annotated[Code, Query()],
        by: caller,
        after: Reading,
        on: Annotated[DayOn | None, Query(description="a day; today unless stated")] = None,
    ) -> list[Cascade]:
        """List the launches of a committee, each with those beneath that carried it on or did not."""
        await after.wait(rights.tree, told)
        await rights.require(by, *READERS, over=[organization], after=after)
        day = on or assessment.cells.today()
        beneath = await rights.tree.beneath_on(organization, day)
        committees = [node for node in beneath if node.kind not in CELLS and node.code != organization]
        found = []
        for row in await told.launches(organization, day):
            document = Document(number=row["number"], date=row["dated"])
            since = await told.carried(organization, document.number, document.date, day)
            found.append(cascade(document, row["title"], row["launched_on"], committees, since))
        return found
