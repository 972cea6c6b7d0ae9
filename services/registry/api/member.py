"""Members over HTTP: who they are is shown only to those who keep the files."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from contracts.message import Code
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.eventlog.store import Receipt
from services.registry.api.person import KEEPERS, For, lookers
from services.registry.application import AdmitMember, Registry
from services.registry.application.person import Known
from services.registry.domain.member import Member
from services.registry.persons import Purpose


class Shape(BaseModel):
    """The answer to `validate_only`: the command is well formed. No rule was asked, nothing stored."""

    well_formed: bool = True


class PersonShown(BaseModel):
    """Who a member is, for those who keep the files. Of one erased or restricted, `name` says so."""

    name: str | None
    born_on: date | None = None
    phone: str | None = None
    mail: str | None = None
    address: str | None = None
    erased: bool = False
    restricted: bool = False


class ReleaseShown(BaseModel):
    """Where a member was let go to; from the day after `accept_by` on it has lapsed."""

    to: str
    kind: str
    accept_by: date


class MemberShown(BaseModel):
    """A member's standing. `person` is empty where none was ever given, or is not yours.

    Party age counts from the date of the decision, standing from the ceremony and from `full_from`.
    """

    member: str
    organization: str
    standing: str
    ceremony_on: date
    party_age_from: date
    full_from: date | None
    released: ReleaseShown | None
    exempted_on: date | None
    ended_on: date | None
    restricted_on: date | None
    person: PersonShown | None


Named = Annotated[Code, Path()]
ValidateOnly = Annotated[bool, Query(description="check the shape only: answers 200 and stores nothing")]


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked of members, and about them."""
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/members", status_code=201, responses={200: {"model": Shape}})
    async def admit(
        command: AdmitMember,
        asked: request,
        response: Response,
        validate_only: ValidateOnly = False,
    ) -> Receipt | Shape:
        """Admit a member."""
        if validate_only:
            await rights.require(asked.by, *KEEPERS)
            response.status_code = 200
            return Shape()
        await asked.require(rights, *KEEPERS, over=[command.organization])
        return await registry.members.admit(command, asked.why)

    @router.get("/members/{code}")
    async def member(
        code: Named, by: caller, response: Response, purpose: For = Purpose.MEMBER_FILE
    ) -> MemberShown:
        """Show a member's cell and standing; to an officer or the cell's secretary also who it is.

        That somebody was shown who it is is recorded, with the purpose.
        """
        await rights.require(by, *READERS)
        known = await registry.members.find(code)
        await rights.require(by, *READERS, over=[known.organization])
        response.headers["ETag"] = f'"{known.version}"'
        person = None
        if await rights.allow(by, *KEEPERS, over=[known.organization]):
            await rights.require(by, *lookers(purpose), over=[known.organization])
            shown = await registry.persons.show(known, actor=by.subject, purpose=purpose)
            person = _person_shown(shown)
        return MemberShown(
            **_life_of(known),
            person=person,
        )


def _person_shown(known: Known) -> PersonShown | None:
    if known.person is None:
        hidden = known.erased or known.restricted
        shown = PersonShown(name=known.name, erased=known.erased, restricted=known.restricted)
        return shown if hidden else None
    return PersonShown(**vars(known.person))


def _life_of(member: Member) -> dict[str, Any]:
    """Return what is shown of a member to everyone who may see that there is one."""
    release = member.released
    return {
        "member": member.code,
        "organization": member.organization,
        "standing": member.standing,
        "ceremony_on": member.ceremony_on,
        "party_age_from": member.decision_dated,
        "full_from": member.full_from,
        "released": {"to": release.to, "kind": release.kind, "accept_by": release.accept_by}
        if release
        else None,
        "exempted_on": member.exempted_on,
        "ended_on": member.ended_on,
        "restricted_on": member.restricted_on,
    }
