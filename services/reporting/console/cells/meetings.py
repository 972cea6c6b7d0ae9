"""A meeting: how it was called, its minutes, its tasks, and what each scoring pack says of it."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from contracts.message import Code
from services.chassis.errors import NotFound
from services.reporting.console.cells.desk import Desk
from services.reporting.console.commands.offers_of_cells import of_meeting, of_task


def add_meetings(router: APIRouter, desk: Desk) -> None:
    """Add the page."""

    @router.get("/meetings/{meeting}")
    async def shown(request: Request, meeting: Annotated[Code, Path()]) -> Response:
        told = await desk.told(request, f"meetings/{meeting}")
        known = next((told[one] for one in ("held", "called", "cancelled") if told[one]), None)
        if known is None:
            raise NotFound(meeting)
        cell = known["organization"]
        caller, node = await desk.reader.organization(request, cell)
        page = {
            "meeting": meeting,
            "one": told,
            "held": told["held"],
            "called": told["called"],
            "at": _moment(known),
            "verdicts": await desk.told(request, f"meetings/{meeting}/quality") if told["held"] else (),
            "sheets": {
                (one["name"], one["version"]): one for one in await desk.told(request, "scoring-packs")
            },
            "offers": of_meeting(desk.services, caller, cell, meeting, told, today=desk.today),
            "reports": partial(of_task, desk.services, caller, cell, meeting),
        }
        return await desk.page(request, "meeting.html", caller, node, page)


def _moment(known: dict[str, Any]) -> datetime | None:
    """Return when it was held, or is to be."""
    said = known.get("held_at") or known.get("scheduled_for")
    return datetime.fromisoformat(said) if said else None
