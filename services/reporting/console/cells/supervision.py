"""Supervision in a year: who follows which cell, what they did of what is asked, and whom nobody follows."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.reporting.console.cells.desk import Desk
from services.reporting.console.commands.offers_of_cells import of_assignment, of_supervision
from services.reporting.console.names import For

YEARS = 4
CELLS_MAX = 200
"""Cells that are listed; of more those that nobody follows go first."""


def add_supervision(router: APIRouter, desk: Desk) -> None:
    """Add the page."""

    @router.get("/organizations/{code}/supervision")
    async def supervision(
        request: Request,
        code: str,
        year: Annotated[int | None, Query(ge=1930, le=2100)] = None,
        purpose: For = None,
    ) -> Response:
        caller, node = await desk.reader.organization(request, code)
        last = desk.last_day(node).year
        of = min(year or last, last)
        told = await desk.told(request, "supervision", organization=code, year=str(of))
        told["supervisors"].sort(key=lambda one: (-one["missing"], one["supervisor"]))
        cells = sorted(told["cells"], key=lambda one: (len(one["supervisors"]), one["done"], one["name"]))
        people = [one["supervisor"] for one in told["supervisors"]]
        instead = [cell["replaced_by"] for one in told["supervisors"] for cell in one["cells"]]
        page = {
            "year": of,
            "years": range(last - YEARS + 1, last + 1),
            "told": told,
            "cells": cells[:CELLS_MAX],
            "cell_names": {one["organization"]: one["name"] for one in cells},
            "alone": sum(not one["supervisors"] for one in cells),
            "names": await desk.names(one["superior"] for one in told["supervisors"]),
            "named": await desk.named(request, caller, [*people, *instead], purpose),
            "offers": of_supervision(desk.services, caller, node, of),
            "ending": partial(of_assignment, desk.services, caller, node, str(of)),
        }
        return await desk.page(request, "supervision.html", caller, node, page)
