"""The transfers that wait on a day: members released by one cell whom the other has not accepted yet."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.registry import TransferKind
from services.reporting.lists.listing import Listing, OverTree, Page
from services.reporting.views.roster import Roster, transfers


@dataclass(frozen=True)
class TransferListed:
    """One release: by `organization`, for good or for a while, to be accepted until the end of `accept_by`.

    One that nobody accepted by then is LAPSED until the cell releases anew.
    """

    member: str
    organization: str
    organization_name: str
    destination: str
    destination_name: str
    kind: str
    released_on: date
    accept_by: date
    state: str


class TransfersAsked(OverTree):
    """How transfers are listed: those that leave the subtree, arrive in it, or stay within."""

    sort: Literal["accept_by", "released_on", "member", "organization", "destination", "kind", "state"] = (
        "accept_by"
    )
    state: Literal["WAITING", "LAPSED", "ALL"] = "WAITING"
    side: Literal["leaving", "arriving"] | None = None
    kind: TransferKind | None = None


LISTING = Listing(
    TransferListed,
    key=("member",),
    filters={
        "state": "%(state)s IN (state, 'ALL')",
        "side": "(CASE %(side)s WHEN 'leaving' THEN leaving ELSE arriving END)",
        "kind": "kind = %(kind)s",
    },
)


async def list_transfers(roster: Roster, root: str, day: date, asked: TransfersAsked) -> Page[TransferListed]:
    """Return a page of the transfers that waited on `day`. Raises RequestValidationError."""
    return await LISTING.page(roster, transfers(roster.schema, asked.structure), asked, root=root, day=day)
