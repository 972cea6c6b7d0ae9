"""The AsyncAPI document of districts: what is in it is so, and whoever reads it alone can check a message."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from contracts.asyncapi import FILE, PARAMETERS, TOLD, written
from contracts.catalogue import CATALOGUE, INTAKE_NAMES
from contracts.receipt import Receipt
from contracts.schema import SCHEMAS, uri_of
from tests.test_contracts import EXAMPLES

DOCUMENT = json.loads(FILE.read_text("utf-8"))
MAY_SEND = sorted(event.type for versions in INTAKE_NAMES.values() for event in versions)


def references(node):
    """Yield every $ref beneath a node."""
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref")
        yield from (ref for value in node.values() for ref in references(value))
    elif isinstance(node, list):
        yield from (ref for value in node for ref in references(value))


def read(uri):
    """Return the document, or the schema of an event by its file or its name."""
    name = Path(uri).name.removeprefix(uri_of("")).removesuffix(".json")
    file = FILE if uri == HERE else SCHEMAS / f"{name}.json"
    return Resource(json.loads(file.read_text("utf-8")), DRAFT202012)


HERE = FILE.as_uri()
REGISTRY = Registry(retrieve=read)


def wrong(message, said):
    """Return what the document finds wrong with a message of some name."""
    schema = {"$ref": f"{HERE}#/components/messages/{message}/payload/schema"}
    return [error.message for error in Draft202012Validator(schema, registry=REGISTRY).iter_errors(said)]


def sent(type):
    """Return the released example of a type, as a district would send it."""
    return json.loads(EXAMPLES[type])


def test_the_document_on_disk_is_that_of_the_classes():
    assert written() == FILE.read_text("utf-8"), "python -m contracts.asyncapi"


def test_every_reference_leads_somewhere():
    resolver = REGISTRY.resolver(HERE)

    assert len({*references(DOCUMENT)}) > len(MAY_SEND)
    assert all(resolver.lookup(ref).contents for ref in {*references(DOCUMENT)})


def test_every_event_that_a_district_may_send_has_its_channel_and_no_other():
    channels = [
        (name, message) for name in INTAKE_NAMES for message in DOCUMENT["channels"][name]["messages"]
    ]

    assert sorted((type.split(".")[1], type) for type in MAY_SEND) == sorted(channels)
    assert {*MAY_SEND} == DOCUMENT["components"]["messages"].keys() & CATALOGUE.keys()


def test_every_blank_of_an_address_is_explained():
    channels = [channel for channel in DOCUMENT["channels"].values() if channel["address"]]

    assert [] == [
        channel
        for channel in channels
        if {name for name in PARAMETERS if f"{{{name}}}" in channel["address"]} != {*channel["parameters"]}
    ]


def test_every_message_beside_events_is_told_of():
    assert {model.__name__ for model in TOLD} <= DOCUMENT["components"]["messages"].keys()


@pytest.mark.parametrize("type", MAY_SEND)
def test_an_example_is_a_message_of_its_name(type):
    assert [] == wrong(type, sent(type))


def test_a_message_of_another_type_or_with_broken_data_is_none():
    held = sent("assessment.MeetingHeld.v1")

    assert [] != wrong("assessment.MinutesCorrected.v1", held)
    assert [] != wrong("assessment.MeetingHeld.v1", held | {"data": {}})
    assert [] != wrong("assessment.MeetingHeld.v1", held | {"number": 0})


def test_a_receipt_is_one_as_it_is_written():
    receipt = Receipt(
        source="s",
        id="i",
        outcome="accepted",
        service="registry",
        decided_at=datetime(2025, 1, 1, tzinfo=UTC),
    )

    assert [] == wrong("Receipt", json.loads(receipt.model_dump_json(exclude_none=True)))
    assert [] != wrong("Receipt", {"outcome": "perhaps"})
