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

from contracts.checked import Verdict
from contracts.publisher import Credentials
from contracts.receipt import Receipt
from deploy.cli.checking import checked
from deploy.cli.district import District, Outgoing, credentials_of
from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, bar, table
from deploy.cli.watch import read_credentials, watch
from deploy.cli.watch import show as show_folder
from deploy.embedded.process import LOOPBACK

EVENT_BYTES_MAX = 8 * DEFAULT_MAX_PAYLOAD_SIZE
"""What the bus carries; the intake's own bound is lower and is answered with a receipt."""

SHOWN_MAX = 200


@dataclass
class Report:
    """What became of each line."""

    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Line, id, reason, and why in words: in both languages, then in detail."""

    def add(self, event: Outgoing, receipt: Receipt | Verdict) -> None:
        """Note a receipt, or what one would say."""
        self.outcomes[receipt.outcome] += 1
        if receipt.outcome in ("rejected", "waits"):
            said = [receipt.said.vi, receipt.said.en] if receipt.said else []
            why = "\n".join(filter(None, (*said, receipt.detail)))
            self.rejected.append((event.line, event.id, receipt.reason or "", why))

    def add_malformed(self, line: int, detail: str) -> None:
        """Note a line that was not sent."""
        self.outcomes["rejected"] += 1
        self.rejected.append((line, "", "NotAnEvent", detail))

    def show(self) -> None:
        """Print the counts, and every rejected line with its reason."""
        said = ", ".join(
            f"{self.outcomes[outcome]:,} {outcome}"
            for outcome in ("accepted", "duplicate", "waits", "rejected", "unanswered")
            if self.outcomes[outcome] or outcome in ("accepted", "rejected")
        )
        OUT.print(said)
        if self.rejected:
            rows = sorted(self.rejected)[:SHOWN_MAX]
            OUT.print(table("line", "id", "reason", "why", rows=rows))
        if len(self.rejected) > SHOWN_MAX:
            OUT.print(f"… and {len(self.rejected) - SHOWN_MAX:,} more")


def publish(
    file: Annotated[
        str, typer.Argument(help="CloudEvents as JSON, one on each line; - is standard input.")
    ] = "",
    *,
    district: Annotated[str, typer.Option(help="The code of a district of this machine.")] = "",
    watched: Annotated[
        Path | None,
        typer.Option("--watch", help="A folder: JSON Lines, CSV and XLSX put there is sent."),
    ] = None,
    credentials: Annotated[Path | None, typer.Option(help="The file that the district was handed.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="With --watch: take what is there, wait for the answers, end.")
    ] = False,
    close: Annotated[
        str, typer.Option(metavar="MONTH", help="With --watch: close and sign a month, 2024-11.")
    ] = "",
    show: Annotated[
        bool,
        typer.Option("--show", help="With --watch: say what is unconfirmed or rejected."),
    ] = False,
    url: Annotated[
        str,
        typer.Option(
            envvar="FOURGOOD_NATS_URL", help="nats://user:password@host:port, if not on this machine."
        ),
    ] = "",
    timeout: Annotated[
        float,
        typer.Option(
            help="Seconds without a receipt after which an event is sent again, then given up (--once ends)."
        ),
    ] = 30.0,
    check: Annotated[
        bool, typer.Option("--check", help="Send nothing: only say what would become of each event.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Send events as a district and print what became of each: accepted, duplicate, or rejected and why.

    A FILE is sent once, as it stands; safe to run twice: what was accepted before is answered `duplicate`.
    The events are not numbered by this. With --check nothing is sent or recorded; what `waits` speaks of
    something that is not known yet, and is accepted if that comes first. With --watch what is put into a
    folder is numbered and stored, sent when the line is there, and kept until answered. Ends with 1 if any
    event was rejected or not answered.
    """
    if bool(file) == bool(watched) or bool(district) == bool(credentials):
        raise typer.BadParameter("give a FILE or --watch, and --district or --credentials")
    if credentials:
        mine = read_credentials(credentials)
    else:
        mine = credentials_of(district, url or _url(Place(data), district))
    if watched:
        if show:
            show_folder(watched, mine.district)
        elif not asyncio.run(watch(watched, mine, once=once, close=close, timeout_s=timeout)):
            raise typer.Exit(1)
        return
    report = Report()
    events = read(_lines(file), report)
    if check:
        for event, verdict in asyncio.run(checked(events, mine, timeout)):
            report.add(event, verdict)
    else:
        asyncio.run(_publish(events, mine, timeout, report))
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


async def _publish(events: list[Outgoing], mine: Credentials, timeout_s: float, report: Report) -> None:
    with bar() as progress:
        task = progress.add_task(f"{mine.district} publishes", total=len(events))

        def answered(event: Outgoing, receipt: Receipt) -> None:
            report.add(event, receipt)
            progress.advance(task)

        async with District(mine, answered) as district:
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
