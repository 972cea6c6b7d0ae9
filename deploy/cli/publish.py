"""Send a file of events as a district and wait for its receipts."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from nats.aio.client import DEFAULT_MAX_PAYLOAD_SIZE

from contracts.receipt import Receipt
from deploy.cli.district import District, Outgoing
from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, bar, table
from deploy.embedded.process import LOOPBACK

EVENT_BYTES_MAX = 8 * DEFAULT_MAX_PAYLOAD_SIZE
"""What the bus carries; the intake's own bound is lower and is answered with a receipt."""

SHOWN_MAX = 200


@dataclass
class Report:
    """What became of each line."""

    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Line, id, reason, detail."""

    def add(self, event: Outgoing, receipt: Receipt) -> None:
        """Note a receipt."""
        self.outcomes[receipt.outcome] += 1
        if receipt.outcome == "rejected":
            self.rejected.append((event.line, event.id, receipt.reason or "", receipt.detail or ""))

    def add_malformed(self, line: int, detail: str) -> None:
        """Note a line that was not sent."""
        self.outcomes["rejected"] += 1
        self.rejected.append((line, "", "NotAnEvent", detail))

    def show(self) -> None:
        """Print the counts, and every rejected line with its reason."""
        said = ", ".join(
            f"{self.outcomes[outcome]:,} {outcome}"
            for outcome in ("accepted", "duplicate", "rejected", "unanswered")
            if self.outcomes[outcome] or outcome in ("accepted", "rejected")
        )
        OUT.print(said)
        if self.rejected:
            rows = sorted(self.rejected)[:SHOWN_MAX]
            OUT.print(table("line", "id", "reason", "detail", rows=rows))
        if len(self.rejected) > SHOWN_MAX:
            OUT.print(f"… and {len(self.rejected) - SHOWN_MAX:,} more")


def publish(
    file: Annotated[str, typer.Argument(help="CloudEvents as JSON, one on each line; - is standard input.")],
    district: Annotated[str, typer.Option(help="The code of the district that publishes.")],
    url: Annotated[
        str,
        typer.Option(
            envvar="FOURGOOD_NATS_URL", help="nats://user:password@host:port, if not on this machine."
        ),
    ] = "",
    timeout: Annotated[
        float,
        typer.Option(help="Seconds without a receipt after which an event is sent again, then given up."),
    ] = 30.0,
    data: Data = DATA,
) -> None:
    """Send a file of events and print what became of each: accepted, duplicate, or rejected and why.

    Safe to run twice: what was accepted before is answered `duplicate`. Ends with 1 if any event was
    rejected or not answered.
    """
    report = Report()
    events = read(_lines(file), report)
    asyncio.run(_publish(events, district, url or _url(Place(data), district), timeout, report))
    report.show()
    if report.outcomes["rejected"] or report.outcomes["unanswered"]:
        raise typer.Exit(1)


def read(lines: Iterable[bytes], report: Report) -> list[Outgoing]:
    """Return the events in `lines`. What could not even be answered is noted in `report`, and left out."""
    events = []
    for number, line in enumerate(lines, 1):
        body = line.strip().removeprefix(b"\xef\xbb\xbf")
        if not body:
            continue
        try:
            events.append(_event(body, number))
        except ValueError as error:
            report.add_malformed(number, str(error))
    return events


def _event(body: bytes, line: int) -> Outgoing:
    """Return the event in one line. Raises ValueError."""
    if len(body) > EVENT_BYTES_MAX:
        raise ValueError(f"{len(body):,} bytes; the bus carries at most {EVENT_BYTES_MAX:,}")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(said, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a fault of the line, like the others
    for name in ("source", "id", "type"):
        if not isinstance(said.get(name), str) or not said[name]:
            raise ValueError(f"a CloudEvent has a text `{name}`")
    return Outgoing(said["source"], said["id"], said["type"], body, line)


async def _publish(events: list[Outgoing], code: str, url: str, timeout_s: float, report: Report) -> None:
    with bar() as progress:
        task = progress.add_task(f"{code} publishes", total=len(events))

        def answered(event: Outgoing, receipt: Receipt) -> None:
            report.add(event, receipt)
            progress.advance(task)

        async with District(code, url, answered) as district:
            await district.send(events)
            left = await district.settle(timeout_s)
    report.outcomes["unanswered"] = len(left)


def _lines(file: str) -> Iterable[bytes]:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).read_bytes().splitlines()
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from None


def _url(place: Place, district: str) -> str:
    """Return the district's address on this machine's NATS. Raises Failure."""
    port = place.running()["ports"]["nats"]
    password = place.data / "keys" / f"nats-{district}.password"
    if not password.exists():
        known = ", ".join(
            sorted(p.stem[5:] for p in password.parent.glob("nats-*.password") if p.stem[5:].isupper())
        )
        raise Failure(
            f"no district {district} here; there are {known} (`fourgood up --district {district}` adds it)"
        )
    return f"nats://{district}:{password.read_text()}@{LOOPBACK}:{port}"
