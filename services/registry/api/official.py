"""Officials over HTTP: appointed, relieved, and who holds what on a day."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from contracts.days import day_of
from contracts.message import Code, DayOn
from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking, paths_of
from services.chassis.edge.rights import READERS, Rights
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Receipt
from services.chassis.views.officials import Holding, Officials
from services.registry.application import (
    Appointment,
    AppointOfficial,
    Registry,
    Relief,
    RelieveOfficial,
)
from services.registry.persons import RESTRICTED

Named = Annotated[Code, Path()]


class OfficialsShown(BaseModel):
    """Who holds which position on a day, by code: the secretary first."""

    organization: str
    on: date
    officials: list[Holding]


class PositionsShown(BaseModel):
    """What a member holds on a day, and where."""

    member: str
    on: date
    positions: list[Holding]


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what changes who holds what."""
    request = Annotated[Asked, Depends(Asking(auth))]

    @router.post("/organizations/{code}/officials", status_code=201)
    async def appoint(code: Named, appointment: Appointment, asked: request) -> Receipt:
        """Appoint a full member to a position: until relieved, or to the end of `until_on`.

        `If-Match` takes the ETag of the list of officials (`GET` of the same path).
        """
        await asked.require(rights, "officer", over=[code])
        command = AppointOfficial(organization=code, **dict(appointment))
        return await registry.officials.appoint(command, asked.why)

    @router.post("/organizations/{code}/officials/{member}/relief", status_code=201)
    async def relieve(code: Named, member: Named, relief: Relief, asked: request) -> Receipt:
        """Relieve an official before the term ends; `relieved_on` is the first day without the position.

        `If-Match` takes the ETag of the list of officials.
        """
        await asked.require(rights, "officer", over=[code])
        command = RelieveOfficial(organization=code, member=member, **dict(relief))
        return await registry.officials.relieve(command, asked.why)


def questions(officials: Officials, registry: Registry, rights: Rights, auth: Auth) -> APIRouter:
    """Return the routes that show who holds what: answered from the view."""
    router = paths_of("registry")
    caller = Annotated[Caller, Depends(auth.caller)]

    def today() -> date:
        return day_of(registry.officials.store.clock())

    async def shown(holdings: list[Holding]) -> list[Holding]:
        """Return who holds what; the code of nobody whose data may not be used, by the log itself."""
        holders = await asyncio.gather(*(registry.members.find(one.member) for one in holdings))
        return [
            replace(one, member=RESTRICTED) if holder.restricted_on else one
            for one, holder in zip(holdings, holders, strict=True)
        ]

    @router.get("/organizations/{code}/officials")
    async def held(
        code: Named, by: caller, after: Reading, response: Response, on: DayOn | None = None
    ) -> OfficialsShown:
        """Show who holds which position in an organization on the day `on` (today).

        `[restricted]` stands where the code of a member would who has the use of their data restricted.
        The ETag is of the whole list; there is none while the view lacks what the log holds of that day.
        """
        await after.wait(officials)
        await rights.require(by, *READERS, over=[code], after=after)
        if await rights.tree.find(code) is None:
            raise NotFound(f"no organization {code}")
        day = on or today()
        known, holdings = await registry.officials.of(code), await officials.on(code, day)
        if (known.held_on(day) if known else set()) == {
            (one.member, one.position, one.from_on) for one in holdings
        }:
            response.headers["ETag"] = f'"{known.version if known else 0}"'
        return OfficialsShown(organization=code, on=day, officials=await shown(holdings))

    @router.get("/members/{code}/positions")
    async def positions(code: Named, by: caller, after: Reading, on: DayOn | None = None) -> PositionsShown:
        """Show what a member holds, anywhere, on the day `on` (today)."""
        await rights.require(by, *READERS)
        await after.wait(officials)
        known = await registry.members.find(code)
        await rights.require(by, *READERS, over=[known.organization], after=after)
        day = on or today()
        return PositionsShown(member=code, on=day, positions=await officials.held_by(code, day))

    return router
