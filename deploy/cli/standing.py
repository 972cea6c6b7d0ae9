"""How the services stand."""

import json
from typing import Annotated, Any, Literal

import typer

from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, table
from deploy.embedded.runtime import SERVICES

Format = Annotated[Literal["text", "json"], typer.Option(help="For people, or for programs.")]


def status(
    output: Annotated[Literal["text", "json"], typer.Option("--format")] = "text", data: Data = DATA
) -> None:
    """Show each log's end, how far relay and views have read, and how many events are parked.

    Lag is in positions: 0 is up to date. Ends with 1 if a service does not answer.
    """
    standing, away = standing_of(Place(data))
    if output == "json":
        typer.echo(json.dumps(standing, indent=2))
    elif standing:
        OUT.print(table("service", "part", "position", "lag", "", rows=_rows(standing)))
    for line in dict.fromkeys(away):
        typer.echo(f"fourgood: {line}", err=True)
    if away:
        raise typer.Exit(1)


def standing_of(place: Place) -> tuple[dict[str, Any], list[str]]:
    """Return each service's own account, and why others gave none."""
    standing, away = {}, []
    for service in SERVICES:
        try:
            standing[service] = place.ask("GET", service, "status", role="operator")
        except Failure as failure:
            away.append(str(failure))
    return standing, away


def _rows(standing: dict[str, Any]) -> list[list[object]]:
    rows: list[list[object]] = []
    for service, said in standing.items():
        rows.append([service, "log", said.get("head"), None, ""])
        if relay := said.get("relay"):
            rows.append(["", "relay", relay["position"], relay["lag"], "" if relay["active"] else "waits"])
        for view in said.get("views", ()):
            positions = " ".join(f"{source}:{position}" for source, position in view["positions"].items())
            note = "is being rebuilt" if view["rebuilding"] else ""
            rows.append(["", f"view {view['name']} v{view['version']}", positions or "0", view["lag"], note])
        rows.append(["", "parked", said["parked"], None, "fourgood parked list" if said["parked"] else ""])
    return rows
