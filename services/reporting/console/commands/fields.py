"""The fields of a form, made from the JSON schema of what a command takes.

What a schema may say is known here; a construct that is not is refused, for a form that leaves out a
part of a command would record something else than what its reader meant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Schema = Mapping[str, Any]

Kind = Literal[
    "text", "decimal", "number", "day", "moment", "choice", "several", "truth", "group", "lines", "rows"
]
"""What a field is: `several` are choices of which any may be taken, `lines` are texts, one per line;
`rows` are groups, as many as there are."""

DEPTH_MAX = 6
"""How deep groups lie in each other, at most: a schema that names itself has no bottom."""

BEYOND = ("oneOf", "allOf", "not", "if", "patternProperties", "prefixItems", "propertyNames", "contains")
"""What a schema may say that no field here can hold its reader to."""


class Unshown(Exception):
    """A command cannot be shown as a form: its schema says something this console does not know."""


@dataclass(frozen=True)
class Field:
    """One field: `key` is its name in the group it is in, `family` the name of its enumeration.

    An `erasable` one may also be emptied by the command, which is not the same as leaving it alone.
    """

    key: str
    kind: Kind
    required: bool = False
    erasable: bool = False
    description: str = ""
    default: str = ""
    family: str = ""
    choices: Sequence[str] = ()
    parts: Sequence["Field"] = ()
    length_max: int | None = None


def fields_of(schema: Schema, named: Mapping[str, Schema]) -> Sequence[Field]:
    """Return the fields of an object's schema; `named` are the schemas it may refer to, by name.

    A command that requires nothing changes only what it is given, so what it can empty is `erasable`.
    Raises Unshown.
    """
    whole = _field("", schema, named, required=True, depth=0)
    if whole.kind != "group":
        raise Unshown("what the command takes is no object")
    if any(one.required for one in whole.parts):
        return whole.parts
    return [replace(one, erasable=_may_be_null(one.key, schema, named)) for one in whole.parts]


def _may_be_null(key: str, schema: Schema, named: Mapping[str, Schema]) -> bool:
    part = _resolved("", schema, named)["properties"][key]
    return any(one.get("type") == "null" for one in part.get("anyOf", ()))


def _resolved(key: str, schema: Schema, named: Mapping[str, Schema]) -> Schema:
    """Return a schema with what it refers to filled in: what stands beside a reference goes before."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in named:
            raise Unshown(f"{key}: nothing is called {name}")
        beside = {word: said for word, said in schema.items() if word != "$ref"}
        return {**named[name], **beside}
    if "anyOf" in schema:
        meant = [one for one in schema["anyOf"] if one.get("type") != "null"]
        if len(meant) != 1:
            raise Unshown(f"{key} may be of {len(meant)} shapes")
        beside = {word: said for word, said in schema.items() if word != "anyOf"}
        return {**_resolved(key, meant[0], named), **beside}
    return schema


def _field(key: str, schema: Schema, named: Mapping[str, Schema], *, required: bool, depth: int) -> Field:
    if depth > DEPTH_MAX:
        raise Unshown(f"{key} lies too deep")
    said = _resolved(key, schema, named)
    for word in BEYOND:
        if word in said:
            raise Unshown(f"{key}: {word}")
    field = Field(
        key,
        "text",
        required,
        description=said.get("description", "") if "description" in schema else "",
        default=_written(said.get("default")),
    )
    kinds = said.get("type", ())
    types = sorted({kinds} if isinstance(kinds, str) else {*kinds} - {"null"})
    if "enum" in said or "const" in said:
        return _chosen(field, said, types)
    make = MAKERS.get(" or ".join(types))
    if make is None:
        raise Unshown(f"{key}: {' or '.join(types) or 'no type'}")
    return replace(field, **make(key, said, named, depth))


def _chosen(field: Field, said: Schema, types: Sequence[str]) -> Field:
    if types not in ([], ["string"]):
        raise Unshown(f"{field.key}: choices that are no words")
    choices = said.get("enum", [said.get("const")])
    return replace(field, kind="choice", choices=choices, family=said.get("title", ""))


def _text(key: str, said: Schema, named: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    kind = TEXTS.get(said.get("format", ""))
    if kind is None:
        raise Unshown(f"{key}: {said['format']}")
    return {"kind": kind, "length_max": said.get("maxLength")}


def _number(key: str, said: Schema, named: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    return {"kind": "number"}


def _decimal(key: str, said: Schema, named: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    return {"kind": "decimal"}


def _truth(key: str, said: Schema, named: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    return {"kind": "truth", "choices": ("true", "false")}


def _group(key: str, said: Schema, named: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    if "properties" not in said or said.get("additionalProperties"):
        raise Unshown(f"{key}: an object of any fields")
    required = said.get("required", ())
    parts = [
        _field(name, part, named, required=name in required, depth=depth + 1)
        for name, part in said["properties"].items()
    ]
    return {"kind": "group", "parts": parts}


def _several(key: str, said: Schema, named: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    one = _field(key, said.get("items", {}), named, required=True, depth=depth + 1)
    if one.kind == "group":
        return {"kind": "rows", "parts": one.parts}
    if one.kind == "text":
        return {"kind": "lines"}
    if one.kind == "choice":
        return {"kind": "several", "choices": one.choices, "family": one.family or said.get("title", "")}
    raise Unshown(f"{key}: a list of {one.kind}")


TEXTS: Mapping[str, Kind] = {
    "": "text",
    "date": "day",
    "date-time": "moment",
    "email": "text",
    "uuid": "text",
}
"""What a text of a format is, here."""

MAKERS: Mapping[str, Callable[[str, Schema, Mapping[str, Schema], int], dict[str, Any]]] = {
    "array": _several,
    "boolean": _truth,
    "integer": _number,
    "number": _number,
    "number or string": _decimal,
    "object": _group,
    "string": _text,
}
"""By the types that a schema allows beside null, what makes a field of it."""


def _written(value: object) -> str:
    """Return a value as a form writes it; lists and objects have no place in one field."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""
