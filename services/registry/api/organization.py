"""Organizations over HTTP: founded, shown, and what becomes of them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from contracts.message import Code
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt
from services.registry.api import reorganization
from services.registry.application import FoundOrganization, Registry
from services.registry.domain.organization import NotFounded


class OrganizationShown(BaseModel):
    """An organization and its place: `path` leads from the root to itself."""

    organization: str
    name: str
    kind: str
    parent: str | None
    sector: str | None
    founded_on: date
    path: list[str]


Named = Annotated[Code, Path()]


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked of organizations, and about them."""
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]
    reorganization.add_routes(router, registry, rights, auth)

    @router.post("/organizations", status_code=201)
    async def found(command: FoundOrganization, asked: request) -> Receipt:
        """Found an organization. With `after=<receipt of its parent>` one may follow the other at once."""
        await asked.require(rights, "officer", over=[command.parent or command.organization])
        return await registry.organizations.found(command, asked.why)

    @router.get("/organizations/{code}")
    async def organization(code: Named, by: caller, after: Reading, response: Response) -> OrganizationShown:
        """Show an organization and its place in the tree."""
        await rights.require(by, *READERS, over=[code], after=after)
        node = await rights.tree.find(code)
        if node is None:
            raise NotFound(f"no organization {code}")
        known = await registry.organizations.find(code, NotFounded)
        response.headers["ETag"] = f'"{known.version}"'
        return OrganizationShown(
            organization=node.code, **{k: v for k, v in vars(node).items() if k != "code"}
        )
