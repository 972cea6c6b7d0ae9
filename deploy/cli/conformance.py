"""Try a district's software against a province that is silent, asks, rejects and breaks the line."""

import asyncio
import json
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import urlsplit

import typer

from contracts.subjects import inbox_prefix
from deploy.cli.screen import OUT, table
from deploy.conformance.hub import Hub, TrialServer
from deploy.conformance.rules import OPTIONAL, RULES, Findings
from deploy.conformance.trial import EVENTS_MIN, Trial
from deploy.embedded.keys import write_private
from deploy.embedded.process import LOOPBACK, free_port


def conformance(
    url: Annotated[
        str, typer.Argument(help="Where the trial's NATS is to listen; on this machine, if nothing is said.")
    ] = f"nats://{LOOPBACK}",
    file: Annotated[
        Path, typer.Option(help="Where to write the credentials to hand to the software.", dir_okay=False)
    ] = Path("conformance.json"),
    district: Annotated[str, typer.Option(help="The code of the district it is to be.")] = "THAN-UYEN",
    within: Annotated[float, typer.Option(help="Seconds after which the trial ends.")] = 300.0,
) -> None:
    """Play the province for any district's software, and say what it does wrong.

    It needs nothing else that runs. Start it, then the software with the file and an empty store, and let it
    send at least ten events. Ends with 1 unless all was tried and kept.
    """
    key = token_hex(32)
    with TemporaryDirectory() as folder:
        server = TrialServer(Path(folder), district, *_listening(url))
        server.start()
        try:
            write_private(file, json.dumps(_handed(server, district, key), indent=2))
            OUT.print(
                f"{file} lets {district} in at {server.url}: send {EVENTS_MIN} events within {within:.0f} s"
            )
            trial = Trial(district, key)
            asyncio.run(Hub(server, trial).run(within))
        finally:
            server.kill()
            file.unlink(missing_ok=True)
    found = trial.judge()
    show(found)
    if not found.conforms:
        raise typer.Exit(1)


def show(found: Findings) -> None:
    """Print what became of each rule."""
    rows = [
        (rule, found.of(rule) + (" (optional)" if rule in OPTIONAL else ""), says, found.broken.get(rule, ""))
        for rule, says in RULES.items()
    ]
    OUT.print(table("rule", "found", "what it asks", "how it was broken", rows=rows))
    OUT.print("it conforms" if found.conforms else "it does not conform")


def _listening(url: str) -> tuple[str, int]:
    """Return the host and the port of an address; without a port it is any. Raises BadParameter."""
    try:
        said = urlsplit(url)
        if said.scheme == "nats" and said.hostname:
            return said.hostname, said.port or free_port()
    except ValueError:
        pass  # not even an address
    raise typer.BadParameter(f"{url}: an address is nats://host:port")


def _handed(server: TrialServer, district: str, key: str) -> dict[str, object]:
    """Return the file a district is handed."""
    return {
        "district": district,
        "nats": [server.url],
        "user": server.user,
        "password": server.theirs,
        "inbox_prefix": inbox_prefix(district),
        "signing_key": key,
        "key": 1,
        "expires": None,
    }
