"""The lists over HTTP: a route for each, beneath the organization whose subtree it is of."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Generic, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.chassis.edge.http import positions_in
from services.chassis.views.tree import Node
from services.chassis.views.view import View
from services.reporting.lists.listing import Asked, Page
from services.reporting.lists.members import MemberListed, MembersAsked, list_members
from services.reporting.lists.organizations import (
    OrganizationListed,
    OrganizationsAsked,
    list_organizations,
)
from services.reporting.lists.sizes import add_sizes
from services.reporting.lists.targets import TargetListed, TargetsAsked, list_targets
from services.reporting.lists.transfers import TransferListed, TransfersAsked, list_transfers
from services.reporting.views import Views

R = TypeVar("R")


class ListShown(BaseModel, Generic[R]):
    """A page of a list. `next` is the `cursor` of the page after it; none where this is the last."""

    organization: str
    as_of: date
    items: list[R]
    next: str | None


def add_lists(
    router: APIRouter, views: Views, gate: Callable[..., Awaitable[Node]], today: Callable[[], date]
) -> None:
    """Add the lists to `router`. `gate` lets pass who may read about the organization in the path."""
    add_sizes(router, views, gate, today)
    about = Annotated[Node, Depends(gate)]

    async def shown(
        node: Node, asked: Asked, page: Callable[[date], Awaitable[Page[R]]], *read: View
    ) -> ListShown[R]:
        await positions_in(asked.after).wait(*read)
        day = asked.day(today())
        found = await page(day)
        return ListShown(organization=node.code, as_of=day, items=list(found.items), next=found.next)

    @router.get("/organizations/{code}/organizations")
    async def organizations(
        node: about, asked: Annotated[OrganizationsAsked, Query()]
    ) -> ListShown[OrganizationListed]:
        """Organizations of the subtree on a day (today), as they then were."""
        return await shown(
            node, asked, lambda day: list_organizations(views.tree, node.code, day, asked), views.tree
        )

    @router.get("/organizations/{code}/members")
    async def members(node: about, asked: Annotated[MembersAsked, Query()]) -> ListShown[MemberListed]:
        """Members of the subtree on a day (today), each where they then were: by code only."""
        return await shown(
            node, asked, lambda day: list_members(views.roster, node.code, day, asked), views.roster
        )

    @router.get("/organizations/{code}/transfers")
    async def transfers(node: about, asked: Annotated[TransfersAsked, Query()]) -> ListShown[TransferListed]:
        """Transfers out of the subtree or into it that waited on a day (today) to be accepted."""
        return await shown(
            node, asked, lambda day: list_transfers(views.roster, node.code, day, asked), views.roster
        )

    @router.get("/organizations/{code}/targets")
    async def targets(node: about, asked: Annotated[TargetsAsked, Query()]) -> ListShown[TargetListed]:
        """Targets of what stood in the subtree on a day (today): admissions, and shares in percent."""
        read = views.headcount, views.classes
        return await shown(node, asked, lambda day: list_targets(views, node.code, day, asked), *read)
