"""What has arrived of what each district numbers, what is missing, and which months it has closed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.catalogue import INTAKE_OWNERS
from services.chassis.edge.auth import Role
from services.chassis.errors import NotFound
from services.reporting.console.cells import Desk
from services.reporting.console.services import Away

READS: tuple[Role, ...] = ("operator", "officer")
RANGES_SHOWN_MAX = 10
MONTHS_SHOWN_MAX = 6


def add_districts(router: APIRouter, desk: Desk) -> None:
    """Add the page of districts: each reader sees those of their own subtree."""

    @router.get("/districts")
    async def show(request: Request) -> Response:
        caller = await desk.reader.may(request, *READS)
        answers, away = [], []
        for service in INTAKE_OWNERS:
            try:
                answers += await desk.services.told(request, service, "districts")
            except NotFound:
                continue  # it has no address here
            except Away:
                away.append(service)
        names = await desk.names(one["district"] for one in answers)
        page = {"rows": rows(answers), "names": names, "away": away}
        return desk.renderer.page(request, "districts.html", {"caller": caller, **page})


def rows(answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each stream, by district, service and source: what lacks something is marked so."""
    found = [
        {
            **stream,
            "district": one["district"],
            "service": one["service"],
            "missing": ranges(stream["missing"]),
            "heard_at": _instant(stream.get("heard_at")),
            "months": stream["months"][:MONTHS_SHOWN_MAX],
        }
        for one in answers
        for stream in one["streams"]
    ]
    return sorted(found, key=lambda row: (row["district"], row["service"], row["source"]))


def ranges(missing: Sequence[Sequence[int]]) -> str:
    """Return ranges as people write them: `120-122, 300`."""
    said = [f"{first}-{last}" if first < last else f"{first}" for first, last in missing[:RANGES_SHOWN_MAX]]
    return ", ".join([*said, "…"] if len(missing) > RANGES_SHOWN_MAX else said)


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
