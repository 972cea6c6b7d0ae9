"""A meeting: how it was called, its minutes, its tasks, and what each scoring pack says of it."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from contracts.message import Code
from services.chassis.errors import NotFound
from services.reporting.console.cells.desk import Desk
from services.reporting.console.commands.offers_of_cells import of_meeting, of_task
from services.reporting.console.names import For


def add_meetings(router: APIRouter, desk: Desk) -> None:
    """Add the page."""

    @router.get("/meetings/{meeting}")
    async def shown(request: Request, meeting: Annotated[Code, Path()], purpose: For = None) -> Response:
        told = await desk.told(request, f"meetings/{meeting}")
        known = next((told[one] for one in ("held", "called", "cancelled") if told[one]), None)
        if known is None:
            raise NotFound(meeting)
        cell = known["organization"]
        caller, node = await desk.reader.organization(request, cell)
        verdicts = await desk.told(request, f"meetings/{meeting}/quality") if told["held"] else ()
        page = {
            "meeting": meeting,
            "one": told,
            "held": told["held"],
            "called": told["called"],
            "at": _moment(known),
            "verdicts": verdicts,
            "names": await desk.names(one.get("superior") for one in verdicts),
            "named": await desk.named(request, caller, _people(told), purpose),
            "sheets": {
                (one["name"], one["version"]): one for one in await desk.told(request, "scoring-packs")
            },
            "offers": of_meeting(desk.services, caller, cell, meeting, told, today=desk.today),
            "reports": partial(of_task, desk.services, caller, cell, meeting),
        }
        return await desk.page(request, "meeting.html", caller, node, page)


def _people(told: dict[str, Any]) -> list[str]:
    """Return the members whom the page of a meeting speaks of."""
    held, tasks = told["held"] or {}, [one["member"] for one in told["tasks"]]
    absent = [one["member"] for one in (*held.get("absences", ()), *told["excused_running"])]
    return [held.get("chaired_by"), *told["supervisors"], *held.get("supervisors", ()), *absent, *tasks]


def _moment(known: dict[str, Any]) -> datetime | None:
    """Return when it was held, or is to be."""
    said = known.get("held_at") or known.get("scheduled_for")
    return datetime.fromisoformat(said) if said else None
