"""Notification over HTTP: what lies in an inbox, and what was told of a subtree."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.message import Code
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import paths_of
from services.chassis.edge.rights import READERS, Rights
from services.notification.views import InboxNotice, NoticeBox

Organization = Annotated[Code, Query()]
Limit = Annotated[int, Query(ge=1, le=1000)]


def routes(box: NoticeBox, rights: Rights, auth: Auth) -> APIRouter:
    """Return the routes: each needs a role, and rights over the organization it is about."""
    router = paths_of("notification")
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.get("/inbox")
    async def inbox(
        organization: Organization, by: caller, after: Reading, limit: Limit = 100
    ) -> list[InboxNotice]:
        """List the notices to the secretary of `organization`, newest first."""
        await after.wait(box)
        await rights.require(by, *READERS, over=[organization], after=after)
        return await box.inbox(organization, limit)

    @router.get("/notices")
    async def about(
        organization: Organization, by: caller, after: Reading, limit: Limit = 100
    ) -> list[InboxNotice]:
        """List the notices that speak of `organization` or of anything beneath it, newest first."""
        await after.wait(box)
        await rights.require(by, *READERS, over=[organization], after=after)
        return await box.about(organization, limit)

    return router
