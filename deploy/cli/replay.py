"""One cell's whole history, and its state as of any day, for an auditor."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

import typer

from contracts.days import day_of
from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, table

WORDS_MAX = 100

Shown = Mapping[str, Any]


def replay(
    cell: Annotated[str, typer.Argument(help="The code of a cell, or of any organization.")],
    as_of: Annotated[
        str, typer.Option(help="The last day that counts, as 2024-12-31; today, if not given.")
    ] = "",
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="For people, or for programs.")
    ] = "text",
    data: Data = DATA,
) -> None:
    """Print every event about one cell up to a day, in order, and the state they add up to."""
    day = _day(as_of)
    place = Place(data)
    state = place.ask("GET", "reporting", f"cells/{cell}/state", role="auditor", on=day)
    entries = [entry for entry in _timeline(place, cell) if day is None or _day_of(entry["at"]) <= day]
    if output == "json":
        typer.echo(
            json.dumps(
                {"organization": cell, "state": state, "timeline": entries}, ensure_ascii=False, indent=2
            )
        )
        return
    told = sorted(entries, key=lambda entry: (datetime.fromisoformat(entry["at"]), entry["position"]))
    rows = [[_day_of(e["at"]), e["source"], e["type"].split(".")[1], _words(e["data"])] for e in told]
    OUT.print(table("happened", "told by", "what", "", rows=rows, title=f"{cell}: {len(entries):,} events"))
    OUT.print()
    OUT.print(table("", "", rows=_summary(state), title=f"As of {state['on']}"))


def _timeline(place: Place, cell: str) -> list[Shown]:
    entries: list[Shown] = []
    start: int | None = 0
    while start is not None:
        page = place.ask("GET", "reporting", f"cells/{cell}/timeline", role="auditor", start=start)
        entries += page["entries"]
        start = page["next"]
    return entries


def _summary(state: Shown) -> list[list[object]]:
    """Return a cell's state as lines of two words."""
    members, framework = state["members"], state["framework"]
    rows: list[list[object]] = [
        ["name", f"{state['name'] or '–'} ({state['kind'] or 'not founded yet'})"],
        ["beneath", state["parent"]],
        [
            "members",
            f"{members['full'] + members['probationary']:,} ({members['probationary']:,} probationary)",
        ],
        ["framework", f"{framework['number']} of {framework['issued_on']}" if framework else None],
        ["selected as", state["model"]],
        ["meetings", len(state["meetings"])],
        ["visits", len(state["visits"])],
        ["self-assessments", ", ".join(a["period"] for a in state["assessments"]) or None],
    ]
    for said in state["classes"]:
        rows.append(
            [
                f"class {said['year']}",
                f"{said['level']} (decided by {said['decided_by']} on {said['decided_on']})",
            ]
        )
        rows += [["", reason] for reason in said["reasons"]]
    return rows


def _words(data: Shown) -> str:
    """Return what is particular in an event, on one line."""
    plain = [f"{name} {value}" for name, value in data.items() if _is_word(value) and name != "organization"]
    said = ", ".join(plain)
    return said if len(said) <= WORDS_MAX else said[: WORDS_MAX - 1] + "…"


def _is_word(value: object) -> bool:
    return isinstance(value, str | int) and value != ""


def _day_of(at: str) -> date:
    return day_of(datetime.fromisoformat(at))


def _day(as_of: str) -> date | None:
    """Return the day, None if none was given. Raises Failure."""
    try:
        return date.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise Failure(f"{as_of} is no day: write it as 2024-12-31") from None
