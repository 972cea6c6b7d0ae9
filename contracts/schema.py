"""Writes contracts/schemas/, and says which promise a changed event would break.

`python -m contracts.schema` writes every schema, unless one would stop an old reader or an old sender:
then it names the broken promises, writes nothing and exits 1. Such a change is a new type ending in `.v2`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.catalogue import CATALOGUE
from contracts.message import Event

SCHEMAS = Path(__file__).parent / "schemas"

ANNOTATIONS = frozenset({"title", "description", "examples", "default", "$defs"})
"""Words of JSON Schema that explain and do not constrain."""


def uri_of(type: str) -> str:
    """Return the name of an event's schema, as the envelope's `dataschema` carries it."""
    return f"urn:fourgood:schema:{type}"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the data of `event`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": uri_of(event.type),
        **event.model_json_schema(),
    }


def broken_promises(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return what `new` takes away from those who read and send by `old`, one sentence each; [] if nothing.

    An event may only gain optional fields. A bound that moves, either way, is a retype: wider stops
    old readers, narrower stops old senders.
    """
    return list(_breaks(old, new, old, new, "data"))


def _breaks(
    old: Any, new: Any, old_root: dict[str, Any], new_root: dict[str, Any], where: str
) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    if "properties" in old and "properties" in new:
        yield from _object_breaks(old, new, old_root, new_root, where)
    elif "items" in old and "items" in new:
        yield from _breaks(old["items"], new["items"], old_root, new_root, f"{where}[]")
        yield from _retyped(_without(old, "items"), _without(new, "items"), where)
    elif len(old.get("anyOf", ())) == len(new.get("anyOf", ())) > 0:
        for before, after in zip(old["anyOf"], new["anyOf"], strict=True):
            yield from _breaks(before, after, old_root, new_root, where)
    else:
        yield from _retyped(old, new, where)


def _object_breaks(
    old: dict[str, Any], new: dict[str, Any], old_root: dict[str, Any], new_root: dict[str, Any], where: str
) -> Iterator[str]:
    fields_before, fields_now = old["properties"], new["properties"]
    required_before, required_now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(fields_before.keys() - fields_now.keys()):
        yield f"{where}.{name} was removed"
    for name in sorted(required_now - required_before):
        yield f"{where}.{name} became required"
    for name in sorted((required_before - required_now) & fields_now.keys()):
        yield f"{where}.{name} is no longer always there"
    for name in sorted(fields_before.keys() & fields_now.keys()):
        yield from _breaks(fields_before[name], fields_now[name], old_root, new_root, f"{where}.{name}")


def _retyped(old: dict[str, Any], new: dict[str, Any], where: str) -> Iterator[str]:
    if _without(old, *ANNOTATIONS) != _without(new, *ANNOTATIONS):
        yield f"{where} was retyped"


def _resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Return what `schema` refers to: pydantic refers to `#/$defs/<name>` and to nothing else."""
    reference = schema.get("$ref")
    return root["$defs"][reference.removeprefix("#/$defs/")] if reference else schema


def _without(schema: dict[str, Any], *words: str) -> dict[str, Any]:
    return {word: value for word, value in schema.items() if word not in words}


def text_of(schema: dict[str, Any]) -> str:
    """Return the file's text: stable, so that a change shows as what it is."""
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write(folder: Path = SCHEMAS) -> list[str]:
    """Write the schema of every event into `folder`, or nothing; return the promises that would break."""
    schemas = {folder / f"{name}.json": schema_of(event) for name, event in CATALOGUE.items()}
    broken = [
        f"{path.stem}: {promise}"
        for path, schema in schemas.items()
        if path.exists()
        for promise in broken_promises(json.loads(path.read_text("utf-8")), schema)
    ]
    if not broken:
        for path, schema in schemas.items():
            path.write_text(text_of(schema), "utf-8")
    return broken


if __name__ == "__main__":
    if broken := write():
        sys.exit("\n".join([*broken, "Publish the change as a new type ending in the next version."]))
