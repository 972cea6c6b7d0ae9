"""What services that take in districts' events have refused, for the operator's page."""

from datetime import datetime

from starlette.requests import Request

from contracts.catalogue import INTAKE_OWNERS
from services.chassis.errors import NotFound
from services.reporting.console.queries import Parked
from services.reporting.console.services import Away, Services


async def rejected(services: Services, request: Request) -> list[Parked]:
    """Return what is parked in the services that take events in, each's newest first.

    One that does not answer is left out: the page is for finding out what is wrong.
    """
    found: list[Parked] = []
    for service in INTAKE_OWNERS:
        try:
            items = await services.told(request, service, "parked")
        except (NotFound, Away):
            continue
        found += [
            Parked(
                service=service,
                id=str(item["id"]),
                kind=item["kind"],
                where=item["where"],
                type=item["type"] or item["name"],
                reason=item["reason"],
                detail=item["detail"],
                parked_at=datetime.fromisoformat(item["parked_at"]),
            )
            for item in items
        ]
    return found
