"""Members over HTTP: who they are is shown only to those who keep the files."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from contracts.message import Code
from services.chassis.edge.auth import Auth, Caller, Rights
from services.chassis.edge.http import Asked, Asking
from services.chassis.eventlog.store import Receipt
from services.registry.api.person import For
from services.registry.application import AdmitMember, Registry
from services.registry.application.person import Known
from services.registry.persons import Purpose


class Shape(BaseModel):
    """The answer to `validate_only`: the command is well formed. No rule was asked, nothing stored."""

    well_formed: bool = True


class PersonShown(BaseModel):
    """Who a member is, for those who keep the files. Of one who was erased, `name` says so."""

    name: str | None
    born_on: date | None = None
    phone: str | None = None
    mail: str | None = None
    address: str | None = None
    erased: bool = False


class MemberShown(BaseModel):
    """A member's standing. `person` is empty where none was ever given, or is not yours."""

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
    async def member(
        code: Named, by: caller, response: Response, purpose: For = Purpose.MEMBER_FILE
    ) -> MemberShown:
        """Show a member's cell and standing; to an officer or the cell's secretary also who it is.

        That somebody was shown who it is is recorded, with the purpose.
        """
        by.require("officer", "secretary", "auditor")
        known = await registry.members.find(code)
        await rights.check(by, known.organization)
        response.headers["ETag"] = f'"{known.version}"'
        person = None
        if not by.roles.isdisjoint({"officer", "secretary"}):
            shown = await registry.persons.show(known, actor=by.subject, purpose=purpose)
            person = _person_shown(shown)
        return MemberShown(
            member=known.code,
            organization=known.organization,
            standing=known.standing,
            ceremony_on=date.fromisoformat(known.ceremony_on),
            person=person,
        )


def _person_shown(known: Known) -> PersonShown | None:
    if known.person is None:
        return PersonShown(name=known.name, erased=True) if known.erased else None
    return PersonShown(**vars(known.person))
