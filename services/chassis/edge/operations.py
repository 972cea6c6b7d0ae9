"""What an operator sees of one service, and may do: positions and lag, parked events, rebuilds, metrics."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from faststream.specification import AsyncAPI
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from services.chassis import bounds
from services.chassis.delivery import delivery_of
from services.chassis.edge.auth import Caller
from services.chassis.edge.http import paths_of
from services.chassis.errors import Refused
from services.chassis.progress import AWAY, Progress
from services.chassis.views.filling import Rebuild

if TYPE_CHECKING:
    from services.chassis.service import Service


METRICS_WITHIN_S = 2.0
"""How long the database may take to say how far everything has come; one scrape asks at a time."""


class NoIntake(Refused):
    """A parked intake event is decided again by the service that takes it in."""


def routes(service: "Service") -> APIRouter:
    """Return the operator's routes of `service`, the same in every service."""

    async def operator(caller: Annotated[Caller, Depends(service.auth.caller)]) -> Caller:
        caller.require("operator")
        return caller

    router = paths_of(service.name, "operations")
    router.dependencies.append(Depends(operator))
    _add_views(router, service)
    _add_parked(router, service)
    return router


def _add_views(router: APIRouter, service: "Service") -> None:
    @router.get("/status")
    async def status() -> dict[str, Any]:
        """Where the log, the relay and the views stand, and how much is parked."""
        return await standing(service)

    rebuilder = service.rebuilder

    @router.post("/views/{view}/rebuild", status_code=202)
    async def rebuild(
        view: str,
        rate: Annotated[int | None, Query(ge=1, description="at most so many events a second")] = None,
        shadow: Annotated[bool, Query(description="compare with the live view, and wait")] = False,
    ) -> Rebuild:
        """Fill the view again beside itself; readers keep the old one until it is complete.

        A rebuild that was cancelled, or whose process ended, goes on from where it was.
        """
        return rebuilder.start(view, rate=rate, shadow=shadow)

    @router.get("/views/{view}/rebuild")
    async def rebuilding(view: str) -> Rebuild:
        """How the view's last rebuild stands, and for how long it will go on."""
        return rebuilder.look_up(view)

    @router.delete("/views/{view}/rebuild")
    async def cancel(view: str) -> Rebuild:
        """Stop the rebuild. What it has filled is kept, until it goes on or is discarded."""
        return await rebuilder.cancel(view)

    @router.post("/views/{view}/rebuild/switch", status_code=202)
    async def switch(view: str) -> Rebuild:
        """Let a compared shadow read what is new, and take the live view's place."""
        return rebuilder.switch(view)

    @router.post("/views/{view}/rebuild/discard")
    async def discard(view: str) -> Rebuild:
        """Forget what a rebuild left beside the view: a shadow, or what a cancelled one had filled."""
        return await rebuilder.discard(view)


def _add_parked(router: APIRouter, service: "Service") -> None:
    @router.get("/parked")
    async def parked() -> list[dict[str, Any]]:
        """What waits for a decision, newest first, at most 1,000."""
        return [_item(row) for row in await service.parking.listing()]

    @router.get("/parked/{id}")
    async def show(id: int) -> dict[str, Any]:
        """One parked event with its message as it came."""
        row = await service.parking.show(id)
        return _item(row) | {"message": row["message"].decode(errors="replace")}

    @router.post("/parked/{id}/retry")
    async def retry(id: int) -> dict[str, Any]:
        """Handle it again: an intake event is decided anew, a view's event is folded now."""
        row = await service.parking.show(id)
        if row["kind"] == "INTAKE":
            if service.intake is None:
                raise NoIntake(row["type"])
            receipt = await service.intake.retry(row)
            return receipt.model_dump(mode="json", exclude_none=True)
        view, _ = service.rebuilder.feeds[row["place"]]
        await view.repair(delivery_of(row["message"]))
        await service.parking.drop(id)
        return {"id": id, "outcome": "folded"}

    @router.delete("/parked/{id}", status_code=204)
    async def drop(id: int) -> Response:
        """Forget it for good."""
        await service.parking.drop(id)
        return Response(status_code=204)


def open_routes(service: "Service") -> APIRouter:
    """Return what needs no token: metrics and the description of the bus."""
    router = APIRouter(include_in_schema=False)
    inquiry = Inquiry(service)

    @cache
    def described() -> JSONResponse:
        brokers = [service.broker, *([service.intake.described()] if service.intake else [])]
        asyncapi = AsyncAPI(*brokers, title=f"fourgood {service.name}", version="1")
        return JSONResponse(asyncapi.to_specification().to_jsonable())

    @router.get("/metrics")
    async def metrics() -> PlainTextResponse:
        """Say what is known here, and if the database answers soon, how far everything has come."""
        gauges = [*bounds.gauges(service.bounds), *_movement(await service.ready(), service.progress)]
        if state := await inquiry.answer():
            gauges += _gauges(state)
        text = generate_latest(service.metrics) + generate_latest(_Collected(gauges))
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    @router.get(f"/{service.name}/v1/asyncapi.json")
    async def asyncapi() -> JSONResponse:
        return described()

    return router


async def standing(service: "Service") -> dict[str, Any]:
    """Return how far everything of `service` has come. Lag is in positions of the log that is read."""
    head = await service.store.head() if service.store else None
    relay = service.relay
    views = []
    for name, (view, feed) in service.rebuilder.feeds.items():
        positions = await view.positions()
        views.append(
            {
                "name": name,
                "version": view.version,
                "positions": positions,
                "lag": await feed.lag(positions),
                "rebuilding": service.rebuilder.look_up(name).state == "RUNNING",
            }
        )
    return {
        "service": service.name,
        "head": head,
        "relay": relay
        and {"position": relay.position, "lag": max(0, (head or 0) - relay.position), "active": relay.active},
        "views": views,
        "parked": await service.parking.count(),
    }


class Inquiry:
    """Asks how far everything has come: once at a time, however many scrape, and never waits for long."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._asking: asyncio.Task[dict[str, Any] | None] | None = None

    async def answer(self) -> dict[str, Any] | None:
        """Return it, or None if the database or the bus does not answer soon."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        # Not cancelled when it takes too long: a query that is asked to stop may be longer in stopping.
        done, _ = await asyncio.wait({self._asking}, timeout=METRICS_WITHIN_S)
        return self._asking.result() if done else None

    async def _ask(self) -> dict[str, Any] | None:
        try:
            return await standing(self._service)
        except AWAY:
            return None


class _Collected:
    """A registry of metrics gathered this moment."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families


def _movement(waiting_for: Mapping[str, str], progress: Progress) -> list[Metric]:
    still = GaugeMetricFamily("still_seconds", "For how long it has had work without moving", labels=["what"])
    for name, seconds in progress.standing_still_s().items():
        still.add_metric([name], seconds)
    return [GaugeMetricFamily("ready", "1 if it can serve and moves", value=not waiting_for), still]


def _gauges(state: Mapping[str, Any]) -> list[Metric]:
    parked = GaugeMetricFamily("parked_events", "Events that wait for an operator", value=state["parked"])
    lag = GaugeMetricFamily("view_lag", "Positions a view has not read yet", labels=["view"])
    for view in state["views"]:
        lag.add_metric([view["name"]], view["lag"])
    families: list[Metric] = [parked, lag]
    if state["relay"]:
        families.append(GaugeMetricFamily("log_head", "Position of the newest fact", value=state["head"]))
        families.append(GaugeMetricFamily("relay_lag", "Facts not yet carried", value=state["relay"]["lag"]))
    return families


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    return {("where" if name == "place" else name): value for name, value in row.items() if name != "message"}
