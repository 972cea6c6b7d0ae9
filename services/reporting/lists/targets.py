"""The targets of a subtree: admissions in numbers, shares in percent, by organization and year."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from contracts.message import Code
from contracts.vocabulary import Year
from services.reporting.lists.listing import Listing, OverTree, Page
from services.reporting.views import Views
from services.reporting.views.subtree import organizations


@dataclass(frozen=True)
class TargetListed:
    """What one organization set itself for a year: members to admit (ADMISSIONS), or a share in percent.

    `reached` is, of COVERAGE, the share of its cells that had registered; of others it is told where their
    figures are (admissions, classes).
    """

    organization: str
    organization_name: str
    year: str
    measure: str
    target: Decimal
    reached: Decimal | None = None


class TargetsAsked(OverTree):
    """How targets are listed."""

    sort: Literal["organization", "organization_name", "year", "measure", "target"] = "organization"
    organization: Code | None = Field(default=None, description="only those of this very organization")
    year: Year | None = None
    measure: Literal["ADMISSIONS", "GOOD_OR_BETTER", "COVERAGE"] | None = None


LISTING = Listing(
    TargetListed,
    key=("organization", "year", "measure"),
    filters={name: f"{name} = %({name})s" for name in ("organization", "year", "measure")},
)


async def list_targets(views: Views, root: str, day: date, asked: TargetsAsked) -> Page[TargetListed]:
    """Return a page of the newest targets of what stood in the subtree of `root` on `day`.

    Raises RequestValidationError.
    """
    select = f"""
        SELECT organization.code AS organization, name AS organization_name, year, measure, target,
            NULL::numeric AS reached
        FROM {organizations(views.headcount.schema, asked.structure)} JOIN (
            SELECT code, year::text, 'ADMISSIONS' AS measure, target::numeric
            FROM {views.headcount.schema}.target
            UNION ALL SELECT code, year, measure, percent FROM {views.classes.schema}.target
        ) AS target USING (code)
        WHERE path @> ARRAY[%(root)s] AND stands
    """
    page = await LISTING.page(views.headcount, select, asked, root=root, day=day)
    shares = {(one.organization, one.year) for one in page.items if one.measure == "COVERAGE"}
    reached = await views.structure.covered(shares, day) if shares else {}
    items = [
        replace(one, reached=reached[one.organization, one.year]) if one.measure == "COVERAGE" else one
        for one in page.items
    ]
    return Page(items, page.next)
