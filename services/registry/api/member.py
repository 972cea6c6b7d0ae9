"""Members over HTTP: who they are is shown only to those who keep the files."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from contracts.message import Code
from services.chassis.edge.auth import Auth, Caller, Rights
from services.chassis.edge.http import Asked, Asking
from services.chassis.eventlog.store import Receipt
from services.registry.application import AdmitMember, ForgetPerson, Registry


class Shape(BaseModel):
    """The answer to `validate_only`: the command is well formed. No rule was asked, nothing stored."""

    well_formed: bool = True


class PersonShown(BaseModel):
    """Who a member is, for those who keep the files."""

    name: str | None
    born_on: date | None


class MemberShown(BaseModel):
    """A member's standing. `person` is empty where it was not given, was forgotten, or is not yours."""

    member: str
    organization: str
    standing: str
    ceremony_on: date
    person: PersonShown | None


Named = Annotated[Code, Path()]
ValidateOnly = Annotated[bool, Query(description="check the shape only: answers 200 and stores nothing")]


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked of members, and about them."""
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]
    tree = rights.tree

    @router.post("/members", status_code=201, responses={200: {"model": Shape}})
    async def admit(
        command: AdmitMember,
        asked: request,
        response: Response,
        validate_only: ValidateOnly = False,
    ) -> Receipt | Shape:
        """Admit a member."""
        asked.by.require("officer", "secretary")
        if validate_only:
            response.status_code = 200
            return Shape()
        await asked.after.wait(tree)
        await rights.check(asked.by, command.organization)
        return await registry.members.admit(command, asked.why)

    @router.get("/members/{code}")
    async def member(code: Named, by: caller, response: Response) -> MemberShown:
        """Show a member's cell and standing; to an officer or the cell's secretary also who it is."""
        by.require("officer", "secretary", "auditor")
        known = await registry.members.find(code)
        await rights.check(by, known.organization)
        response.headers["ETag"] = f'"{known.version}"'
        person = (
            None if by.roles.isdisjoint({"officer", "secretary"}) else await registry.members.person(known)
        )
        return MemberShown(
            member=known.code,
            organization=known.organization,
            standing=known.standing,
            ceremony_on=date.fromisoformat(known.ceremony_on),
            person=PersonShown(name=person.name, born_on=person.born_on) if person else None,
        )

    @router.delete("/members/{code}/person", status_code=204)
    async def forget(code: Named, asked: request) -> None:
        """Erase who a member is, for good. The code, the cell and the dates remain."""
        asked.by.require("officer")
        await rights.check(asked.by, (await registry.members.find(code)).organization)
        # No receipt: what nobody is told has no position that a view could ever reach.
        await registry.members.forget_person(ForgetPerson(member=code), asked.why)
