"""Criteria: the frameworks in force for an organization, and the packs of criteria and of scores."""

from fastapi import APIRouter, Request, Response

from services.reporting.console.asking import Wish
from services.reporting.console.cells.desk import Desk
from services.reporting.console.commands.offers_of_cells import of_criteria


def add_criteria(router: APIRouter, desk: Desk) -> None:
    """Add the page."""

    @router.get("/organizations/{code}/criteria")
    async def criteria(request: Request, code: str, wish: Wish) -> Response:
        caller, node = await desk.reader.organization(request, code)
        on = min(wish.on or desk.today, desk.last_day(node))
        frameworks = await desk.told(request, "frameworks", organization=code, on=on.isoformat())
        page = {
            "on": on,
            "frameworks": frameworks,
            "packs": await desk.told(request, "packs"),
            "sheets": await desk.told(request, "scoring-packs"),
            "names": await desk.names(one["organization"] for one in frameworks),
            "offers": of_criteria(desk.services, caller, node),
        }
        return await desk.page(request, "criteria.html", caller, node, page)
