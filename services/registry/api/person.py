"""Who members are, over HTTP: corrected, given out in full, forgotten; and who was shown them."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Code
from services.chassis.edge.after import AT_ONCE, After, Reading
from services.chassis.edge.auth import Auth, Caller, Role
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import Rights
from services.chassis.errors import Forbidden, NotFound
from services.chassis.eventlog.store import Receipt
from services.registry.application import (
    CorrectPerson,
    ForgetPerson,
    LiftRestriction,
    PersonExport,
    Registry,
)
from services.registry.domain.member import Member
from services.registry.persons import PAGE_MAX, Access, Purpose

NAMES_MAX = 200
"""Members named in one answer."""

KEEPERS: tuple[Role, ...] = ("officer", "secretary")
"""Who keeps the files of members."""


@dataclass(frozen=True)
class AccessesShown:
    """A page of the accesses to one person, newest first. The next begins with `before=<next>`."""

    accesses: list[Access]
    next: int | None


class NamesAsked(BaseModel):
    """Whose names are asked for, and what for."""

    model_config = ConfigDict(extra="forbid")

    members: list[Code] = Field(max_length=NAMES_MAX, examples=[["M-0042", "M-0043"]])
    purpose: Purpose = Field(default=Purpose.MEMBER_FILE, description="why you look; it is recorded")


@dataclass(frozen=True)
class NamesShown:
    """What stands where a name stands, by code: of one erased or restricted that it is so.

    Who is not known here, not yours to see, or was never named is not among them.
    """

    names: dict[str, str] = field(repr=False)


Named = Annotated[Code, Path()]
For = Annotated[Purpose, Query(description="why you look; it is recorded")]
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]


def lookers(purpose: Purpose) -> tuple[Role, ...]:
    """Return who may know who members are; what they request is the officers'."""
    return ("officer",) if purpose is Purpose.DATA_REQUEST else KEEPERS


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked about persons."""
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]

    async def mine(by: Caller, *roles: Role, code: str, after: After = AT_ONCE) -> Member:
        await rights.require(by, *roles)
        member = await registry.members.find(code)
        await rights.require(by, *roles, over=[member.organization], after=after)
        return member

    async def if_mine(by: Caller, *roles: Role, code: str) -> Member | None:
        try:
            return await mine(by, *roles, code=code)
        except (NotFound, Forbidden):
            return None

    @router.post("/persons/names")
    async def names(wanted: NamesAsked, by: caller, after: Reading) -> NamesShown:
        """Name up to 200 members, as far as they are yours to see: for the lists that only know codes.

        That each was shown to you is recorded.
        """
        roles = lookers(wanted.purpose)
        await rights.require(by, *roles, after=after)
        codes = dict.fromkeys(wanted.members)
        asked = await asyncio.gather(*(if_mine(by, *roles, code=code) for code in codes))
        members = [member for member in asked if member]
        found = await registry.persons.names(members, actor=by.subject, purpose=wanted.purpose)
        return NamesShown({code: name for code, name in found.items() if name is not None})

    @router.post("/members/{code}/person/correction", status_code=204)
    async def correct(
        code: Named, command: CorrectPerson, asked: request, purpose: For = Purpose.MEMBER_FILE
    ) -> None:
        """Correct who a member is: a field given replaces, null removes, the others stay."""
        await mine(asked.by, *lookers(purpose), code=code, after=asked.after)
        # No receipt, here and below: what nobody is told has no position that a view could ever reach.
        await registry.persons.correct(code, command, asked.why, purpose=purpose)

    @router.delete("/members/{code}/person", status_code=204)
    async def forget(code: Named, asked: request) -> None:
        """Erase who a member is, for good. The code, the cell and the dates remain."""
        await mine(asked.by, "officer", code=code, after=asked.after)
        await registry.members.forget_person(ForgetPerson(member=code), asked.why)

    @router.post("/members/{code}/person/restriction/lifting", status_code=201)
    async def lift(code: Named, command: LiftRestriction, asked: request) -> Receipt:
        """Let a member's data be used again. They are restricted by completing their request for it."""
        await mine(asked.by, "officer", code=code, after=asked.after)
        return await registry.members.lift_restriction(code, command, asked.why)

    @router.get("/members/{code}/person/export")
    async def export(
        code: Named, by: caller, after: Reading, purpose: For = Purpose.DATA_REQUEST
    ) -> PersonExport:
        """Give out everything the registry holds about a member, with where each comes from."""
        member = await mine(by, "officer", code=code, after=after)
        return await registry.persons.export(member, actor=by.subject, purpose=purpose)

    @router.get("/members/{code}/person/accesses")
    async def accesses(
        code: Named, by: caller, after: Reading, before: Before = None, limit: Limit = 50
    ) -> AccessesShown:
        """Show who was shown a member, when, and for what purpose; never what they saw."""
        await mine(by, "officer", code=code, after=after)
        page = await registry.persons.accesses.of(code, before=before, limit=limit)
        return AccessesShown(page, page[-1].id if len(page) == limit else None)
