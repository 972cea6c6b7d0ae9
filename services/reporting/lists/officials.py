"""The officials of a subtree on a day: who holds which position where, since when and by which decision."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from contracts.message import Code
from contracts.registry import Position
from services.reporting.lists.listing import Listing, OverTree, Page
from services.reporting.views import Views
from services.reporting.views.roster import shown
from services.reporting.views.subtree import organizations


@dataclass(frozen=True)
class OfficialListed:
    """One term: to the end of `until_on` if the decision names a day; `relieved_on` is the first without."""

    organization: str
    organization_name: str
    position: str
    member: str
    from_on: date
    until_on: date | None
    relieved_on: date | None
    decision_number: str
    decision_dated: date


class OfficialsAsked(OverTree):
    """How officials are listed: those in office on the day, unless others are asked for."""

    sort: Literal[
        "organization", "organization_name", "position", "member", "from_on", "until_on", "relieved_on"
    ] = "organization"
    state: Literal["IN_OFFICE", "ENDED", "ALL"] = "IN_OFFICE"
    organization: Code | None = Field(default=None, description="only those of this very organization")
    position: Position | None = None


LISTING = Listing(
    OfficialListed,
    key=("organization", "position", "member", "from_on"),
    filters={
        "state": "%(state)s IN (state, 'ALL')",
        "organization": "organization = %(organization)s",
        "position": "position = %(position)s",
    },
)


async def list_officials(views: Views, root: str, day: date, asked: OfficialsAsked) -> Page[OfficialListed]:
    """Return a page of the terms in the subtree of `root` that had begun by `day`, by member's code.

    Who now has the use of their data restricted is left out. Raises RequestValidationError.
    """
    select = f"""
        SELECT term.organization, name AS organization_name, position, term.member, from_on, until_on,
            CASE WHEN relieved_on <= %(day)s THEN relieved_on END AS relieved_on,
            decision_number, decision_dated,
            CASE WHEN relieved_on <= %(day)s OR until_on < %(day)s THEN 'ENDED' ELSE 'IN_OFFICE' END AS state
        FROM {organizations(views.tree.schema, asked.structure)}
        JOIN {views.officials.schema}.term ON term.organization = organization.code
        WHERE path @> ARRAY[%(root)s] AND from_on <= %(day)s AND {shown("term.member")}
    """
    return await LISTING.page(views.officials, select, asked, root=root, day=day)
