"""What has arrived of what districts number, over HTTP: for people, and for the machines of people."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from contracts.message import Code
from contracts.received import Range, Received
from contracts.vocabulary import Month
from services.chassis.districts.intake import Intake
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import paths_of
from services.chassis.edge.rights import OF_FIGURES, Rights


class OfMonth(BaseModel):
    """What of one stream happened in a month, and what is missing between its first number and its last."""

    source: str
    month: str
    first: int
    last: int
    received: int
    accepted: int
    rejected: int
    missing: tuple[Range, ...]


class DistrictShown(Received):
    """How far the streams of a district have come, and where a month was asked for, what was of it."""

    months: tuple[OfMonth, ...] = ()


def routes(intake: Intake, rights: Rights, auth: Auth) -> APIRouter:
    """Return the questions about districts, the same in every service that takes in their events."""
    service, arrivals = intake.store.service, intake.arrivals
    router = paths_of(service, "districts")
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.get("/districts")
    async def districts(by: caller) -> list[Received]:
        """How far each district's streams have come here, of the districts that number what they send."""
        return [
            Received(service=service, district=code, streams=tuple(await arrivals.streams(code)))
            for code in await arrivals.districts()
            if await rights.allow(by, *OF_FIGURES, over=[code])
        ]

    @router.get("/districts/{code}")
    async def district(
        code: Annotated[Code, Path()],
        by: caller,
        month: Annotated[Month | None, Query(description="of which month besides")] = None,
    ) -> DistrictShown:
        """What has arrived of a district and what is missing, by stream: what one source sends to us."""
        await rights.require(by, *OF_FIGURES, over=[code])
        months = await arrivals.months(code, month) if month else []
        return DistrictShown(
            service=service,
            district=code,
            streams=tuple(await arrivals.streams(code)),
            months=tuple(OfMonth(**one._asdict()) for one in months),
        )

    return router
