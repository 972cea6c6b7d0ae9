"""A row of a table as an event: a column is a field (`decision.date`, `tasks.1.code`) of its schema."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from functools import cache
from typing import Any

from contracts.catalogue import CATALOGUE
from contracts.days import PROVINCE_TIME
from contracts.publisher.checking import Problem, Unacceptable

ATTRIBUTES = frozenset({"type", "id", "source", "replaces", "subject", "time"})
"""Columns that are of the envelope; all others are of its data."""

INTEGER = re.compile(r"-?[0-9]{1,18}")
Schema = dict[str, Any]


class NotAValue:
    """A cell that is computed, or shows an error."""


def event_of(cells: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the event that a row is; empty cells are left out. Raises Unacceptable."""
    said = [(column, cell) for column, cell in cells if cell not in (None, "") and str(cell).strip()]
    event: dict[str, Any] = {
        column: _text(cell, {}) for column, cell in said if column in ATTRIBUTES and not _computed(cell)
    }
    fields: list[tuple[list[str], Any]] = []
    bad: list[Problem] = []
    for column, cell in said:
        parts = column.split(".")
        schema = _field(str(event.get("type")), tuple(parts))
        if _computed(cell):
            bad.append(Problem(column, "NotAValue", "a computed cell or an error: put the value there"))
        elif column in ATTRIBUTES:
            continue
        elif schema is None and event.get("type") in CATALOGUE:
            bad.append(Problem(column, "UnknownColumn", f"{event['type']} has no such field"))
        else:
            fields.append((parts, _value(cell, schema or {})))
    if bad:
        raise Unacceptable(*bad)
    return event | {"data": _nested(fields)}


def _computed(cell: Any) -> bool:
    return isinstance(cell, NotAValue)


# -- What a field is


@cache
def _schema(type: str) -> Schema | None:
    kind = CATALOGUE.get(type)
    return kind.model_json_schema() if kind else None


@cache
def _field(type: str, parts: tuple[str, ...]) -> Schema | None:
    """Return the schema of a field, None if the event has none of that name."""
    root = _schema(type)
    return _within(root, parts, root) if root else None


def _within(schema: Schema, parts: tuple[str, ...], root: Schema) -> Schema | None:
    for choice in _choices(schema, root):
        if not parts:
            return choice
        if parts[0].isdigit() and int(parts[0]) > 0:
            inner = choice.get("items")
        else:
            inner = choice.get("properties", {}).get(parts[0])
        if isinstance(inner, dict) and (found := _within(inner, parts[1:], root)) is not None:
            return found
    return None


def _choices(schema: Schema, root: Schema) -> list[Schema]:
    """Return what a schema may be: without references, and without null."""
    if "$ref" in schema:
        return _choices(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    several = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    found = [choice for one in several for choice in _choices(one, root)] if several else [schema]
    return [choice for choice in found if choice.get("type") != "null"]


# -- What a cell says


def _value(cell: Any, schema: Schema) -> Any:
    """Return a cell as its field is written in JSON; what does not fit is left for the contract to refuse."""
    types = schema.get("type", ())
    if "array" in types and isinstance(cell, str):
        items = schema.get("items", {})
        return [_value(part.strip(), items) for part in re.split(r"[;\n]", cell) if part.strip()]
    if "boolean" in types:
        return {"true": True, "false": False}.get(_text(cell, schema).lower(), cell)
    text = _text(cell, schema)
    return int(text) if "integer" in types and INTEGER.fullmatch(text) else text


def _text(cell: Any, schema: Schema) -> str:
    """Return a cell as text: days and instants as the contract writes them, in the province's time."""
    if isinstance(cell, datetime):
        if schema.get("format") == "date-time":
            return (cell if cell.tzinfo else cell.replace(tzinfo=PROVINCE_TIME)).isoformat()
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _nested(fields: Iterable[tuple[list[str], Any]]) -> dict[str, Any]:
    """Return fields as they lie in one another. Raises Unacceptable where one is both a value and more."""
    tree: dict[str, Any] = {}
    for parts, value in fields:
        node = tree
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise Unacceptable(Problem(".".join(parts), "ColumnTwice", f"{part} has a column of its own"))
        if parts[-1] in node:
            raise Unacceptable(Problem(".".join(parts), "ColumnTwice", "part of it has a column of its own"))
        node[parts[-1]] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(node: Any) -> Any:
    """Return what is numbered as a list, in the order of its numbers."""
    if not isinstance(node, dict):
        return node
    if all(name.isdigit() for name in node):
        return [_lists(node[name]) for name in sorted(node, key=int)]
    return {name: _lists(value) for name, value in node.items()}
