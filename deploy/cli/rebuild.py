"""Filling a view again: watched to its end, stopped, or compared before anyone sees it."""

import time
from typing import Annotated, Any

import typer

from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, bar, table
from deploy.cli.standing import standing_of
from deploy.embedded.runtime import SERVICES

POLL_EVERY_S = 0.2

Shown = dict[str, Any]


def rebuild(
    view: Annotated[str, typer.Argument(help="A view (headcount), or one service's (assessment/tree).")],
    rate: Annotated[int | None, typer.Option(min=1, help="Read at most so many events a second.")] = None,
    shadow: Annotated[bool, typer.Option("--shadow", help="Compare with the live view, and wait.")] = False,
    switch: Annotated[bool, typer.Option("--switch", help="Put a compared shadow in place.")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Forget what was filled.")] = False,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Stop; the next rebuild goes on from there.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Fill a view again from its beginning; readers keep the old one until the new one is complete.

    One that was stopped goes on from where it was. Ctrl-C ends the watching, not the rebuild.
    """
    if switch + discard + cancel + (shadow or rate is not None) > 1:
        raise typer.BadParameter("--switch, --discard and --cancel each stand alone")
    place = Place(data)
    service, name = _owner(place, view)
    path = f"views/{name}/rebuild"
    if cancel:
        state = place.ask("DELETE", service, path, role="operator")
        OUT.print(f"{service}/{name} stopped at {state['done']:,} of {state['total']:,} events")
    elif discard:
        place.ask("POST", service, f"{path}/discard", role="operator")
        OUT.print(f"{service}/{name}: what was filled beside it is gone")
    else:
        asked: Shown = {} if switch else {"rate": rate, "shadow": shadow or None}
        state = place.ask("POST", service, f"{path}/switch" if switch else path, role="operator", **asked)
        _ended(f"{service}/{name}", _watched(place, service, path, state))


def _watched(place: Place, service: str, path: str, state: Shown) -> Shown:
    """Show how a rebuild gets on. Return how it ended."""
    with bar() as progress:
        task = progress.add_task(f"{service}/{state['view']}", total=None)
        while state["state"] == "RUNNING":
            left = f", some {state['remaining_s']:,} s left" if state.get("remaining_s") else ""
            said = f"{service}/{state['view']}{left}"
            progress.update(task, description=said, completed=state["done"], total=state["total"] or None)
            time.sleep(POLL_EVERY_S)
            state = place.ask("GET", service, path, role="operator")
    return state


def _ended(what: str, state: Shown) -> None:
    if state["state"] == "DONE":
        OUT.print(f"{what} rebuilt from {state['done']:,} events")
    elif state["state"] == "COMPARED":
        OUT.print(table("figure", "differ", "of", "", rows=_compared(state)))
        if state["apart"]:
            OUT.print(f"{state['apart']:,} positions lay between the two: what differs may only be new")
        OUT.print(f"{what} is as it was: fourgood rebuild {what} --switch, or --discard")
    else:
        reason = state["detail"] or "no reason given"
        raise Failure(f"{what} was not rebuilt ({state['state']}): {reason}")


def _compared(state: Shown) -> list[list[object]]:
    rows: list[list[object]] = []
    for figure in state["compared"]:
        rows.append([figure["figure"], f"{figure['differ']:,}", f"{figure['of']:,}", figure["detail"]])
        rows += [
            ["", "", "", f"{one['key']}: {one['live'] or 'nothing'} → {one['copied'] or 'nothing'}"]
            for one in figure["examples"]
        ]
    return rows


def _owner(place: Place, view: str) -> tuple[str, str]:
    """Return the one service that has `view`, and its name there. Raises Failure."""
    wanted, _, name = view.rpartition("/")
    if wanted and wanted not in SERVICES:
        raise Failure(f"no service {wanted}; there are {', '.join(SERVICES)}")
    standing, away = standing_of(place)
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
