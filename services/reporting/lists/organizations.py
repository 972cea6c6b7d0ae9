"""The organizations of a subtree on a day, as they then were."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from contracts.message import Code
from contracts.registry import OrganizationKind, Sector
from contracts.vocabulary import Line
from services.chassis.views.tree import Tree
from services.reporting.lists.listing import Asked, Listing, Page


@dataclass(frozen=True)
class OrganizationListed:
    """One organization on a day, by its name and place of that day; `ended_on` if it stood no longer."""

    code: str
    name: str
    kind: str
    parent: str | None
    sector: str | None
    founded_on: date
    ended_on: date | None


class OrganizationsAsked(Asked):
    """How organizations are listed: those that stood, unless others are asked for."""

    sort: Literal["code", "name", "kind", "parent", "sector", "founded_on", "ended_on"] = "code"
    state: Literal["STANDING", "ENDED", "ALL"] = "STANDING"
    kind: OrganizationKind | None = None
    sector: Sector | None = None
    parent: Code | None = Field(default=None, description="only those directly beneath it")
    name: Line | None = Field(default=None, description="only those whose name has this in it")


LISTING = Listing(
    OrganizationListed,
    key=("code",),
    filters={
        "state": "%(state)s IN (CASE WHEN ended_on IS NULL THEN 'STANDING' ELSE 'ENDED' END, 'ALL')",
        "kind": "kind = %(kind)s",
        "sector": "sector = %(sector)s",
        "parent": "parent = %(parent)s",
        "name": "strpos(lower(name), lower(%(name)s)) > 0",
    },
)


async def list_organizations(
    tree: Tree, root: str, day: date, asked: OrganizationsAsked
) -> Page[OrganizationListed]:
    """Return a page of the organizations of the subtree of `root`, itself included, on `day`.

    Raises RequestValidationError.
    """
    return await LISTING.page(
        tree, f"{tree.stood} AND place.path @> ARRAY[%(root)s]", asked, root=root, day=day
    )
