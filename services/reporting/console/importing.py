"""Imports in the console: a file goes on to the registry as it comes, its report is shown row by row."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from services.chassis.errors import Forbidden, NotFound, Unauthenticated
from services.reporting.console.reader import Reader
from services.reporting.console.render import Renderer
from services.reporting.console.services import Away, Services, right_of
from services.reporting.console.sign_in import sent_from_here

PATH = "/imports"

FILE_MAX = 32_000_000
"""Bytes of a file, as the registry has it."""

UNDERWAY = ("WAITING", "READING", "COMPARING", "JUDGING", "RECORDING")
"""The states of an import that has not ended, in their order."""

log = structlog.get_logger(__name__)


def add_imports(router: APIRouter, renderer: Renderer, reader: Reader, services: Services) -> None:
    """Add the page that takes a file, and the one that tells how its import gets on."""

    async def asked(request: Request, wrong: str = "", status: int = 200) -> Response:
        caller = await reader.may(request, "officer")
        if "registry" not in services:
            raise NotFound(PATH)
        return renderer.page(request, "import.html", {"caller": caller, "wrong": wrong}, status=status)

    @router.get(PATH)
    async def ask(request: Request) -> Response:
        return await asked(request)

    @router.post(PATH)
    async def take(request: Request, check: bool = False) -> Response:
        await reader.may(request, "officer")
        if not sent_from_here(request):
            raise Forbidden("this file was sent from another site")
        answer = await _sent(services, request, check=check)
        if answer.is_success:
            return RedirectResponse(f"{PATH}/{answer.json()['id']}", 303)
        texts = renderer.language_of(request)
        known = answer.status_code in (413, 422, 503)
        return await asked(
            request, texts(f"import.{answer.status_code if known else 'failed'}"), answer.status_code
        )

    @router.get(PATH + "/{id}")
    async def show(request: Request, id: str) -> Response:
        caller = await reader.may(request, "officer")
        run = await _run(services, request, id)
        page = {
            "run": run,
            "underway": run["state"] in UNDERWAY,
            "steps": UNDERWAY,
            "tops": await reader.tops(request),
        }
        return renderer.page(request, "imported.html", {"caller": caller, **page})


async def _run(services: Services, request: Request, id: str) -> Mapping[str, Any]:
    """Return how an import stands. Raises NotFound, Forbidden, Unauthenticated, Away."""
    if not re.fullmatch(r"[0-9a-f]{32}", id):
        raise NotFound(id)
    run: Mapping[str, Any] = await services.told(request, "registry", f"imports/{id}")
    return run


async def _sent(services: Services, request: Request, *, check: bool) -> httpx.Response:
    """Return what the registry answers to the file in a form, given on as it comes in.

    Raises RequestValidationError for what is no form with a file, Unauthenticated, Away.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise RequestValidationError([])
    asked = {"validate_only": "true" if check else "false"}
    try:
        async with services.client("registry", right_of(request)) as client:
            file = _file_in(request, options[b"boundary"])
            answer = await client.post("imports", params=asked, content=file)
    except MultipartParseError as error:
        raise RequestValidationError([]) from error
    except httpx.HTTPError as error:
        log.warning("the registry takes no file", error=type(error).__name__)
        raise Away("registry") from error
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise Unauthenticated("the registry does not know the token")
    return answer


async def _file_in(request: Request, boundary: bytes) -> AsyncIterator[bytes]:
    """Yield the one file of a form, a part at a time; whatever else the form holds is passed over."""
    parts: list[bytes] = []
    begun = 0

    def begin() -> None:
        nonlocal begun
        begun += 1

    def data(read: bytes, start: int, end: int) -> None:
        if begun == 1:
            parts.append(read[start:end])

    parser = MultipartParser(boundary, {"on_part_begin": begin, "on_part_data": data})
    async for chunk in request.stream():
        parser.write(chunk)
        if parts:
            yield b"".join(parts)
            parts.clear()
    parser.finalize()
