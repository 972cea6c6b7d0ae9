"""Who members are, over HTTP: corrected, given out in full, forgotten; and who was shown them."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Code
from services.chassis.edge.auth import Auth, Caller, Rights
from services.chassis.edge.http import After, Asked, Asking, Reading
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

NOTHING_TO_WAIT_FOR = After(())


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


def may_look(by: Caller, purpose: Purpose) -> None:
    """Require a role that may know who members are; what they request is the officers'. Raises Forbidden."""
    by.require(*(("officer",) if purpose is Purpose.DATA_REQUEST else ("officer", "secretary")))


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked about persons."""
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]

    async def mine(by: Caller, after: After, code: str) -> Member:
        await after.wait(rights.tree)
        member = await registry.members.find(code)
        await rights.check(by, member.organization)
        return member

    async def if_mine(by: Caller, code: str) -> Member | None:
        try:
            return await mine(by, NOTHING_TO_WAIT_FOR, code)
        except (NotFound, Forbidden):
            return None

    @router.post("/persons/names")
    async def names(wanted: NamesAsked, by: caller, after: Reading) -> NamesShown:
        """Name up to 200 members, as far as they are yours to see: for the lists that only know codes.

        That each was shown to you is recorded.
        """
        may_look(by, wanted.purpose)
        await after.wait(rights.tree)
        asked = await asyncio.gather(*(if_mine(by, code) for code in dict.fromkeys(wanted.members)))
        members = [member for member in asked if member]
        found = await registry.persons.names(members, actor=by.subject, purpose=wanted.purpose)
        return NamesShown({code: name for code, name in found.items() if name is not None})

    @router.post("/members/{code}/person/correction", status_code=204)
    async def correct(
        code: Named, command: CorrectPerson, asked: request, purpose: For = Purpose.MEMBER_FILE
    ) -> None:
        """Correct who a member is: a field given replaces, null removes, the others stay."""
        may_look(asked.by, purpose)
        await mine(asked.by, asked.after, code)
        # No receipt, here and below: what nobody is told has no position that a view could ever reach.
        await registry.persons.correct(code, command, asked.why, purpose=purpose)

    @router.delete("/members/{code}/person", status_code=204)
    async def forget(code: Named, asked: request) -> None:
        """Erase who a member is, for good. The code, the cell and the dates remain."""
        asked.by.require("officer")
        await mine(asked.by, asked.after, code)
        await registry.members.forget_person(ForgetPerson(member=code), asked.why)

    @router.post("/members/{code}/person/restriction/lifting", status_code=201)
    async def lift(code: Named, command: LiftRestriction, asked: request) -> Receipt:
        """Let a member's data be used again. They are restricted by completing their request for it."""
        asked.by.require("officer")
        await mine(asked.by, asked.after, code)
        return await registry.members.lift_restriction(code, command, asked.why)

    @router.get("/members/{code}/person/export")
    async def export(
        code: Named, by: caller, after: Reading, purpose: For = Purpose.DATA_REQUEST
    ) -> PersonExport:
        """Give out everything the registry holds about a member, with where each comes from."""
        by.require("officer")
        member = await mine(by, after, code)
        return await registry.persons.export(member, actor=by.subject, purpose=purpose)

    @router.get("/members/{code}/person/accesses")
    async def accesses(
        code: Named, by: caller, after: Reading, before: Before = None, limit: Limit = 50
    ) -> AccessesShown:
        """Show who was shown a member, when, and for what purpose; never what they saw."""
        by.require("officer")
        await mine(by, after, code)
        page = await registry.persons.accesses.of(code, before=before, limit=limit)
        return AccessesShown(page, page[-1].id if len(page) == limit else None)
