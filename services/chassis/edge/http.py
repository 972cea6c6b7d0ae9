"""The HTTP edge every service has: failures as problem documents (RFC 9457), health, metrics, request ids."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import uuid4

import structlog
from fastapi import APIRouter, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from nats.errors import Error as NatsError
from psycopg import OperationalError
from starlette.exceptions import HTTPException

from services.chassis.delivery import NotYetRead, ViewRebuilding
from services.chassis.edge.after import After, AfterQuery, positions_in
from services.chassis.edge.again import Answered, answered, answered_before, named, replay
from services.chassis.edge.auth import Caller, CallerOf, Role
from services.chassis.edge.door import Door, Inside, overloaded, too_large
from services.chassis.edge.problem import add_problems, problem
from services.chassis.edge.rights import Rights
from services.chassis.errors import (
    ChangedSince,
    Conflict,
    Forbidden,
    NotFound,
    Overloaded,
    Refused,
    Unauthenticated,
    plainly,
)
from services.chassis.eventlog.inbox import Inbox
from services.chassis.eventlog.store import Origin

log = structlog.get_logger()

STATUS: dict[type[Exception], int] = {
    Refused: 409,
    Conflict: 409,
    NotFound: 404,
    Forbidden: 403,
    Unauthenticated: 401,
    ChangedSince: 412,
    NotYetRead: 503,
    ViewRebuilding: 503,
    Overloaded: 503,
}

AWAY = (OperationalError, NatsError)


class Api(FastAPI):
    """FastAPI, whose document says that failures are problem documents."""

    def serve(self, router: APIRouter) -> None:
        """Serve what was made on `router` as it is: including it would read every signature a second time."""
        self.router.routes.extend(router.routes)

    def openapi(self) -> dict[str, Any]:
        """Return the service's OpenAPI, made when it is first asked for."""
        if not self.openapi_schema:
            add_problems(super().openapi())
        return super().openapi()


def paths_of(service: str, tag: str = "") -> APIRouter:
    """Return a router, of no paths yet, for those beneath /<service>/v1."""
    return APIRouter(prefix=f"/{service}/v1", tags=[tag or service])


def create_api(
    service: str,
    description: str,
    ready: Callable[[], Awaitable[Mapping[str, str]]],
    inside: Inside,
    inbox: Inbox | None = None,
) -> Api:
    """Return the application of `service`. `ready` names what is not ready, and why.

    `inbox` remembers commands that are named with Idempotency-Key: without, there are no commands.
    """
    api = Api(
        title=f"fourgood {service}",
        version="1",
        description=description,
        openapi_url=f"/{service}/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    api.state.inbox = inbox
    _add_problems(api)
    _add_health(api, ready)
    api.add_middleware(Door, inside=inside)
    return api


@dataclass(frozen=True)
class Asked:
    """A command as it was asked: by whom, what it will have led back to, and what must be read before it."""

    by: Caller
    why: Origin
    after: After

    async def require(self, rights: Rights, *roles: Role, over: Sequence[str]) -> None:
        """Require a right over all of `over`, as things stand after `after`. See `Rights.require`."""
        await rights.require(self.by, *roles, over=over, after=self.after)


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]+$",
        max_length=128,
        description="names this command: asked again under the same name it answers the first receipt",
    ),
]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^"[0-9]{1,9}"$',
        description="the ETag the client read: if it has changed since, nothing is done (412)",
    ),
]


class Asking(CallerOf):
    """The FastAPI dependency of commands: one, because each more costs every command 25 µs."""

    async def __call__(  # type: ignore[override]
        self,
        request: Request,
        after: AfterQuery = None,
        request_id: Annotated[str | None, Header(alias="X-Request-Id", max_length=128)] = None,
        key: IdempotencyKey = None,
        match: IfMatch = None,
    ) -> Asked:
        """Return who asks, under which request id and key, what was seen, and what must be read.

        Raises Unauthenticated, and Answered if the command was stored before.
        """
        by = self.auth.asker(request)
        id = request_id or uuid4().hex
        entry = await named(request, by.subject, key) if key else None
        seen = int(match.strip('"')) if match else None
        why = Origin(by.subject, correlation=id, causation=f"http:{id}", entry=entry, seen=seen)
        return Asked(by, why, positions_in(after))


def _add_problems(api: FastAPI) -> None:
    for error_type, status in STATUS.items():
        api.add_exception_handler(error_type, _named(status))
    api.add_exception_handler(Answered, answered_before)
    for away in AWAY:
        api.add_exception_handler(away, _away)
    api.add_exception_handler(RequestValidationError, _shape)
    api.add_exception_handler(HTTPException, _plain)
    api.add_exception_handler(Exception, _defect)


def _named(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        kind = type(error)
        if status == HTTPStatus.CONFLICT and (accepted := await answered(request)):
            return replay(request, accepted)  # the same command was being stored meanwhile
        rule = (kind.__doc__ or "").strip() if isinstance(error, Refused) else None
        return problem(status, kind.__name__, str(error) or rule or kind.__name__, rule=rule)

    return handler


def _away(request: Request, error: Exception) -> JSONResponse:
    log.warning("dependency away", path=request.url.path, error=type(error).__name__)
    return problem(
        503, "Unavailable", "the database or the bus is not reachable; nothing is known to be stored"
    )


def _shape(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in e["loc"]), "problem": plainly(e)} for e in error.errors()
    ]
    detail = "; ".join(f"{e['field']}: {e['problem']}" for e in errors[:3])
    return problem(422, "Unprocessable", detail, errors=errors)


def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large(str(error.detail))
    if error.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        return overloaded(str(error.detail))
    name = HTTPStatus(error.status_code).phrase.title().replace(" ", "").replace("-", "")
    answer = problem(error.status_code, name, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _defect(request: Request, error: Exception) -> JSONResponse:
    log.error("defect", path=request.url.path, exc_info=error)
    return problem(500, "Defect", "this is our mistake; it was logged")


def _add_health(api: FastAPI, ready: Callable[[], Awaitable[Mapping[str, str]]]) -> None:
    @api.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @api.get("/readyz", include_in_schema=False)
    async def readyz(response: Response) -> dict[str, Any]:
        waiting = await ready()
        response.status_code = 503 if waiting else 200
        return {"status": "waiting" if waiting else "ready", "waiting_for": dict(waiting)}
