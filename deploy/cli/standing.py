"""How the services stand, and filling a view again."""

import json
import time
from typing import Annotated, Any, Literal

import typer

from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, bar, table
from deploy.embedded.runtime import SERVICES

Format = Annotated[Literal["text", "json"], typer.Option(help="For people, or for programs.")]
POLL_EVERY_S = 0.2


def status(
    output: Annotated[Literal["text", "json"], typer.Option("--format")] = "text", data: Data = DATA
) -> None:
    """Show each log's end, how far relay and views have read, and how many events are parked.

    Lag is in positions: 0 is up to date. Ends with 1 if a service does not answer.
    """
    standing, away = _standing(Place(data))
    if output == "json":
        typer.echo(json.dumps(standing, indent=2))
    elif standing:
        OUT.print(table("service", "part", "position", "lag", "", rows=_rows(standing)))
    for line in dict.fromkeys(away):
        typer.echo(f"fourgood: {line}", err=True)
    if away:
        raise typer.Exit(1)


def rebuild(
    view: Annotated[str, typer.Argument(help="A view (headcount), or one service's (assessment/tree).")],
    data: Data = DATA,
) -> None:
    """Fill a view again from its beginning; readers keep the old one until the new one is complete."""
    place = Place(data)
    service, name = _owner(place, view)
    state = place.ask("POST", service, f"views/{name}/rebuild", role="operator")
    with bar() as progress:
        task = progress.add_task(f"{service}/{name}", total=None)
        while state["state"] == "RUNNING":
            progress.update(task, completed=state["done"], total=state["total"] or None)
            time.sleep(POLL_EVERY_S)
            state = place.ask("GET", service, f"views/{name}/rebuild", role="operator")
    if state["state"] != "DONE":
        raise Failure(
            f"{service}/{name} was not rebuilt ({state['state']}): {state['detail'] or 'no reason given'}"
        )
    OUT.print(f"{service}/{name} rebuilt from {state['done']:,} events")


def _standing(place: Place) -> tuple[dict[str, Any], list[str]]:
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


def _owner(place: Place, view: str) -> tuple[str, str]:
    """Return the one service that has `view`, and its name there. Raises Failure."""
    wanted, _, name = view.rpartition("/")
    if wanted and wanted not in SERVICES:
        raise Failure(f"no service {wanted}; there are {', '.join(SERVICES)}")
    standing, away = _standing(place)
    having = {service: [v["name"] for v in said.get("views", ())] for service, said in standing.items()}
    owners = [service for service, names in having.items() if name in names and wanted in ("", service)]
    if len(owners) == 1:
        return owners[0], name
    if owners:
        raise Failure(
            f"{len(owners)} services have a view {name}: say {' or '.join(f'{o}/{name}' for o in owners)}"
        )
    known = ", ".join(f"{service}/{name}" for service, names in having.items() for name in names)
    raise Failure(f"no view {view}; there are {known or 'none'}" + (f" ({away[0]})" if away else ""))
