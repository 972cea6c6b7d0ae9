"""The HTTP edge every service has: failures as problem documents (RFC 9457), health, metrics, request ids."""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import uuid4

import structlog
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from nats.errors import Error as NatsError
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.auth import Auth, Caller
from services.chassis.delivery import NotYetRead
from services.chassis.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Overloaded,
    Refused,
    Unauthenticated,
    plainly,
)
from services.chassis.store import Origin
from services.chassis.view import View

log = structlog.get_logger()

BODY_MAX = 1_000_000
"""Bytes of a request's body."""

STATUS: dict[type[Exception], int] = {
    Refused: 409,
    Conflict: 409,
    NotFound: 404,
    Forbidden: 403,
    Unauthenticated: 401,
    NotYetRead: 503,
    Overloaded: 503,
}

AWAY = (OperationalError, PoolTimeout, NatsError)


class BodyLimit:
    """Refuses a body of more than BODY_MAX bytes, whether or not its length was said before."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is read of its body."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if said.isdigit() and int(said) > BODY_MAX:
            return await _too_large()(scope, receive, send)
        read = 0

        async def counting() -> MutableMapping[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > BODY_MAX:
                raise HTTPException(413, f"a body may have {BODY_MAX} bytes")
            return message

        return await self.app(scope, counting, send)


class Problem(BaseModel):
    """What went wrong, for a person and for a program (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    rule: str | None = None
    errors: list[dict[str, Any]] | None = None


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in {
        401: "no token, or not one of ours",
        403: "not in this role, or not there",
        404: "no such thing",
        409: "a rule refuses it",
        422: "the shape is wrong",
        503: "something this needs is away; try again",
    }.items()
}


def create_api(service: str, description: str, ready: Callable[[], Awaitable[Mapping[str, str]]]) -> FastAPI:
    """Return the application of `service`. `ready` names what is not ready, and why."""
    api = FastAPI(
        title=f"fourgood {service}",
        version="1",
        description=description,
        openapi_url=f"/{service}/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=PROBLEMS,
    )
    _add_problems(api)
    _add_health(api, ready)
    api.add_middleware(BodyLimit)
    return api


def asking(auth: Auth) -> Callable[..., Awaitable[Origin]]:
    """Return the dependency that says who asks for a command, and under which request id."""

    async def asked(
        by: Annotated[Caller, Depends(auth.caller)],
        request_id: Annotated[str | None, Header(alias="X-Request-Id", max_length=128)] = None,
    ) -> Origin:
        id = request_id or uuid4().hex
        return Origin(actor=by.subject, correlation=id, causation=f"http:{id}")

    return asked


@dataclass(frozen=True)
class After:
    """How far a caller wants to see: positions of receipts, by service."""

    positions: Sequence[tuple[str, int]]

    async def wait(self, *views: View) -> None:
        """Wait until every view has read the positions of those it follows. Raises NotYetRead."""
        for view in views:
            for source, position in self.positions:
                if not view.followed or source in view.followed:
                    await view.reached(source, position)


async def reading(
    after: Annotated[
        list[str] | None, Query(description="<service>:<position> of a receipt", examples=["registry:123"])
    ] = None,
) -> After:
    """Return the query parameter `after=registry:123`, repeatable: answer once the view has read that far."""
    positions = []
    for text in after or []:
        match = re.fullmatch(r"([a-z]{1,32}):(\d{1,18})", text)
        if match is None:
            raise RequestValidationError(
                [
                    {
                        "loc": ("query", "after"),
                        "msg": "must look like registry:123",
                        "type": "after",
                        "input": text,
                    }
                ]
            )
        positions.append((match[1], int(match[2])))
    return After(positions)


Reading = Annotated[After, Depends(reading)]
"""How a query route asks for `?after=`."""


def _problem(
    status: int,
    name: str,
    detail: str,
    *,
    rule: str | None = None,
    errors: list[dict[str, Any]] | None = None,
) -> JSONResponse:
    document = {"type": f"urn:fourgood:problem:{name}", "title": name, "status": status, "detail": detail}
    if rule:
        document["rule"] = rule
    headers = {503: {"Retry-After": "1"}, 401: {"WWW-Authenticate": "Bearer"}}.get(status)
    content = document | ({"errors": errors} if errors else {})
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def _too_large() -> JSONResponse:
    return _problem(413, "ContentTooLarge", f"a body may have {BODY_MAX} bytes")


def _add_problems(api: FastAPI) -> None:
    for error_type, status in STATUS.items():
        api.add_exception_handler(error_type, _named(status))
    for away in AWAY:
        api.add_exception_handler(away, _away)
    api.add_exception_handler(RequestValidationError, _shape)
    api.add_exception_handler(HTTPException, _plain)
    api.add_exception_handler(Exception, _defect)


def _named(status: int) -> Callable[[Request, Exception], JSONResponse]:
    def handler(request: Request, error: Exception) -> JSONResponse:
        kind = type(error)
        rule = (kind.__doc__ or "").strip() if isinstance(error, Refused) else None
        return _problem(status, kind.__name__, str(error) or rule or kind.__name__, rule=rule)

    return handler


def _away(request: Request, error: Exception) -> JSONResponse:
    log.warning("dependency away", path=request.url.path, error=type(error).__name__)
    return _problem(
        503, "Unavailable", "the database or the bus is not reachable; nothing is known to be stored"
    )


def _shape(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in e["loc"]), "problem": plainly(e)} for e in error.errors()
    ]
    detail = "; ".join(f"{e['field']}: {e['problem']}" for e in errors[:3])
    return _problem(422, "Unprocessable", detail, errors=errors)


def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _too_large()
    name = HTTPStatus(error.status_code).phrase.title().replace(" ", "").replace("-", "")
    answer = _problem(error.status_code, name, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _defect(request: Request, error: Exception) -> JSONResponse:
    log.error("defect", path=request.url.path, exc_info=error)
    return _problem(500, "Defect", "this is our mistake; it was logged")


def _add_health(api: FastAPI, ready: Callable[[], Awaitable[Mapping[str, str]]]) -> None:
    @api.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @api.get("/readyz", include_in_schema=False)
    async def readyz(response: Response) -> dict[str, Any]:
        waiting = await ready()
        response.status_code = 503 if waiting else 200
        return {"status": "waiting" if waiting else "ready", "waiting_for": dict(waiting)}
