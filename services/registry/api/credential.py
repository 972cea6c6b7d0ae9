"""Credentials of districts over HTTP: issued, rotated, revoked, and how each is used. Operators only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from contracts.message import Code
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking, paths_of
from services.chassis.edge.rights import Rights
from services.registry.application.credential import (
    Handed,
    IssueCredential,
    RevokeCredential,
    RotateCredential,
    user_of,
)
from services.registry.credentials import Callout, Use
from services.registry.domain.credentials import Credentials

Named = Annotated[Code, Path()]


@dataclass(frozen=True)
class CredentialShown:
    """A credential: whether it opens now, when it ends, and its newest use that opened. Nothing secret."""

    district: str
    number: int
    user: str
    opens: bool
    issued_at: datetime
    ends_at: datetime | None
    used: Use | None


@dataclass(frozen=True)
class CredentialsShown:
    """Credentials by district and number."""

    credentials: list[CredentialShown]


@dataclass(frozen=True)
class UsesShown:
    """The newest 200 uses of a district's credentials, newest first, also those turned away."""

    uses: list[Use]


def routes(callout: Callout, rights: Rights, auth: Auth) -> APIRouter:
    """Return the routes of credentials."""
    router = paths_of("registry", "credentials")
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]
    of, uses = callout.credentials, callout.uses

    async def shown(found: list[Credentials]) -> CredentialsShown:
        newest, at = await uses.newest(), of.store.clock()
        return CredentialsShown(
            [
                CredentialShown(
                    district=all_of.district,
                    number=one.number,
                    user=user_of(all_of.district, one.number),
                    opens=one.opens_at(at),
                    issued_at=one.issued_at,
                    ends_at=one.ends_at,
                    used=newest.get((all_of.district, one.number)),
                )
                for all_of in found
                for one in all_of.issued
            ]
        )

    @router.get("/credentials")
    async def everywhere(by: caller) -> CredentialsShown:
        """List the credentials of all districts that are yours to see."""
        await rights.require(by, "operator")
        districts = await of.all()
        return await shown(
            [one for one in districts if await rights.allow(by, "operator", over=[one.district])]
        )

    @router.get("/districts/{code}/credentials/uses")
    async def used(code: Named, by: caller) -> UsesShown:
        """Show when, from where and with what a district's credentials were used."""
        await rights.require(by, "operator", over=[code])
        return UsesShown(await uses.of(code))

    @router.post("/districts/{code}/credentials", status_code=201)
    async def issue(code: Named, command: IssueCredential, asked: request) -> Handed:
        """Let a district in. The answer holds its secrets: asked again under its name it holds none."""
        await asked.require(rights, "operator", over=[code])
        return await of.issue(code, command, asked.why)

    @router.post("/districts/{code}/credentials/rotation", status_code=201)
    async def rotate(code: Named, command: RotateCredential, asked: request) -> Handed:
        """Give a district one more credential; those before it open for a while still."""
        await asked.require(rights, "operator", over=[code])
        return await of.rotate(code, command, asked.why)

    @router.post("/districts/{code}/credentials/revocation", status_code=204)
    async def revoke(code: Named, command: RevokeCredential, asked: request) -> None:
        """End one credential of a district, or all of them; who is connected by it is cut off."""
        await asked.require(rights, "operator", over=[code])
        await of.revoke(code, command, asked.why)
        await callout.cut_off()

    return router
