"""How a failure is told over HTTP: a problem document (RFC 9457)."""

from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"

AGAIN_AFTER_S = 1
"""What Retry-After says: whatever makes us answer 503 is over in a moment, or it is asked again."""


class ProblemDetails(BaseModel):
    """What went wrong, for a person and for a program (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    rule: str | None = None
    errors: list[dict[str, Any]] | None = None


PROBLEMS = {
    400: "the body cannot be decoded",
    401: "no token, or not one of ours",
    403: "not in this role, or not there",
    404: "no such thing",
    409: "a rule refuses it",
    412: "it has changed since the client read it",
    413: "the body is larger than allowed",
    422: "the shape is wrong",
    503: "something this needs is away, or there is too much to do; try again",
}

HEADERS = {503: {"Retry-After": str(AGAIN_AFTER_S)}, 401: {"WWW-Authenticate": "Bearer"}}


def add_problems(document: dict[str, Any]) -> None:
    """Say in an OpenAPI document that every operation may fail in these ways.

    FastAPI would make a model of each for each route, which takes longer than all else of a start.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas[ProblemDetails.__name__] = ProblemDetails.model_json_schema()
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}}}
    told = {str(status): {"description": said, "content": content} for status, said in PROBLEMS.items()}
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"] |= told


def problem(
    status: int,
    name: str,
    detail: str,
    *,
    rule: str | None = None,
    errors: list[dict[str, Any]] | None = None,
) -> JSONResponse:
    """Return the answer that says what went wrong; `name` is the last part of its `type`."""
    document = {"type": f"urn:fourgood:problem:{name}", "title": name, "status": status, "detail": detail}
    if rule:
        document["rule"] = rule
    content = document | ({"errors": errors} if errors else {})
    return JSONResponse(content, status, HEADERS.get(status), media_type=MEDIA_TYPE)
