"""Cells that are too small or large enough for a committee, by the rule pack that the registry decides by."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from contracts.message import Code, DayOn
from services.chassis.edge.after import Reading
from services.chassis.sizes import CELLS, CellSizes, cell_sizes
from services.chassis.views.tree import Node
from services.reporting.known import Known, KnownAt
from services.reporting.views import Headcount
from services.reporting.views.running import SUMS, held
from services.reporting.views.subtree import Structure, organizations

Flag = Literal["BELOW_MINIMUM", "COMMITTEE_SUGGESTED"]
"""Charter arts. 21.2 and 24.1: it decides nothing; art. 21: it is as large as a committee with cells."""


class CellOfSize(BaseModel):
    """A cell whose number of members on a day asks for something, and for what."""

    organization: Code
    name: str
    kind: str
    parent: Code | None
    full: int
    probationary: int
    flag: Flag


class SizesShown(BaseModel):
    """The cells of a subtree that are too small or large enough for a committee, by code.

    `rules` names the pack and its version; `minimum` is of full members, `committee_from` of all.
    """

    organization: Code
    as_of: date
    rules: str
    minimum: int
    committee_from: int
    cells: list[CellOfSize]


OUT_OF_SIZE = """
    SELECT code AS organization, name, kind, parent, "full", probationary,
        CASE WHEN "full" < %(minimum)s THEN 'BELOW_MINIMUM' ELSE 'COMMITTEE_SUGGESTED' END AS flag
    FROM (
        SELECT cell, {sums} FROM (
            SELECT unnest(path) AS cell, days, full_members, probationary FROM {held}
        ) AS held GROUP BY cell
    ) AS counted JOIN {organizations} ON code = cell
    WHERE stands AND kind = ANY(%(cells)s) AND "full" + probationary > 0
    AND ("full" < %(minimum)s OR kind = 'GRASSROOTS_CELL' AND "full" + probationary >= %(committee_from)s)
    ORDER BY code
"""
"""What was merged into a cell lies beneath it and counts there. Of a cell without members nobody was told."""


async def out_of_size(
    headcount: Headcount, organization: str, day: date, sizes: CellSizes, structure: Structure = "then"
) -> list[CellOfSize]:
    """Return the cells of the subtree that are too small or large on `day`, by code."""
    rows = await headcount.rows(
        OUT_OF_SIZE.format(
            sums=SUMS,
            held=held(headcount.schema, structure),
            organizations=organizations(headcount.schema, structure),
        ),
        root=organization,
        day=day,
        cells=list(CELLS),
        minimum=sizes.full_members_min,
        committee_from=sizes.committee_members_from,
    )
    return [CellOfSize(**row) for row in rows]


def add_sizes(
    router: APIRouter, known: Known, gate: Callable[..., Awaitable[Node]], today: Callable[[], date]
) -> None:
    """Add the route. `gate` lets pass who may read about the organization in the path."""
    sizes = cell_sizes()

    @router.get("/organizations/{code}/sizes")
    async def of_size(
        node: Annotated[Node, Depends(gate)],
        after: Reading,
        as_of: Annotated[DayOn | None, Query(description="the day; today if none is named")] = None,
        structure: Annotated[Structure, Query(description="the tree of that day, or of today")] = "then",
        known_at: KnownAt = None,
    ) -> SizesShown:
        """Cells with too few full members to decide, and those large enough for a committee."""
        day = as_of or today()
        async with known.read(after, known_at, "headcount") as views:
            cells = await out_of_size(views.headcount, node.code, day, sizes, structure)
        return SizesShown(
            organization=node.code,
            as_of=day,
            rules=sizes.name,
            minimum=sizes.full_members_min,
            committee_from=sizes.committee_members_from,
            cells=cells,
        )
