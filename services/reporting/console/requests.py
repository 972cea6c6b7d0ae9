"""What persons ask about their data and still wait for: by code, with its clocks and what can be done."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.reporting.console.reader import Reader
from services.reporting.console.render import Renderer
from services.reporting.console.services import Services

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
        found = await services.told(
            request, "registry", "data-requests", **{"organization": code, "from": start}
        )
        page = {"node": node, "requests": found["requests"], "following": found["next"], "does": DOES}
        return renderer.page(request, "requests.html", {"caller": caller, **page})
