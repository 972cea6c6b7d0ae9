"""What the cells of a subtree owed in a month: what is missing, by cell, and all the rest."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from contracts.message import Code
from contracts.vocabulary import Month
from services.reporting.lists.listing import Listing, OverTree, Page
from services.reporting.views import Views
from services.reporting.views.obligations import MISSING, NAMED, STATE
from services.reporting.views.subtree import organizations


@dataclass(frozen=True)
class ObligationListed:
    """One thing that a cell owed: who owed it (`owed_by`), by when, its state, and when it was done.

    `state` is the outcome told (MET, LATE, MISSED, EXCUSED) or, before there is one, OPEN to the end of its
    day and OVERDUE after it.
    """

    organization: str
    organization_name: str
    period: str
    duty: str
    subject: str
    owed_by: str
    due_on: date
    state: str
    done_on: date | None
    because: str | None


class ObligationsAsked(OverTree):
    """How obligations are listed: those of the month in which the day lies, unless another is asked for."""

    sort: Literal["organization", "organization_name", "duty", "due_on", "state", "done_on"] = "organization"
    month: Month | None = Field(default=None, description="the month they belong to; that of the day if none")
    organization: Code | None = Field(default=None, description="only those of this very organization")
    duty: (
        Literal["MEETING", "THEMATIC_MEETING", "SELF_ASSESSMENT", "VISIT", "ACKNOWLEDGEMENT", "RECOGNITION"]
        | None
    ) = None
    state: Literal["MET", "LATE", "MISSED", "EXCUSED", "OPEN", "OVERDUE"] | None = None
    missing: bool | None = Field(
        default=None, description="due and not done (OVERDUE, MISSED), or all others"
    )


LISTING = Listing(
    ObligationListed,
    key=("organization", "duty", "subject"),
    filters={
        "organization": "organization = %(organization)s",
        "duty": "duty = %(duty)s",
        "state": "state = %(state)s",
        "missing": f"(state IN {MISSING}) = %(missing)s",
    },
)


async def list_obligations(
    views: Views, root: str, day: date, asked: ObligationsAsked
) -> Page[ObligationListed]:
    """Return a page of what cells in the subtree of `root` owed in a month, as it stands on `day`.

    Who now has the use of their data restricted is left out. Raises RequestValidationError.
    """
    schema = views.obligations.schema
    select = f"""
        SELECT code AS organization, name AS organization_name, period, duty, subject, owed_by, due_on,
            {STATE} AS state, done_on, because
        FROM {organizations(schema, asked.structure)} JOIN {schema}.duty USING (code)
        WHERE path @> ARRAY[%(root)s] AND period = %(month)s AND {NAMED}
    """
    month = asked.month or f"{day:%Y-%m}"
    return await LISTING.page(views.obligations, select, asked, root=root, day=day, today=day, month=month)
