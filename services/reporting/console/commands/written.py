"""From the fields of a form as a browser sends them to what a command takes, and where a problem lies.

A field is named by its place: `decision.number`, `founding.0.name`. Nothing is judged here but whether a
field is empty: the service says what is wrong, and the form shows it there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any

from contracts.days import PROVINCE_TIME
from services.reporting.console.commands.fields import Field, Kind

Written = Mapping[str, str]
"""What stands in each field of a form, by its place."""

ERASE = "erase:"
"""Before the place of a field: the mark that it is to be emptied."""

ROWS_MAX = 1_000
"""Rows of one list that are read."""

NOTHING = object()


def taken(fields: Sequence[Field], written: Written, at: str = "") -> dict[str, Any]:
    """Return what the command is given: what was left empty is left out."""
    values = {one.key: _value(one, written, f"{at}{one.key}") for one in fields}
    return {key: value for key, value in values.items() if value is not NOTHING}


def _value(field: Field, written: Written, place: str) -> Any:
    if field.erasable and ERASE + place in written:
        return None
    match field.kind:
        case "group":
            value: Any = taken(field.parts, written, f"{place}.")
        case "rows":
            rows = [taken(field.parts, written, f"{row}.") for row in rows_at(written, place)]
            value = [row for row in rows if row]
        case "lines":
            value = [line for one in written.get(place, "").splitlines() if (line := one.strip())]
        case "several":
            value = [one for one in field.choices if f"{place}.{one}" in written]
        case _:
            said = written.get(place, "").strip()
            return _single(field.kind, said) if said else NOTHING
    return value if value or field.required else NOTHING


def _single(kind: Kind, said: str) -> Any:
    """Return one value. What is no number or moment goes on as it was typed: the service says so."""
    match kind:
        case "truth":
            return said == "true"
        case "decimal":
            return said.replace(",", ".")
        case "number":
            return int(said) if re.fullmatch(r"-?[0-9]{1,18}", said) else _number(said.replace(",", "."))
        case "moment":
            return _moment(said)
    return said


def _moment(said: str) -> str:
    try:
        return datetime.fromisoformat(said).replace(tzinfo=PROVINCE_TIME).isoformat()
    except ValueError:
        return said


def _number(said: str) -> float | str:
    try:
        value = float(said)
    except ValueError:
        return said
    return value if isfinite(value) else said


def rows_at(written: Written, place: str) -> Iterator[str]:
    """Yield the place of each row of a list, in order: `founding.0`, `founding.1`."""
    row = re.compile(re.escape(place) + r"\.([0-9]{1,4})\.")
    numbers = {int(found[1]) for name in written if (found := row.match(name))}
    for number in sorted(numbers)[:ROWS_MAX]:
        yield f"{place}.{number}"


def closed_up(fields: Sequence[Field], written: Written, at: str = "") -> dict[str, str]:
    """Return what was written with the empty rows taken out, so that a row's number is that of its value."""
    kept = dict(written)
    for field in fields:
        place = f"{at}{field.key}"
        if field.kind == "group":
            kept = closed_up(field.parts, kept, f"{place}.")
        if field.kind != "rows":
            continue
        before, full = kept, [row for row in rows_at(kept, place) if taken(field.parts, kept, f"{row}.")]
        kept = {name: said for name, said in before.items() if not name.startswith(f"{place}.")}
        for number, row in enumerate(full):
            for name, said in before.items():
                if name.startswith(f"{row}."):
                    kept[f"{place}.{number}{name.removeprefix(row)}"] = said
            kept = closed_up(field.parts, kept, f"{place}.{number}.")
    return kept


def rows_of(fields: Sequence[Field], place: str) -> Field | None:
    """Return the list of rows at a place such as `goods.0.criteria`, or None if none is there."""
    first, _, rest = re.sub(r"\.[0-9]+\b", "", place).partition(".")
    found = next((one for one in fields if one.key == first), None)
    if found is None or not rest:
        return found if found and found.kind == "rows" else None
    return rows_of(found.parts, rest)


def with_row(field: Field, written: Written, place: str) -> dict[str, str]:
    """Return what was written, and one more empty row of the list at `place`."""
    last = max((int(row.rpartition(".")[2]) for row in rows_at(written, place)), default=-1)
    return {**written, f"{place}.{last + 1}.{field.parts[0].key}": ""}


def roomy(fields: Sequence[Field], written: Written, at: str = "") -> Written:
    """Return what was written, and of each list that has no row yet an empty one to write in."""
    for field in fields:
        place = f"{at}{field.key}"
        if field.kind == "rows" and not any(rows_at(written, place)):
            written = with_row(field, written, place)
        for row in rows_at(written, place) if field.kind == "rows" else [place]:
            written = roomy(field.parts, written, f"{row}.")
    return written


def places(fields: Sequence[Field], written: Written, at: str = "") -> Iterator[str]:
    """Yield the place of every field that the form shows."""
    for field in fields:
        place = f"{at}{field.key}"
        yield place
        for row in rows_at(written, place) if field.kind == "rows" else [place]:
            yield from places(field.parts, written, f"{row}.")


def shown_at(told: str, shown: Sequence[str]) -> str | None:
    """Return the place of the field in which a problem lies that a service tells of (`body.decision.number`).

    It is the nearest one that is shown; None if the problem is of no field.
    """
    parts = told.split(".")[1:]
    while parts:
        if ".".join(parts) in shown:
            return ".".join(parts)
        parts.pop()
    return None
