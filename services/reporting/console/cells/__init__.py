"""Pages on what happens in cells, as assessment tells it to their reader."""

from fastapi import APIRouter

from services.reporting.console.cells.concerns import add_concerns
from services.reporting.console.cells.criteria import add_criteria
from services.reporting.console.cells.desk import Desk
from services.reporting.console.cells.meetings import add_meetings
from services.reporting.console.cells.month import add_month
from services.reporting.console.cells.movement import add_movement
from services.reporting.console.cells.supervision import add_supervision

__all__ = ["Desk", "add_cells"]


def add_cells(router: APIRouter, desk: Desk) -> None:
    """Add the pages."""
    for add in (add_concerns, add_criteria, add_meetings, add_month, add_movement, add_supervision):
        add(router, desk)
