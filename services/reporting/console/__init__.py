"""The console: what a browser is shown, and by whose right. It asks `queries`, decides nothing."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from psycopg import OperationalError

from contracts.days import day_of
from services.chassis.clock import Clock, utc_now
from services.chassis.delivery import ViewRebuilding
from services.chassis.edge.auth import Caller
from services.chassis.edge.problem import AGAIN_AFTER_S
from services.chassis.edge.rights import Rights
from services.chassis.errors import Forbidden, NotFound, Overloaded, Unauthenticated
from services.chassis.views.tree import Node
from services.reporting.console import pages
from services.reporting.console.asking import KnownOn, Wish
from services.reporting.console.cells import Desk, add_cells
from services.reporting.console.commands.fields import Unshown
from services.reporting.console.commands.offered import Offered
from services.reporting.console.commands.pages import add_commands
from services.reporting.console.districts import add_districts
from services.reporting.console.importing import add_imports
from services.reporting.console.knowing import Knowing, Unrecorded, known
from services.reporting.console.queries import Queries
from services.reporting.console.reader import Reader
from services.reporting.console.records import add_records
from services.reporting.console.rejected import rejected
from services.reporting.console.render import Renderer
from services.reporting.console.requests import add_requests
from services.reporting.console.services import Away, Services
from services.reporting.console.sign_in import SignIn, forget, form_of, remember, safe_next
from services.reporting.known import StillRead
from services.reporting.lists.export import Workbooks
from services.reporting.views import ViewName
from services.reporting.views.subtree import CELLS

__all__ = ["SignIn", "routes"]

PROBLEMS: dict[type[Exception], int] = {
    Forbidden: 403,
    NotFound: 404,
    RequestValidationError: 422,
    Unshown: 501,
    OperationalError: 503,
    ViewRebuilding: 503,
    Away: 503,
    Overloaded: 503,
}
"""What a reader is told in words. Anything else is a defect and goes on to where those are logged."""


def routes(
    queries: Queries,
    sign_in: SignIn,
    rights: Rights,
    workbooks: Workbooks,
    services: Services,
    clock: Clock = utc_now,
) -> APIRouter:
    """Return the console's pages. Include them last: an address nothing else took is answered in words."""
    renderer = Renderer(takes_files="registry" in services, tells_cells="assessment" in services)
    router = APIRouter(route_class=_in_words(renderer, sign_in), include_in_schema=False)
    _add_door(router, renderer, sign_in)
    reader = Reader(sign_in, rights, queries)
    _add_pages(router, renderer, queries, reader, services, clock)
    add_commands(router, renderer, queries, reader, Offered(services), clock)
    add_imports(router, renderer, reader, services)
    add_requests(router, renderer, reader, services)
    desk = Desk(renderer, queries, reader, services, clock)
    add_districts(router, desk)
    add_cells(router, desk)
    add_records(router, renderer, queries, reader, workbooks, services, clock)
    _add_rest(router, renderer)
    return router


def _add_door(router: APIRouter, renderer: Renderer, sign_in: SignIn) -> None:
    def door(request: Request, onward: str, problem: str = "", status: int = 200) -> Response:
        shown = {"roles": list(sign_in.tokens), "next": safe_next(onward), "problem": problem}
        return renderer.page(request, "sign_in.html", shown, status=status)

    @router.get("/sign-in")
    async def show(request: Request, next: str = "/") -> Response:
        return door(request, next)

    @router.post("/sign-in")
    async def enter(request: Request) -> Response:
        form, texts = await form_of(request), renderer.language_of(request)
        onward = safe_next(form.get("next", "/"))
        token = form.get("token", "") or sign_in.tokens.get(form.get("role", ""), "")
        if not token:
            return door(request, onward, texts("sign_in.unknown_role"), 422)
        try:
            sign_in.verify(token)
        except Unauthenticated:
            return door(request, onward, texts("sign_in.refused"), 401)
        response = RedirectResponse(onward, 303)
        remember(response, token, secure=request.url.scheme == "https")
        return response

    @router.post("/sign-out")
    async def leave(request: Request) -> Response:
        await form_of(request)
        response = RedirectResponse("/sign-in", 303)
        forget(response)
        return response


OF_COMMITTEE: Sequence[ViewName] = ("headcount", "completeness", "classes", "structure")
"""What the page of a committee is read from, beside the tree."""


def _add_pages(
    router: APIRouter,
    renderer: Renderer,
    queries: Queries,
    reader: Reader,
    services: Services,
    clock: Clock,
) -> None:
    async def shown(
        request: Request, caller: Caller, node: Node, wish: Wish, known_on: KnownOn, **more: Any
    ) -> Response:
        knowing, texts = Knowing.of(known_on, day_of(clock())), renderer.language_of(request)
        of_cell = node.kind in CELLS
        show, template = (pages.cell, "cell.html") if of_cell else (pages.committee, "organization.html")
        async with known(queries, node, knowing, *(() if of_cell else OF_COMMITTEE)) as (then, found):
            page = await show(then, found, wish, today=knowing.last, texts=texts)
        page["ancestors"] = await reader.in_reach(request, page["ancestors"])
        return renderer.page(
            request, template, {"caller": caller, "tops": (), "knowing": knowing, **page, **more}
        )

    @router.get("/")
    async def overview(request: Request, wish: Wish, known_on: KnownOn, of: str = "") -> Response:
        tops = await reader.tops(request)
        if not tops:
            return renderer.page(request, "nothing.html", {"caller": reader.caller(request)})
        node = next((top for top in tops if top.code == of), tops[0])
        return await shown(request, await reader.at(request, node), node, wish, known_on, tops=tops)

    @router.get("/organizations/{code}")
    async def organization(request: Request, code: str, wish: Wish, known_on: KnownOn) -> Response:
        caller, node = await reader.organization(request, code)
        return await shown(request, caller, node, wish, known_on)

    @router.get("/organizations/{code}/state")
    async def state(request: Request, code: str, wish: Wish, known_on: KnownOn) -> Response:
        caller, node = await reader.organization(request, code)
        knowing = Knowing.of(known_on, day_of(clock()))
        async with known(queries, node, knowing) as (then, found):
            current = await then.state(code, min(wish.on or knowing.last, knowing.last))
            page = pages.state_of(current, await then.timeline(code), today=knowing.last)
        return renderer.page(
            request, "state.html", {"caller": caller, "node": found, "knowing": knowing, **page}
        )

    @router.get("/operations")
    async def operations(request: Request) -> Response:
        caller = reader.caller(request)
        caller.require("operator")
        page = await pages.operations(queries, await rejected(services, request))
        return renderer.page(request, "operations.html", {"caller": caller, **page})


def _add_rest(router: APIRouter, renderer: Renderer) -> None:
    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        file = renderer.file(name)
        if file is None:
            raise NotFound(name)
        return file

    @router.get("/{address:path}")
    async def nowhere(address: str) -> Response:
        if address.startswith("reporting/"):
            raise HTTPException(404, f"nothing is at /{address}")
        raise NotFound(f"/{address}")


def _in_words(renderer: Renderer, sign_in: SignIn) -> type[APIRoute]:
    """Return the kind of route whose failures are pages: who is signed out is led to the door."""

    class Spoken(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def spoken(request: Request) -> Response:
                try:
                    return await answer(request)
                except Unauthenticated:
                    return _to_door(request)
                except StillRead as error:
                    shown = {"past": error.past, "again_s": AGAIN_AFTER_S, "caller": _who(request)}
                    return renderer.page(request, "reading.html", shown, status=503)
                except Unrecorded as error:
                    shown = {"node": error.node, "knowing": error.knowing, "caller": _who(request)}
                    return renderer.page(request, "unrecorded.html", shown, status=404)
                except tuple(PROBLEMS) as error:
                    return _explained(request, error)

            return spoken

    def _explained(request: Request, error: Exception) -> Response:
        status = next(status for kind, status in PROBLEMS.items() if isinstance(error, kind))
        detail = str(error) if status in (403, 404, 501) else ""
        shown = {"status": status, "detail": detail, "caller": _who(request)}
        return renderer.page(request, "problem.html", shown, status=status)

    def _who(request: Request) -> Caller | None:
        try:
            return sign_in.caller(request)
        except Unauthenticated:
            return None

    return Spoken


def _to_door(request: Request) -> Response:
    onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?{urlencode({'next': onward})}" if onward != "/" else "/sign-in", 303)
