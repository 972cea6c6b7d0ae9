"""Members' names, on pages and in files: asked of the registry by the reader's own right.

It judges and records each look; nothing is kept here. A reader says what for before any name is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, get_args

import httpx
import structlog
from fastapi import Query
from starlette.requests import Request

from services.chassis.edge.auth import Caller
from services.chassis.errors import Forbidden, Overloaded
from services.reporting.console.services import Away, Services, right_of
from services.reporting.lists.export import Naming
from services.reporting.lists.members import Purpose

For = Annotated[Purpose | None, Query(alias="names")]

AWAY = "[registry away]"
"""What stands for a name in a file that nobody could be asked for any more."""

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
    """Asks the registry; where it has no address no reader is offered any name."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of(
        self, request: Request, caller: Caller, members: Sequence[str], purpose: str | None
    ) -> Named:
        """Return the names of up to 200 members, if the reader says what for.

        Raises Forbidden if the registry does not show them to this reader.
        """
        offered = "registry" in self._services and not caller.roles.isdisjoint(("officer", "secretary"))
        if not offered or purpose is None:
            return Named(offered)
        try:
            return Named(offered, purpose, names=await self._ask(right_of(request), members, purpose))
        except Away:
            return Named(offered, purpose, away=True)

    def naming(self, authorization: str, purpose: str) -> Naming:
        """Return what names the members of a file, page after page, by the right of `authorization`.

        What it returns raises Forbidden, and Overloaded while the registry is away from the beginning; if it
        goes away later, the rest of the file says so instead of every name.
        """
        begun = away = False

        async def named(members: Sequence[str]) -> Mapping[str, str]:
            nonlocal begun, away
            try:
                if not away:
                    found = await self._ask(authorization, members, purpose)
                    begun = True
                    return found
            except Away as error:
                if not begun:
                    raise Overloaded("the registry, which knows the names, does not answer") from error
                away = True
            return dict.fromkeys(members, AWAY)

        return named

    async def _ask(self, authorization: str, members: Sequence[str], purpose: str) -> Mapping[str, str]:
        """Return names by code. Raises Forbidden, Away."""
        if "registry" not in self._services:
            raise Away("registry")
        asked = {"members": list(dict.fromkeys(members)), "purpose": purpose}
        try:
            async with self._services.client("registry", authorization) as client:
                answer = await client.post("persons/names", json=asked)
            if answer.status_code in (401, 403):
                raise Forbidden(answer.json()["detail"])
            names: Mapping[str, str] = answer.raise_for_status().json()["names"]
        except httpx.HTTPError as error:
            log.warning("the registry names nobody", error=type(error).__name__)
            raise Away("registry") from error
        return names
