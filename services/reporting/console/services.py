"""The services that pages speak with on behalf of their reader: where each answers, by the reader's token."""

import ssl
from collections.abc import Mapping
from functools import cached_property

import httpx
from starlette.requests import Request

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

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The authorities a service's certificate may be of; they are read once, not for every question."""
        return httpx.create_ssl_context(trust_env=False)
