"""What has arrived of each district, and what is missing."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from contracts.catalogue import INTAKE_NAMES
from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, table
from deploy.embedded.runtime import SERVICES

OWNERS = [
    service
    for service in SERVICES
    if any(event.type.startswith(f"{service}.") for events in INTAKE_NAMES.values() for event in events)
]
"""Who takes in what districts send."""

RANGES_SHOWN_MAX = 10
MONTHS_SHOWN_MAX = 3


def districts(
    code: Annotated[str, typer.Argument(help="One district; all, if none is named.")] = "",
    month: Annotated[str, typer.Option(help="What of the district happened in a month: 2024-11.")] = "",
    output: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
    data: Data = DATA,
) -> None:
    """Show what has arrived of the numbered events of districts: received 409 of 412, missing 120-122.

    A stream is what one source of a district sends to one service. Ends with 1 if anything is
    missing, or a closed month is not what was signed.
    """
    if month and not code:
        raise Failure("a month is of one district: fourgood districts THAN-UYEN --month 2024-11")
    place = Place(data)
    if code:
        found = [
            place.ask("GET", owner, f"districts/{code}", role="operator", month=month or None)
            for owner in OWNERS
        ]
    else:
        found = [one for owner in OWNERS for one in place.ask("GET", owner, "districts", role="operator")]
    found.sort(key=lambda one: one["district"])
    rows = [_row(one, stream) for one in found for stream in one["months" if month else "streams"]]
    if output == "json":
        typer.echo(json.dumps(found, indent=2))
    elif rows:
        OUT.print(table("district", "sends to", "source", "received", "missing", "rejected", "", rows=rows))
    else:
        OUT.print("nothing that is numbered has arrived" + (f" of {code}" if code else ""))
    if any(row[4] for row in rows) or any(_closings_fail(one, month) for one in found):
        raise typer.Exit(1)


def _closings_fail(one: dict[str, Any], month: str) -> bool:
    """Return whether a closed month, or that one, lacks something or is not what was signed."""
    return any(
        told["state"] in ("missing", "different") and month in ("", told["period"])
        for stream in one["streams"]
        for told in stream.get("months", ())
    )


def _row(one: dict[str, Any], stream: dict[str, Any]) -> list[object]:
    lacking = sum(last - first + 1 for first, last in stream["missing"])
    of = stream["received"] + lacking if "month" in stream else stream["last"]
    notes = [f"heard {stream['heard_at']}"] if stream.get("heard_at") else []
    if stream.get("reused"):
        notes.append("used again " + ", ".join(str(number) for number in stream["reused"][:RANGES_SHOWN_MAX]))
    notes += _closed(_told(one, stream))
    return [
        one["district"],
        one["service"],
        stream["source"],
        f"{stream['received']:,} of {of:,}",
        _ranges(stream["missing"]),
        stream["rejected"] or None,
        "; ".join(notes),
    ]


def _told(one: dict[str, Any], stream: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the months of a stream; of what happened in one month, that month."""
    return [
        told
        for whole in one["streams"]
        if whole["source"] == stream["source"]
        for told in whole.get("months", ())
        if stream.get("month") in (None, told["period"])
    ]


def _closed(months: Sequence[dict[str, Any]]) -> list[str]:
    """Return up to which month a stream is closed, and which of its months are not as they were signed."""
    closed = [month for month in months if month["state"] != "open"]
    wrong = [f"{month['period']} is {month['state']}" for month in closed if month["state"] != "complete"]
    restated = [f"{month['period']} restated by {month['restated']}" for month in closed if month["restated"]]
    return [*(f"closed to {month['period']}" for month in closed[:1]), *(wrong + restated)[:MONTHS_SHOWN_MAX]]


def _ranges(missing: list[list[int]]) -> str | None:
    """Return ranges as people write them, or None if there are none."""
    said = [f"{first}-{last}" if first < last else f"{first}" for first, last in missing[:RANGES_SHOWN_MAX]]
    more = ["…"] if len(missing) > RANGES_SHOWN_MAX else []
    return ", ".join(said + more) or None
