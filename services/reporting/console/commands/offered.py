"""What a service lets be commanded, by its own OpenAPI, and how a command is sent to it."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import httpx
import structlog
from starlette.requests import Request

from services.chassis.errors import NotFound, Unauthenticated
from services.reporting.console.commands.fields import Field, Schema, fields_of
from services.reporting.console.services import Away, Services, right_of

KEPT_S = 300.0
"""How long a service's OpenAPI is remembered: a new version of it is on the pages after that."""

METHODS = ("post", "put", "delete")
NAMED_BY = "Idempotency-Key"
"""The header that tells a command from a question: whoever takes it does nothing twice."""

FORMS_OF = ("registry", "assessment")
"""The services whose commands the pages have words for."""

ASIDE = ("after", "validate_only")
"""What may be asked with a command that no form has a field for."""

CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")
NUMBER = re.compile(r"[1-9][0-9]{0,3}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Command:
    """Something a service can be told to do. `codes` are those in its address, `asked` what goes with it."""

    service: str
    name: str
    method: str
    path: str
    template: str
    codes: Mapping[str, str]
    asked: Sequence[Field]
    fields: Sequence[Field]
    description: str = ""


@dataclass(frozen=True)
class Answer:
    """What a service answered: its status, where it recorded the command if it says so, or what is wrong."""

    status: int
    position: int | None = None
    problem: Mapping[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Return whether the command is recorded."""
        return self.status < 300


def command_at(service: str, path: str, document: Schema) -> Command:
    """Return the command that `document` has at `path` (beneath /<service>/v1).

    Raises NotFound, and Unshown if no form can be made of it.
    """
    found = [
        (found.groupdict(), template, method)
        for template, operations in document["paths"].items()
        if (found := _matched(template, f"/{service}/v1{path}"))
        for method in METHODS
        if method in operations and _is_command(service, operations[method])
    ]
    if not found:
        raise NotFound(path)
    codes, template, method = min(found, key=lambda one: len(one[0]))  # a word goes before a code
    if not _all_named(codes, document["paths"][template][method]):
        raise NotFound(path)
    return _command(service, path, method, template, codes, document)


def _all_named(codes: Mapping[str, str], operation: Schema) -> bool:
    """Return whether an address names everything by a code, or by a number what is numbered."""
    types = {one["name"]: one.get("schema", {}).get("type") for one in operation["parameters"]}
    return all(
        (NUMBER if types.get(name) == "integer" else CODE).fullmatch(code) for name, code in codes.items()
    )


def commands_of(service: str, document: Schema) -> list[Command]:
    """Return every command of a service, each as for something of the code AA. Raises Unshown."""
    return [
        _command(service, template.removeprefix(f"/{service}/v1"), method, template, {}, document)
        for template, operations in document["paths"].items()
        for method in METHODS
        if method in operations and _is_command(service, operations[method])
    ]


def _is_command(service: str, operation: Schema) -> bool:
    """Return whether people record something by it; what has a tag of its own is for others."""
    named = any(one["name"] == NAMED_BY for one in operation.get("parameters", ()))
    return named and operation.get("tags", [service]) == [service]


def _matched(template: str, path: str) -> re.Match[str] | None:
    parts = re.split(r"\{(\w+)\}", template)
    pattern = "".join(f"(?P<{part}>[^/]+)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.fullmatch(pattern, path)


def _command(
    service: str, path: str, method: str, template: str, codes: Mapping[str, str], document: Schema
) -> Command:
    operation = document["paths"][template][method]
    named = document.get("components", {}).get("schemas", {})
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    asked = {
        one["name"]: {**one["schema"], "description": one.get("description", "")}
        for one in operation["parameters"]
        if one["in"] == "query" and one["name"] not in ASIDE
    }
    words = [part for part in template.removeprefix(f"/{service}/v1").split("/") if part and part[0] != "{"]
    return Command(
        service,
        ".".join([service, *words, *(["delete"] if method == "delete" else [])]),
        method,
        path,
        template.removeprefix(f"/{service}/v1"),
        codes,
        fields_of({"type": "object", "properties": asked, "required": list(asked)}, named) if asked else (),
        fields_of(body, named) if body else (),
        operation.get("description", ""),
    )


class Offered:
    """The commands of the services that pages speak with."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._known: dict[str, tuple[float, Schema]] = {}

    async def command(self, service: str, path: str) -> Command:
        """Return the command at an address of a service. Raises NotFound, Unshown, Away."""
        if service not in FORMS_OF or service not in self.services:
            raise NotFound(service)
        return command_at(service, path, await self._document(service))

    async def _document(self, service: str) -> Schema:
        """Return the OpenAPI of a service: the one remembered, if it is new or no other can be had."""
        now = asyncio.get_running_loop().time()
        at, document = self._known.get(service, (-KEPT_S, {}))
        if now - at < KEPT_S:
            return document
        try:
            async with self.services.client(service) as client:
                answer = await client.get("openapi.json")
            document = cast("Schema", answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError) as error:
            log.warning("no OpenAPI", service=service, error=type(error).__name__)
            if not document:
                raise Away(service) from error
            return document
        self._known[service] = now, document
        return document

    async def version(self, request: Request, service: str, path: str) -> str:
        """Return the version (ETag) of what is at `path`, as the reader may see it, or nothing."""
        try:
            async with self.services.client(service, right_of(request)) as client:
                answer = await client.get(path.lstrip("/"))
        except httpx.HTTPError as error:
            raise Away(service) from error
        return str(answer.headers.get("etag", "")) if answer.is_success else ""

    async def send(
        self,
        request: Request,
        command: Command,
        body: Mapping[str, Any] | None,
        *,
        asked: Mapping[str, Any],
        key: str,
        version: str,
    ) -> Answer:
        """Send a command as the reader of `request`. The same `key` again does nothing twice.

        Raises Away, and Unauthenticated if the service does not know the reader (any more).
        """
        headers = {NAMED_BY: key} | ({"If-Match": version} if version else {})
        path = quote(command.path).lstrip("/")
        try:
            async with self.services.client(command.service, right_of(request)) as client:
                answer = await client.request(
                    command.method.upper(), path, params=dict(asked), json=body, headers=headers
                )
        except httpx.HTTPError as error:
            log.warning("a command was not answered", service=command.service, error=type(error).__name__)
            raise Away(command.service) from error
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise Unauthenticated("the service does not know the token")
        said = _said(answer)
        if answer.is_success:
            return Answer(answer.status_code, said.get("position"))
        return Answer(answer.status_code, problem=said)


def _said(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
