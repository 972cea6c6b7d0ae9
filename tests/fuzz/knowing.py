"""What a service can be asked, with names that mean something there among those that are only well formed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from jsonschema import Draft202012Validator

from services.chassis.edge.examples import Step

SAME = {
    **dict.fromkeys(
        ("parent", "into", "to", "origin", "selected_by", "decided_by", "superior", "code"), "organization"
    ),
    "supervisor": "member",
}
"""Names of one kind of thing, by the name of the kind."""

CODES = {"members": "member", "data-requests": "request", "meetings": "meeting"}
"""What `code` in a path is the code of, by what comes before it."""

Known = Mapping[str, Sequence[Any]]


def known_by(steps: Sequence[Step]) -> Known:
    """Return every value told in `steps`, by what its name means."""
    known: dict[str, dict[Any, None]] = defaultdict(dict)
    for step in steps:
        for name, value in _told(step.body):
            known[_meaning(name)][value] = None
    return {name: list(values) for name, values in known.items()}


def _told(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in body.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                yield from _told(one)
            else:
                yield name, one


def _meaning(name: str) -> str:
    if name.endswith("_on") or name in ("date", "on", "as_of"):
        return "day"
    return SAME.get(name, name)


def knowing(document: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """Return an OpenAPI that lets no more be asked, where half of all values are among those known."""
    document = deepcopy(dict(document))
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                before = path.partition(f"/{{{parameter['name']}}}")[0].rpartition("/")[2]
                name = CODES.get(before, parameter["name"])
                parameter["schema"] = _knowing(parameter["schema"], name, known)
    for name, schema in document["components"]["schemas"].items():
        document["components"]["schemas"][name] = _knowing(schema, name, known)
    return document


def _knowing(schema: dict[str, Any], name: str, known: Known) -> dict[str, Any]:
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return schema | {several: [_knowing(one, name, known) for one in schema[several]]}
    if isinstance(schema.get("items"), dict):
        return schema | {"items": _knowing(schema["items"], name, known)}
    if "properties" in schema:
        fields = {field: _knowing(part, field, known) for field, part in schema["properties"].items()}
        return schema | {"properties": fields}
    if {"enum", "const", "$ref"} & set(schema) or "type" not in schema:
        return schema
    valid = Draft202012Validator(schema).is_valid
    values = [value for value in known.get(_meaning(name), ()) if valid(value)]
    return {"anyOf": [{"enum": values}, schema]} if values else schema
