"""Concerns: those of a subtree with their clocks, and one with the steps of its life."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from contracts.message import Code
from services.reporting.console.cells.desk import Clocked, Desk
from services.reporting.console.commands.offers_of_cells import of_concern

STATES = (
    "RAISED",
    "ACKNOWLEDGED",
    "ESCALATED",
    "HEARD",
    "ASSIGNED",
    "ANSWERED_LOCALLY",
    "RESOLVED",
    "CONFIRMED_TO_CELL",
    "REOPENED",
)
ROWS = 50

Which = Literal["", "overdue"] | Literal[STATES]  # type: ignore[valid-type]


def add_concerns(router: APIRouter, desk: Desk) -> None:
    """Add the list and the page of one."""

    @router.get("/organizations/{code}/concerns")
    async def listed(
        request: Request,
        code: str,
        which: Which = "",
        start: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    ) -> Response:
        caller, node = await desk.reader.organization(request, code)
        asked: dict[str, object] = {"overdue": True} if which == "overdue" else {"state": which or None}
        found = await desk.told(
            request, "concerns", organization=code, limit=ROWS, **asked, **{"from": start or None}
        )
        rows = [_clocked(one, desk) for one in found["concerns"]]
        names = await desk.names(one[who] for one in rows for who in ("organization", "holder"))
        page = {"rows": rows, "names": names, "which": which, "states": STATES, "following": found["next"]}
        return await desk.page(request, "concerns.html", caller, node, page)

    @router.get("/concerns/{concern}")
    async def shown(request: Request, concern: Annotated[Code, Path()]) -> Response:
        told = await desk.told(request, f"concerns/{concern}")
        raised = told["raised"]
        caller, node = await desk.reader.organization(request, raised["organization"])
        entries = [
            one
            for one in await desk.queries.timeline(node.code)
            if one.name.startswith("Concern") and one.data.get("concern") == concern
        ]
        page = {
            "one": {**told, **_clocked(told, desk)},
            "raised": raised,
            "entries": await desk.spoken(
                sorted(entries, key=lambda one: (one.at, one.position), reverse=True)
            ),
            "names": await desk.names([told["holder"]]),
            "offers": of_concern(desk.services, caller, told),
        }
        return await desk.page(request, "concern.html", caller, node, page)


def _clocked(told: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """Return what is told of a concern, its clocks as they stand today."""
    clocks = {
        name: told[name] and Clocked.of(told[name], desk.today) for name in ("acknowledgement", "solution")
    }
    return {**told, **clocks}
