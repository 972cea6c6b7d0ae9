"""What every page on cells is made with: who asks, what assessment tells them, and whose names are shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import msgspec
from fastapi import Request, Response

from contracts.days import day_of
from services.chassis.clock import Clock
from services.chassis.edge.auth import Caller
from services.chassis.views.tree import Node
from services.reporting.cell import Entry
from services.reporting.console.names import Named, Names
from services.reporting.console.queries import Queries
from services.reporting.console.reader import Reader
from services.reporting.console.render import Renderer
from services.reporting.console.services import Services

SERVICE = "assessment"

NAMED_MAX = 200
"""Members whose names the registry tells at once; of more the first are named."""

SIDES = ("by", "to", "raised_to")
"""Of an event about a concern, the fields that name an organization."""


@dataclass(frozen=True)
class Clocked:
    """By when something is due, when it was done, its state, and the days between the due day and today.

    `days` are left while it runs, and passed while it is overdue.
    """

    due_on: date
    done_on: date | None
    state: str
    days: int

    @classmethod
    def of(cls, told: Mapping[str, Any], today: date) -> "Clocked":
        """Return a clock as a service tells it."""
        due_on, done_on = date.fromisoformat(told["due_on"]), told["done_on"]
        done = date.fromisoformat(done_on) if done_on else None
        return cls(due_on, done, told["state"], abs((due_on - today).days))


@dataclass(frozen=True)
class Desk:
    """What a page asks, and how it is shown."""

    renderer: Renderer
    queries: Queries
    reader: Reader
    services: Services
    clock: Clock

    @property
    def today(self) -> date:
        """Return today in the province."""
        return day_of(self.clock())

    def last_day(self, node: Node) -> date:
        """Return the last day of which there is something to tell: today, or the last before it ended."""
        return min(self.today, node.ended_on - timedelta(days=1)) if node.ended_on else self.today

    async def told(self, request: Request, path: str, **asked: object) -> Any:
        """Return what assessment tells the reader. Raises as `Services.told`."""
        return await self.services.told(request, SERVICE, path, **asked)

    async def names(self, codes: Iterable[str | None]) -> Mapping[str, str]:
        """Return the names of organizations by code, as they are today; who is unknown has none."""
        found = {code: await self.queries.find(code) for code in {*codes} if code}
        return {code: node.name for code, node in found.items() if node}

    async def named(
        self, request: Request, caller: Caller, members: Iterable[str | None], purpose: str | None
    ) -> Named:
        """Return the names of the members on a page, if the reader says what for. Raises Forbidden."""
        codes = list(dict.fromkeys(code for code in members if code))
        return await Names(self.services).of(request, caller, codes[:NAMED_MAX], purpose)

    async def spoken(self, entries: Iterable[Entry]) -> Sequence[Entry]:
        """Return entries of a timeline that name organizations beside their codes, where a concern goes."""
        told = list(entries)
        sides = {
            one.position: {side: one.data[side] for side in SIDES if side in one.data}
            for one in told
            if one.name.startswith("Concern")
        }
        names = await self.names(code for of in sides.values() for code in of.values())
        return [_spoken(one, sides.get(one.position, {}), names) for one in told]

    async def page(
        self, request: Request, template: str, caller: Caller, node: Node, shown: Mapping[str, Any]
    ) -> Response:
        """Return the page about an organization, with the way down to it."""
        above = await self.reader.in_reach(request, list(await self.queries.ancestors(node)))
        known = {"caller": caller, "node": node, "ancestors": above, "today": self.today}
        return self.renderer.page(request, template, {**known, **shown})


def _spoken(entry: Entry, sides: Mapping[str, str], names: Mapping[str, str]) -> Entry:
    written = {side: f"{names[code]} ({code})" for side, code in sides.items() if code in names}
    if not written:
        return entry
    said = msgspec.Raw(msgspec.json.encode({**entry.message.data, **written}))
    return replace(entry, message=msgspec.structs.replace(entry.message, raw_data=said))
