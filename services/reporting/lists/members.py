"""The members of a subtree on a day: where each is, of what standing, and what is under way."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from contracts.message import Code, DayOn
from services.reporting.lists.listing import Listing, OverTree, Page
from services.reporting.views.roster import Roster, members

Purpose = Literal["MEMBER_FILE", "CONTACT", "RECOGNITION", "TRANSFER", "SUPERVISION"]
"""Why a reader looks, as the registry has it (Law 91/2025/QH15: a specific, clear purpose)."""

Standing = Literal["MEMBER", "FULL", "PROBATIONARY", "ENDED"]
"""MEMBER is FULL or PROBATIONARY; ENDED are those who are no members any more, at their last cell."""


@dataclass(frozen=True)
class MemberListed:
    """One member on a day. `organization` is where they are, or where those were whose membership ended.

    `full_from` is the ceremony's day of who was admitted as a full member; `away_from` the cell on whose list
    they stay who are elsewhere for a while; `released_to` the cell that may accept them.
    """

    member: str
    organization: str
    organization_name: str
    standing: str
    decided_on: date
    admitted_on: date
    full_from: date | None
    here_since: date
    away_from: str | None
    exempted_on: date | None
    released_to: str | None
    ended_on: date | None
    end_reason: str | None


class MembersAsked(OverTree):
    """How members are listed."""

    sort: Literal[
        "member",
        "organization",
        "organization_name",
        "standing",
        "decided_on",
        "admitted_on",
        "full_from",
        "here_since",
        "exempted_on",
        "ended_on",
    ] = "member"
    standing: Standing = "MEMBER"
    organization: Code | None = Field(default=None, description="only those at this very organization")
    admitted_from: DayOn | None = Field(default=None, description="admitted on that day or later")
    admitted_until: DayOn | None = Field(default=None, description="admitted on that day or before")
    exempted: bool | None = Field(default=None, description="exempted from taking part, or not")
    away: bool | None = Field(default=None, description="here for a while from another cell, or not")
    released: bool | None = Field(default=None, description="released to a cell that may accept, or not")
    names: Purpose | None = Field(
        default=None,
        description="why you look: a file names each member, as far as the registry shows them to you, "
        "and the registry records it",
    )

    @model_validator(mode="after")
    def _only_in_files(self) -> Self:
        """Refuse names on a page of codes: nobody would see them, and each would be recorded as seen."""
        if self.names and self.format == "json":
            raise ValueError("names stand in a file only: format=csv or xlsx")
        return self


LISTING = Listing(
    MemberListed,
    key=("member",),
    filters={
        "standing": "(standing = %(standing)s OR %(standing)s = 'MEMBER' AND standing <> 'ENDED')",
        "organization": "organization = %(organization)s",
        "admitted_from": "admitted_on >= %(admitted_from)s",
        "admitted_until": "admitted_on <= %(admitted_until)s",
        "exempted": "(exempted_on IS NOT NULL) = %(exempted)s",
        "away": "(away_from IS NOT NULL) = %(away)s",
        "released": "(released_to IS NOT NULL) = %(released)s",
    },
)


async def list_members(roster: Roster, root: str, day: date, asked: MembersAsked) -> Page[MemberListed]:
    """Return a page of the members of the subtree of `root` on `day`. Raises RequestValidationError."""
    return await LISTING.page(roster, members(roster.schema, asked.structure), asked, root=root, day=day)
