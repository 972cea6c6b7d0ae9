"""Pages on who exists: the record of an organization, the lists of its subtree, and a member."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request, Response

from contracts.days import day_of
from services.chassis.clock import Clock
from services.chassis.errors import NotFound
from services.reporting.console.asking import KnownOn, Wish
from services.reporting.console.commands.offers import acceptance, of_member, of_official, of_organization
from services.reporting.console.knowing import Knowing, known
from services.reporting.console.lists import LISTS, listed, wanted
from services.reporting.console.member import member
from services.reporting.console.names import For, Names
from services.reporting.console.queries import Queries
from services.reporting.console.reader import Reader
from services.reporting.console.record import record
from services.reporting.console.render import Renderer
from services.reporting.console.services import Services, right_of
from services.reporting.lists.export import Workbooks, file_of
from services.reporting.views import ViewName

OF_RECORD: Sequence[ViewName] = ("headcount", "classes", "structure", "officials")
"""What the record of an organization is read from, beside the tree."""


def add_records(
    router: APIRouter,
    renderer: Renderer,
    queries: Queries,
    reader: Reader,
    workbooks: Workbooks,
    services: Services,
    clock: Clock,
) -> None:
    """Add the pages, after those with addresses of their own: a list is named by the end of its address."""
    names = Names(services)

    @router.get("/organizations/{code}/record")
    async def show_record(
        request: Request, code: str, wish: Wish, known_on: KnownOn, purpose: For = None
    ) -> Response:
        caller, node = await reader.organization(request, code)
        knowing, texts = Knowing.of(known_on, day_of(clock())), renderer.language_of(request)
        async with known(queries, node, knowing, *OF_RECORD) as (then, found):
            page = await record(then, found, wish, today=knowing.last, texts=texts)
        page["ancestors"] = await reader.in_reach(request, page["ancestors"])
        page["named"] = await names.of(request, caller, [one.member for one in page["officials"]], purpose)
        page["offers"] = () if knowing.on else of_organization(services, caller, node)
        page["relief"] = partial(of_official, services, caller)
        return renderer.page(request, "record.html", {"caller": caller, "knowing": knowing, **page})

    @router.get("/members/{code}")
    async def show_member(request: Request, code: str, purpose: For = None) -> Response:
        caller, life, node = await reader.member(request, code)
        page = await member(queries, life, node, today=day_of(clock()))
        page["ancestors"] = await reader.in_reach(request, page["ancestors"])
        page["person"] = await names.of(request, caller, [code], purpose)
        page["offers"] = of_member(services, caller, life, node, day_of(clock()))
        return renderer.page(request, "member.html", {"caller": caller, **page})

    @router.get("/organizations/{code}/{which}")
    async def show_list(
        request: Request, code: str, which: str, known_on: KnownOn, purpose: For = None
    ) -> Response:
        if which not in LISTS:
            raise NotFound(request.url.path)
        caller, node = await reader.organization(request, code)
        kind, knowing = LISTS[which], Knowing.of(known_on, day_of(clock()))
        asked = wanted(kind, request.query_params, knowing)
        if asked.format != "json":
            day = asked.day(knowing.last)
            return await file_of(
                workbooks,
                kind.row,
                partial(queries.listed, code, day),
                asked,
                f"{code}-{day}{knowing.address('-')}",
                names.naming(right_of(request), purpose) if purpose and "member" in kind.columns else None,
            )
        async with known(queries, node, knowing) as (then, found):
            page = await listed(then, found, which, request.query_params, knowing=knowing)
        page["ancestors"] = await reader.in_reach(request, page["ancestors"])
        if "member" in kind.columns:
            page["named"] = await names.of(request, caller, [one.member for one in page["rows"]], purpose)
        page["accept"] = partial(acceptance, services, caller)
        return renderer.page(request, "list.html", {"caller": caller, "knowing": knowing, **page})
