"""The registry over HTTP: body -> command -> use case -> receipt; codes -> what is known of them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from contracts.message import Code
from services.chassis.edge.auth import Auth, Caller, Rights
from services.chassis.edge.http import Asked, Asking, Reading
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt
from services.registry.application import (
    AdmitMember,
    ForgetPerson,
    FoundOrganization,
    Registry,
    SetAdmissionTarget,
)


class Shape(BaseModel):
    """The answer to `validate_only`: the command is well formed. No rule was asked, nothing stored."""

    well_formed: bool = True


class OrganizationShown(BaseModel):
    """An organization and its place: `path` leads from the root to itself."""

    organization: str
    name: str
    kind: str
    parent: str | None
    sector: str | None
    founded_on: date
    path: list[str]


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


def routes(registry: Registry, rights: Rights, auth: Auth) -> APIRouter:
    """Return the registry's routes: each needs a role, and rights over the organization it is about."""
    router = APIRouter(tags=["registry"])
    caller = Annotated[Caller, Depends(auth.caller)]
    tree = rights.tree
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/organizations", status_code=201)
    async def found(command: FoundOrganization, asked: request) -> Receipt:
        """Found an organization. With `after=<receipt of its parent>` one may follow the other at once."""
        asked.by.require("officer")
        await asked.after.wait(tree)
        await rights.check(asked.by, command.parent or command.organization)
        return await registry.found_organization(command, asked.why)

    @router.get("/organizations/{code}")
    async def organization(code: Named, by: caller, after: Reading) -> OrganizationShown:
        """Show an organization and its place in the tree."""
        by.require("officer", "secretary", "auditor")
        await after.wait(tree)
        await rights.check(by, code)
        node = await tree.find(code)
        if node is None:
            raise NotFound(f"no organization {code}")
        return OrganizationShown(
            organization=node.code, **{k: v for k, v in vars(node).items() if k != "code"}
        )

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
        return await registry.admit_member(command, asked.why)

    @router.get("/members/{code}")
    async def member(code: Named, by: caller) -> MemberShown:
        """Show a member's cell and standing; to an officer or the cell's secretary also who it is."""
        by.require("officer", "secretary", "auditor")
        known = await registry.member(code)
        await rights.check(by, known.organization)
        person = None if by.roles.isdisjoint({"officer", "secretary"}) else await registry.person(known)
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
        await rights.check(asked.by, (await registry.member(code)).organization)
        # No receipt: what nobody is told has no position that a view could ever reach.
        await registry.forget_person(ForgetPerson(member=code), asked.why)

    @router.post("/admission-targets", status_code=201)
    async def set_target(command: SetAdmissionTarget, asked: request) -> Receipt:
        """Set a year's admission target, or set it anew."""
        asked.by.require("officer")
        await asked.after.wait(tree)
        await rights.check(asked.by, command.organization)
        return await registry.set_admission_target(command, asked.why)

    return router
