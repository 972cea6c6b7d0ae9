"""The lists over HTTP: a route for each, beneath the organization whose subtree it is of."""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from services.chassis.views.tree import Node
from services.reporting.known import Known
from services.reporting.lists.export import MEDIA, Files, Naming, file_of
from services.reporting.lists.listing import Asked
from services.reporting.lists.members import MemberListed, MembersAsked
from services.reporting.lists.obligations import ObligationListed, ObligationsAsked
from services.reporting.lists.officials import OfficialListed, OfficialsAsked
from services.reporting.lists.organizations import OrganizationListed, OrganizationsAsked
from services.reporting.lists.page import page_of
from services.reporting.lists.sizes import add_sizes
from services.reporting.lists.targets import TargetListed, TargetsAsked
from services.reporting.lists.transfers import TransferListed, TransfersAsked

R = TypeVar("R")


class ListShown(BaseModel, Generic[R]):
    """A page of a list. `next` is the `cursor` of the page after it; none where this is the last."""

    organization: str
    as_of: date
    items: list[R]
    next: str | None


FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()}}
}


def add_lists(
    router: APIRouter,
    known: Known,
    files: Files,
    gate: Callable[..., Awaitable[Node]],
    today: Callable[[], date],
) -> None:
    """Add the lists to `router`. `gate` lets pass who may read about the organization in the path."""
    add_sizes(router, known, gate, today)
    about = Annotated[Node, Depends(gate)]

    async def answer(node: Node, asked: Asked, row: type[Any], naming: Naming | None = None) -> Any:
        day = asked.day(today())
        if asked.format == "json":
            found = await page_of(known, node.code, day, asked)
            return ListShown(organization=node.code, as_of=day, items=list(found.items), next=found.next)
        page = partial(page_of, known, node.code, day)
        return await file_of(files.workbooks, row, page, asked, f"{node.code}-{day}", naming)

    @router.get(
        "/organizations/{code}/organizations", response_model=ListShown[OrganizationListed], responses=FILES
    )
    async def organizations(node: about, asked: Annotated[OrganizationsAsked, Query()]) -> Any:
        """Organizations of the subtree on a day (today), as they then were."""
        return await answer(node, asked, OrganizationListed)

    @router.get("/organizations/{code}/members", response_model=ListShown[MemberListed], responses=FILES)
    async def members(node: about, asked: Annotated[MembersAsked, Query()], request: Request) -> Any:
        """Members of the subtree on a day (today), each where they then were: by code.

        A file names them to an officer or secretary who says what for (`names`).
        """
        naming = files.namer(request.headers["authorization"], asked.names) if asked.names else None
        return await answer(node, asked, MemberListed, naming=naming)

    @router.get("/organizations/{code}/officials", response_model=ListShown[OfficialListed], responses=FILES)
    async def officials(node: about, asked: Annotated[OfficialsAsked, Query()]) -> Any:
        """Officials of the subtree on a day (today): who held which position where, by code only."""
        return await answer(node, asked, OfficialListed)

    @router.get("/organizations/{code}/transfers", response_model=ListShown[TransferListed], responses=FILES)
    async def transfers(node: about, asked: Annotated[TransfersAsked, Query()]) -> Any:
        """Transfers out of the subtree or into it that waited on a day (today) to be accepted."""
        return await answer(node, asked, TransferListed)

    @router.get(
        "/organizations/{code}/obligations", response_model=ListShown[ObligationListed], responses=FILES
    )
    async def obligations(node: about, asked: Annotated[ObligationsAsked, Query()]) -> Any:
        """What cells of the subtree owed in a month, who owed it, and what became of it by a day (today)."""
        return await answer(node, asked, ObligationListed)

    @router.get("/organizations/{code}/targets", response_model=ListShown[TargetListed], responses=FILES)
    async def targets(node: about, asked: Annotated[TargetsAsked, Query()]) -> Any:
        """Targets of what stood in the subtree on a day (today): admissions, and shares in percent."""
        return await answer(node, asked, TargetListed)
