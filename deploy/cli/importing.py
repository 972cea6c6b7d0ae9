"""Send a file of organizations or members to the registry, and watch it being judged and recorded."""

import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, bar, table

POLL_EVERY_S = 0.5

SHOWN_MAX = 200

DOING = {
    "WAITING": "waits",
    "READING": "reading",
    "COMPARING": "comparing with the registry",
    "JUDGING": "judging",
    "RECORDING": "recording",
}
"""What a person is told of each state that is not an end."""

Shown = dict[str, Any]


def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV (UTF-8) or XLSX file of organizations, or of members.")],
    check: Annotated[bool, typer.Option("--check", help="Judge the file and record nothing.")] = False,
    data: Data = DATA,
) -> None:
    """Import a file into the registry: all of it, or, if one row is refused, nothing.

    Safe to run twice: what is recorded already is left as it is. Ends with 1 if the file was refused.
    Ctrl-C ends the watching, not the import.
    """
    place = Place(data)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from None
    asked = {"validate_only": "true"} if check else {}
    run = place.ask("POST", "registry", "imports", role="officer", content=body, **asked)
    run = _watched(place, run, file.name)
    _show(run, "problem", run["problems"], run["problems_total"])
    _show(run, "flag", run["flags"], run["flags_total"])
    _ended(run, file.name)


def _watched(place: Place, run: Shown, name: str) -> Shown:
    """Show how an import gets on. Return how it ended."""
    with bar() as progress:
        task = progress.add_task(name, total=None)
        while run["state"] in DOING:
            progress.update(
                task,
                description=f"{name}: {DOING[run['state']]}",
                completed=run["done"],
                total=run["total"] or None,
            )
            time.sleep(POLL_EVERY_S)
            run = place.ask("GET", "registry", f"imports/{run['id']}", role="officer")
    return run


def _show(run: Shown, what: Literal["problem", "flag"], said: list[Shown], total: int) -> None:
    if not said:
        return
    rows = [
        (one["row"], one["column"], one["rule"], f"{one['detail']}{_beside(one['beside'])}", one["source"])
        for one in said[:SHOWN_MAX]
    ]
    OUT.print(table("row", "column", what, "", "source", rows=rows))
    if total > len(rows):
        OUT.print(f"… and {total - len(rows):,} more")


def _beside(other: Shown | None) -> str:
    """Return two rows side by side, in what they differ."""
    if other is None:
        return ""
    there = f"row {other['row']}" if other["row"] else other["code"]
    pairs = [
        f"{column} {mine or '–'} | {theirs or '–'}" if mine or theirs else f"{column} differs"
        for column, (mine, theirs) in other["differs"].items()
    ]
    return f" (here | {there}: {', '.join(pairs) or 'alike'})"


def _ended(run: Shown, name: str) -> None:
    """Say in one line how it ended. Raises Failure unless it is well."""
    counts = f"{run['rows']:,} {run['kind'] or 'rows'}"
    if run["state"] == "VALID":
        OUT.print(
            f"{name}: {counts}, nothing wrong; {run['new']:,} are new, {run['unchanged']:,} recorded already"
        )
    elif run["state"] == "DONE" and not run["recorded"]:
        OUT.print(f"{name}: {counts}, all recorded already: nothing changed")
    elif run["state"] == "DONE":
        OUT.print(f"{name}: {counts}; {run['recorded']:,} recorded, {run['unchanged']:,} were already")
    elif run["state"] == "REFUSED":
        raise Failure(f"{name}: {run['problems_total']:,} problems, nothing was recorded")
    elif run["state"] == "INCOMPLETE":
        raise Failure(f"{name}: {run['recorded']:,} recorded, {run['problems_total']:,} refused after all")
    elif run["state"] == "INTERRUPTED":
        raise Failure(f"{name}: interrupted after {run['recorded']:,}; run it again, it goes on from there")
    else:
        raise Failure(f"{name}: our mistake, it was logged ({run['state']}, import {run['id']})")
