"""What persons ask about their data and still wait for: by code, with its clocks and what can be done."""

from typing import Annotated

import httpx
from fastapi import APIRouter, Query, Request, Response

from services.chassis.errors import Forbidden, NotFound, Unauthenticated
from services.reporting.console.reader import Reader
from services.reporting.console.render import Renderer
from services.reporting.console.services import Away, Services, right_of

DOES = ("answer", "extension", "completion", "refusal")
"""What can be done with a request, as the registry's addresses have it."""


def add_requests(router: APIRouter, renderer: Renderer, reader: Reader, services: Services) -> None:
    """Add the page of the requests that are open in a subtree. They are the officers' alone."""

    @router.get("/organizations/{code}/data-requests")
    async def show(
        request: Request, code: str, start: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0
    ) -> Response:
        caller, node = await reader.organization(request, code)
        caller.require("officer")
        if "registry" not in services:
            raise NotFound(request.url.path)
        try:
            async with services.client("registry", right_of(request)) as client:
                answer = await client.get("data-requests", params={"organization": code, "from": start})
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                raise Unauthenticated("the registry does not know the token")
            if answer.status_code == httpx.codes.FORBIDDEN:
                raise Forbidden(answer.json()["detail"])
            found = answer.raise_for_status().json()
        except httpx.HTTPError as error:
            raise Away("registry") from error
        page = {"node": node, "requests": found["requests"], "following": found["next"], "does": DOES}
        return renderer.page(request, "requests.html", {"caller": caller, **page})
