"""Events that could not be handled and wait for a person."""

import json
from collections import Counter
from contextlib import suppress
from typing import Annotated, Any

import typer

from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, bar, table
from deploy.embedded.runtime import SERVICES

parked = typer.Typer(
    help="Events that were rejected, or that a view could not read: kept until a person decides.",
    epilog="Example: fourgood parked list",
    no_args_is_help=True,
)

Which = Annotated[
    list[str], typer.Argument(help="Events (registry/12), or services: all of theirs.", show_default=False)
]
Reason = Annotated[str, typer.Option(help="Only those with this reason.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Item = dict[str, Any]


@parked.command("list", epilog="Example: fourgood parked list registry --reason UnknownOrganization")
def listing(
    services: Annotated[
        list[str] | None, typer.Argument(help="Which services'; all, if none is named.")
    ] = None,
    reason: Reason = "",
    data: Data = DATA,
) -> None:
    """Show what is parked, oldest first."""
    items = _chosen(Place(data), services or list(SERVICES), reason)
    if not items:
        OUT.print("nothing is parked")
        return
    rows = [[_name(i), i["where"], i["type"], i["event_id"], i["reason"], i["detail"]] for i in items]
    OUT.print(table("event", "from", "type", "id", "reason", "detail", rows=rows))


@parked.command(epilog="Example: fourgood parked show registry/12")
def show(
    event: Annotated[str, typer.Argument(help="One event, as listed: registry/12.")], data: Data = DATA
) -> None:
    """Show one event with its message as it came."""
    service, id = _split(event)
    item: Item = Place(data).ask("GET", service, f"parked/{id}", role="operator")
    with suppress(ValueError):  # what is no JSON is shown as the text it is
        item["message"] = json.loads(item["message"])
    typer.echo(json.dumps(item, indent=2, ensure_ascii=False))


@parked.command(epilog="Example: fourgood parked retry registry --reason UnknownOrganization")
def retry(which: Which, reason: Reason = "", yes: Yes = False, data: Data = DATA) -> None:
    """Handle events again as they came. Ends with 1 if any is refused again."""
    place = Place(data)
    items = _agreed(_chosen(place, which, reason), "Retry", yes=yes)
    results: Counter[str] = Counter()
    refused = []
    with bar() as progress:
        for item in progress.track(items, description="retrying"):
            try:
                said = place.ask("POST", item["service"], f"parked/{item['id']}/retry", role="operator")
            except Failure as failure:
                said = {"outcome": "rejected", "reason": str(failure)}
            results[said["outcome"]] += 1
            if said["outcome"] == "rejected":
                refused.append([_name(item), said.get("reason"), said.get("detail")])
    OUT.print(", ".join(f"{count:,} {outcome}" for outcome, count in results.items()) or "nothing to retry")
    if refused:
        OUT.print(table("event", "reason", "detail", rows=refused))
        raise typer.Exit(1)


@parked.command(epilog="Example: fourgood parked drop registry/12")
def drop(which: Which, reason: Reason = "", yes: Yes = False, data: Data = DATA) -> None:
    """Forget events for good."""
    place = Place(data)
    items = _agreed(_chosen(place, which, reason), "Drop for good", yes=yes)
    for item in items:
        place.ask("DELETE", item["service"], f"parked/{item['id']}", role="operator")
    OUT.print(f"{len(items):,} dropped")


def _chosen(place: Place, which: list[str], reason: str) -> list[Item]:
    """Return the parked events named in `which`. Raises Failure."""
    items: list[Item] = []
    for name in which:
        if name in SERVICES:
            found = place.ask("GET", name, "parked", role="operator")
            items += [item | {"service": name} for item in found]
        else:
            service, id = _split(name)
            items.append(place.ask("GET", service, f"parked/{id}", role="operator") | {"service": service})
    wanted = [item for item in items if reason in ("", item["reason"])]
    # Oldest first, the registry's before the others': what came later may rest on it.
    return sorted(wanted, key=lambda item: (SERVICES.index(item["service"]), item["id"]))


def _agreed(items: list[Item], verb: str, *, yes: bool) -> list[Item]:
    """Return `items` if the person agrees; one alone needs no asking."""
    if len(items) > 1 and not yes:
        reasons = Counter(item["reason"] for item in items)
        said = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
        typer.confirm(f"{len(items):,} events: {said}. {verb}?", abort=True)
    return items


def _name(item: Item) -> str:
    return f"{item['service']}/{item['id']}"


def _split(event: str) -> tuple[str, int]:
    """Return service and number of `registry/12`. Raises Failure."""
    service, _, id = event.partition("/")
    if service not in SERVICES or not id.isdecimal():
        raise Failure(f"{event} is no parked event: say registry/12, as `fourgood parked list` shows it")
    return service, int(id)
