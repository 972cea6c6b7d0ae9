"""The services that pages speak with on behalf of their reader: where each answers, by the reader's token."""

import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from services.chassis.errors import Forbidden, NotFound, Unauthenticated
from services.reporting.console.sign_in import COOKIE

WITHIN_S = 10.0
"""A service answers in less, or is away. Shorter than the time in which a page has to be answered."""


class Away(Exception):
    """A service does not answer."""


def right_of(request: Request) -> str:
    """Return the reader's own token, as a service is shown it."""
    return f"Bearer {request.cookies.get(COOKIE, '')}"


class Services:
    """Where each service answers, by name; one without an address is not spoken with."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = {name: url.rstrip("/") for name, url in addresses.items() if url}

    def __contains__(self, service: object) -> bool:
        return service in self._addresses

    def client(self, service: str, authorization: str = "") -> httpx.AsyncClient:
        """Return a client of `service` for what lies beneath /<service>/v1, by the right of a token."""
        return httpx.AsyncClient(
            base_url=f"{self._addresses[service]}/{service}/v1/",
            headers={"Authorization": authorization} if authorization else {},
            verify=self._trusted,
            timeout=WITHIN_S,
            trust_env=False,
        )

    async def told(self, request: Request, service: str, path: str, **asked: object) -> Any:
        """Return what `service` answers the reader of `request`; questions of None are not asked.

        It is asked after what the address says was recorded.
        Raises NotFound (also where the service has no address), Forbidden, Unauthenticated,
        RequestValidationError, Away.
        """
        if service not in self:
            raise NotFound(request.url.path)
        stated = {name: one for name, one in asked.items() if one is not None}
        recorded = [one for one in request.query_params.getlist("after") if one.startswith(f"{service}:")]
        try:
            async with self.client(service, right_of(request)) as client:
                answer = await client.get(path, params={**stated, "after": recorded})  # type: ignore[dict-item]
        except httpx.HTTPError as error:
            raise Away(service) from error
        match answer.status_code:
            case 200:
                return answer.json()
            case 401:
                raise Unauthenticated(f"{service} does not know the token")
            case 403:
                raise Forbidden(answer.json()["detail"])
            case 404 | 409:  # nothing is there, or a rule says why there is nothing
                raise NotFound(answer.json()["detail"])
            case 422:
                raise RequestValidationError([])
        raise Away(service)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The authorities a service's certificate may be of; they are read once, not for every question."""
        return httpx.create_ssl_context(trust_env=False)
