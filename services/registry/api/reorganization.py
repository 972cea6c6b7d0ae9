"""What becomes of an organization, over HTTP: each by an officer with rights over all that it concerns."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from contracts.message import Code
from services.chassis.edge.auth import Auth
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Receipt
from services.registry.application import (
    Dissolution,
    DissolveOrganization,
    MergeOrganization,
    Merger,
    Move,
    MoveOrganization,
    Registry,
    RenameOrganization,
    Renaming,
    Split,
    SplitOrganization,
)

Named = Annotated[Code, Path()]


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what can be asked to become of an organization."""
    request = Annotated[Asked, Depends(Asking(auth))]
    organizations = registry.organizations

    @router.post("/organizations/{code}/renaming", status_code=201)
    async def rename(
        code: Named,
        asked: request,
        renaming: Renaming,
    ) -> Receipt:
        """Give an organization another name. Its code stays."""
        await asked.require(rights, "officer", over=[code])
        return await organizations.rename(RenameOrganization(organization=code, **dict(renaming)), asked.why)

    @router.post("/organizations/{code}/move", status_code=201)
    async def move(code: Named, asked: request, move: Move) -> Receipt:
        """Move an organization, with all that is beneath it, under another parent."""
        await asked.require(rights, "officer", over=[code, move.parent])
        return await organizations.move(MoveOrganization(organization=code, **dict(move)), asked.why)

    @router.post("/organizations/{code}/merger", status_code=201)
    async def merge(code: Named, asked: request, merger: Merger) -> Receipt:
        """End an organization in another: its members and what is beneath it belong there from that day."""
        await asked.require(rights, "officer", over=[code, merger.into])
        return await organizations.merge(MergeOrganization(organization=code, **dict(merger)), asked.why)

    @router.post("/organizations/{code}/split", status_code=201)
    async def split(
        code: Named,
        asked: request,
        split: Split,
    ) -> Receipt:
        """Give parts of an organization, and the members named, to others, founded already or by this."""
        await asked.require(rights, "officer", over=[code, *split.into])
        node = await rights.tree.find(code)
        beside = node.parent if node else None
        founded = [one.parent or beside or one.organization for one in split.founding]
        await asked.require(rights, "officer", over=founded)
        return await organizations.split(SplitOrganization(organization=code, **dict(split)), asked.why)

    @router.post("/organizations/{code}/dissolution", status_code=201)
    async def dissolve(code: Named, asked: request, dissolution: Dissolution) -> Receipt:
        """End an organization that has no members and nothing beneath it any more."""
        await asked.require(rights, "officer", over=[code])
        command = DissolveOrganization(organization=code, **dict(dissolution))
        return await organizations.dissolve(command, asked.why)
