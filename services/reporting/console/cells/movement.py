"""The movement in a subtree: launches carried on, agreements signed, cells registered, models chosen."""

from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from contracts.message import Code
from services.chassis.views.tree import Node
from services.reporting.console import charts
from services.reporting.console.asking import Wish
from services.reporting.console.cells.desk import Desk
from services.reporting.console.commands.offers_of_cells import of_movement, of_signature
from services.reporting.views.subtree import CELLS

NAMED_MAX = 300
"""Cells without a registration that are named; of more only the number is told."""

AGREEMENTS = 50


def add_movement(router: APIRouter, desk: Desk) -> None:
    """Add the page."""

    @router.get("/organizations/{code}/movement")
    async def movement(
        request: Request, code: str, wish: Wish, start: Annotated[Code | None, Query()] = None
    ) -> Response:
        caller, node = await desk.reader.organization(request, code)
        on = min(wish.on or desk.today, desk.last_day(node))
        agreements = await desk.told(request, "agreements", organization=code, start=start, limit=AGREEMENTS)
        sides = [side["organization"] for one in agreements["items"] for side in one["signatures"]]
        committee = node.kind not in CELLS
        page = {
            "on": on,
            "of_cell": not committee,
            "agreements": agreements["items"],
            "following": agreements["next"],
            "names": await desk.names(sides),
            "signs": partial(of_signature, desk.services, caller, node),
            "offers": of_movement(desk.services, caller, node, today=desk.today),
            **await _coverage(desk, request, node, on),
            **(await _of_committee(desk, request, code, on) if committee else {}),
        }
        if not committee:
            page["replications"] = (await desk.told(request, "replications", model=code))["items"]
            page["names"] = {**page["names"], **await desk.names(_cells(page["replications"]))}
        return await desk.page(request, "movement.html", caller, node, page)


async def _coverage(desk: Desk, request: Request, node: Node, on: date) -> dict[str, Any]:
    covered = await desk.told(request, "coverage", organization=node.code, year=str(on.year))
    missing = covered["missing"][:NAMED_MAX]
    here = {one.code: one.name for one in await desk.queries.beneath(node.code, on)}
    return {
        "covered": covered,
        "coverage": charts.bullet(covered["registered"], covered["cells"], title=str(covered["percent"])),
        "unregistered": [(code, here.get(code, code)) for code in missing],
    }


async def _of_committee(desk: Desk, request: Request, code: str, on: date) -> dict[str, Any]:
    """Return the launches, each with how far it came, and the share of model cells."""
    launches = await desk.told(request, "movements", organization=code, on=on.isoformat())
    share = await desk.told(request, "model-cells/share", organization=code, on=on.isoformat())
    share["committees"].sort(key=lambda one: (-one["shortfall"], one["name"]))
    for one in launches:
        all_of_them = one["launched"] + one["waiting"]
        one["reached"] = charts.bullet(
            one["launched"], all_of_them, title=f"{one['launched']} / {all_of_them}"
        )
    return {"launches": launches, "share": share}


def _cells(replications: list[dict[str, Any]]) -> list[str]:
    return [one["organization"] for one in replications]
