"""Forms from JSON schemas: which field each construct becomes, what is refused, and what a form says."""

import pytest

from services.reporting.console.commands.fields import Unshown, fields_of
from services.reporting.console.commands.written import closed_up, roomy, shown_at, taken, with_row

DOCUMENT = {
    "type": "object",
    "title": "Document",
    "properties": {
        "number": {"type": "string", "maxLength": 64},
        "date": {"type": "string", "format": "date"},
    },
    "required": ["number", "date"],
}
KIND = {"type": "string", "enum": ["CELL", "COMMITTEE"], "title": "Kind"}
PART = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "kind": {"$ref": "#/components/schemas/Kind"}},
    "required": ["code"],
}
NAMED = {"Document": DOCUMENT, "Kind": KIND, "Part": PART}


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def fields(required=("one",), **properties):
    return fields_of({"type": "object", "properties": properties, "required": required}, NAMED)


def only(schema, required=("one",)):
    (field,) = fields(required, one=schema)
    return field


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date"}, "day"),
        ({"type": "string", "format": "date-time"}, "moment"),
        ({"type": "integer"}, "number"),
        ({"type": "number"}, "number"),
        ({"type": ["string", "number"]}, "decimal"),
        ({"type": "boolean"}, "truth"),
        ({"type": "string", "enum": ["A", "B"]}, "choice"),
        ({"const": "A"}, "choice"),
        (ref("Kind"), "choice"),
        (ref("Document"), "group"),
        ({"type": "array", "items": {"type": "string"}}, "lines"),
        ({"type": "array", "items": ref("Part")}, "rows"),
        (nullable({"type": "string", "format": "date"}), "day"),
        (nullable(ref("Document")), "group"),
    ],
)
def test_a_schema_becomes_a_field(schema, kind):
    assert kind == only(schema).kind


def test_a_field_is_required_where_the_schema_says_so():
    assert [True, False] == [one.required for one in fields(one={"type": "string"}, two={"type": "string"})]


def test_a_group_and_a_row_have_the_fields_of_what_they_refer_to():
    decision, parts = fields(one=ref("Document"), two={"type": "array", "items": ref("Part")})

    assert [("number", "text"), ("date", "day")] == [(one.key, one.kind) for one in decision.parts]
    assert [("code", True), ("kind", False)] == [(one.key, one.required) for one in parts.parts]


def test_what_stands_beside_a_reference_goes_before_what_it_refers_to():
    field = only({**ref("Kind"), "default": "CELL", "description": "which it is"})

    assert ("CELL", "which it is", ["CELL", "COMMITTEE"]) == (field.default, field.description, field.choices)


def test_only_a_command_that_requires_nothing_can_empty_a_field():
    assert only(nullable({"type": "string"}), required=()).erasable
    assert not only({"type": "string"}, required=()).erasable
    assert not fields(one={"type": "string"}, two=nullable({"type": "string"}))[1].erasable


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"allOf": [ref("Kind")]},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object"},
        {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        {"type": "array", "items": {"type": "integer"}},
        {"type": "array"},
        {"type": "string", "format": "binary"},
        {"type": "integer", "enum": [1, 2]},
        {"type": "null"},
        {},
        ref("Nobody"),
    ],
)
def test_what_no_field_can_hold_is_refused_by_its_name(schema):
    with pytest.raises(Unshown, match="one"):
        only(schema)


def test_a_schema_that_names_itself_is_refused():
    looped = {"type": "object", "properties": {"next": ref("Loop")}}

    with pytest.raises(Unshown, match="deep"):
        fields_of(ref("Loop"), {"Loop": looped})


def test_a_command_that_takes_no_object_is_refused():
    with pytest.raises(Unshown):
        fields_of({"type": "array", "items": {"type": "string"}}, {})


# -- What a form says


FIELDS = fields(
    ("name", "decision"),
    name={"type": "string"},
    decision=ref("Document"),
    older=nullable(ref("Document")),
    votes={"type": "integer"},
    percent={"type": ["string", "number"]},
    agreed={"type": "boolean"},
    held_at={"type": "string", "format": "date-time"},
    into={"type": "array", "items": {"type": "string"}},
    parts={"type": "array", "items": ref("Part")},
)


def test_what_is_left_empty_is_left_out_but_for_a_group_that_is_required():
    assert {"decision": {}} == taken(
        FIELDS, {"name": " ", "older.number": "", "into": "\r\n", "parts.0.code": ""}
    )


def test_each_field_is_said_as_its_kind():
    written = {
        "name": "Chi bộ 1",
        "decision.number": "1-QĐ/HU",
        "decision.date": "2025-01-02",
        "votes": "14",
        "percent": "75,5",
        "agreed": "false",
        "held_at": "2025-01-02T19:30",
        "into": "C-1\r\n C-2 \r\n",
        "parts.0.code": "C-3",
        "parts.1.kind": "CELL",
    }

    assert taken(FIELDS, written) == {
        "name": "Chi bộ 1",
        "decision": {"number": "1-QĐ/HU", "date": "2025-01-02"},
        "votes": 14,
        "percent": "75.5",
        "agreed": False,
        "held_at": "2025-01-02T19:30:00+07:00",
        "into": ["C-1", "C-2"],
        "parts": [{"code": "C-3"}, {"kind": "CELL"}],
    }


@pytest.mark.parametrize("typed", ["many", "1e999", "nan", "٣"])
def test_what_is_no_number_goes_on_as_it_was_typed(typed):
    votes = taken(FIELDS, {"votes": typed})["votes"]

    assert votes == (3.0 if typed == "٣" else typed)


def test_what_is_marked_is_emptied_and_what_is_not_stays():
    patch = fields((), phone=nullable({"type": "string"}), mail=nullable({"type": "string"}))

    assert {"mail": None} == taken(patch, {"phone": "", "mail": "a@b.example", "erase:mail": "on"})


def test_a_row_is_added_after_the_last():
    parts = FIELDS[-1]

    assert {"parts.0.code": ""} == with_row(parts, {}, "parts")
    assert "parts.8.code" in with_row(parts, {"parts.7.kind": "CELL"}, "parts")


def test_a_list_without_rows_is_shown_with_one_to_write_in():
    assert {"parts.0.code": ""} == roomy(FIELDS, {})
    assert {"parts.3.code": "C-1"} == roomy(FIELDS, {"parts.3.code": "C-1"})


def test_empty_rows_are_closed_up_so_that_a_problem_is_shown_at_its_row():
    written = {"parts.0.code": "", "parts.1.code": "C-1", "parts.1.kind": "", "name": "x"}

    assert {"parts.0.code": "C-1", "parts.0.kind": "", "name": "x"} == closed_up(FIELDS, written)


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("body.decision.number", "decision.number"),
        ("body.decision", "decision"),
        ("body.parts.0.kind.0", "parts.0.kind"),
        ("query.purpose", "purpose"),
        ("body.unknown", None),
        ("body", None),
    ],
)
def test_a_problem_is_shown_at_the_nearest_field(told, place):
    shown = ["decision", "decision.number", "parts.0", "parts.0.kind", "purpose"]

    assert place == shown_at(told, shown)
