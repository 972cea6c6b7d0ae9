"""Members' names on pages: asked of the registry with the reader's own token, so that it judges and records.

Nothing of them is kept here. A reader says what for before any name is asked.
"""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal, get_args

import httpx
import structlog
from fastapi import Query
from starlette.requests import Request

from services.chassis.edge.auth import Caller
from services.chassis.errors import Forbidden
from services.reporting.console.sign_in import COOKIE

Purpose = Literal["MEMBER_FILE", "CONTACT", "RECOGNITION", "TRANSFER", "SUPERVISION"]
"""Why a reader looks, as the registry has it (Law 91/2025/QH15: a specific, clear purpose)."""

For = Annotated[Purpose | None, Query(alias="names")]

WITHIN_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Named:
    """The names of the members on a page. `offered`: this reader may ask; `away`: nobody answers just now."""

    offered: bool = False
    purpose: str | None = None
    away: bool = False
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    purposes: Sequence[str] = get_args(Purpose)


class Names:
    """Asks the registry at `url`; without one no reader is offered any name."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/registry/v1/persons/names" if url else ""

    async def of(
        self, request: Request, caller: Caller, members: Sequence[str], purpose: str | None
    ) -> Named:
        """Return the names of up to 200 members, if the reader says what for.

        Raises Forbidden if the registry does not show them to this reader.
        """
        offered = bool(self._url) and not caller.roles.isdisjoint(("officer", "secretary"))
        if not offered or purpose is None:
            return Named(offered)
        asked = {"members": list(dict.fromkeys(members)), "purpose": purpose}
        token = {"Authorization": f"Bearer {request.cookies.get(COOKIE, '')}"}
        try:
            async with httpx.AsyncClient(verify=self._trusted, timeout=WITHIN_S, trust_env=False) as client:
                answer = await client.post(self._url, json=asked, headers=token)
            if answer.status_code in (401, 403):
                raise Forbidden(answer.json()["detail"])
            answer.raise_for_status()
            return Named(offered, purpose, names=answer.json()["names"])
        except httpx.HTTPError as error:
            log.warning("the registry names nobody", error=type(error).__name__)
            return Named(offered, purpose, away=True)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The authorities a registry's certificate may be of; they are read once, not for every question."""
        return httpx.create_ssl_context(trust_env=False)
