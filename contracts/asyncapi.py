"""Writes contracts/asyncapi.json: all that a district's software sends and hears, as AsyncAPI 3 has it.

`python -m contracts.asyncapi` writes it anew; a test finds it when it is not that of today's classes.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.catalogue import INTAKE_NAMES, INTAKE_OWNERS
from contracts.checked import Checked
from contracts.message import CloudEvent, Event
from contracts.receipt import Receipt
from contracts.received import Asked, Received, Wanted
from contracts.subjects import (
    check_subject,
    intake_subject,
    receipt_subject,
    received_subject,
    wanted_subject,
)

FILE = Path(__file__).parent / "asyncapi.json"

SCHEMA_FORMAT = "application/schema+json;version=2020-12"

TOLD: dict[type[BaseModel], str] = {
    CloudEvent: "the envelope of every event",
    Receipt: "what became of one event",
    Wanted: "numbers that are missing: send those events again",
    Asked: "what has arrived? Both fields may be left out",
    Received: "what has arrived, stream by stream",
    Checked: "what would become of the events",
}
"""What goes over the bus beside the data of events, by what it says."""

PARAMETERS = {
    "district": {"description": "the district's code: THAN-UYEN"},
    "service": {"description": "the owner", "enum": list(INTAKE_OWNERS)},
    "event": {"description": "the name of the event: MeetingHeld"},
}


def document() -> dict[str, Any]:
    """Return the document. Its schemas of events are the files in schemas/."""
    names = sorted(INTAKE_NAMES)
    channels = {name: _channel(intake_subject("{district}", name), *INTAKE_NAMES[name]) for name in names}
    channels |= {
        "receipts": _channel(receipt_subject("{district}", "{event}"), Receipt),
        "wanted": _channel(wanted_subject("{district}"), Wanted),
        "received": _channel(received_subject("{service}", "{district}"), Asked),
        "check": _channel(check_subject("{service}", "{district}"), "Events"),
        "receivedReply": _channel(None, Received),
        "checkReply": _channel(None, Checked),
    }
    sends = {f"send{name}": _operation("send", name, "Tell the province.") for name in names}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "fourgood: what a district's software sends and hears",
            "version": "1",
            "description": "README.md beside this file says how it is meant.",
        },
        "defaultContentType": "application/json",
        "servers": {"province": {"host": "{host}:4222", "protocol": "nats", "variables": {"host": {}}}},
        "channels": channels,
        "operations": sends
        | {
            "hearReceipts": _operation("receive", "receipts", "Hear what became of each event."),
            "hearWanted": _operation("receive", "wanted", "Hear what is missing, and send it again."),
            "askWhatArrived": _operation("send", "received", "Ask what has arrived.", reply="receivedReply"),
            "askWhatWouldBecome": _operation(
                "send", "check", "Ask what would become of events.", reply="checkReply"
            ),
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channel(address: str | None, *payloads: type[BaseModel] | str) -> dict[str, Any]:
    names = [payload if isinstance(payload, str) else _name(payload) for payload in payloads]
    blanks = {name: said for name, said in PARAMETERS.items() if f"{{{name}}}" in (address or "")}
    return {
        "address": address,
        **({"parameters": blanks} if blanks else {}),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _operation(action: str, channel: str, summary: str, *, reply: str = "") -> dict[str, Any]:
    answered = {
        "address": {"location": "$message.header#/reply", "description": "the reply subject of the request"},
        "channel": {"$ref": f"#/channels/{reply}"},
    }
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        **({"reply": answered} if reply else {}),
    }


def _messages() -> dict[str, Any]:
    told = {_name(model): _message(said, _ref(model)) for model, said in TOLD.items()}
    lines = {
        "summary": "events as they would be sent, one on each line (JSON Lines)",
        "contentType": "application/x-ndjson",
        "payload": {"type": "string"},
    }
    events = {
        _name(event): _message(
            (event.__doc__ or "").partition("\n")[0],
            {
                "allOf": [
                    _ref(CloudEvent),
                    {
                        "properties": {
                            "type": {"const": event.type},
                            "data": {"$ref": f"./schemas/{event.type}.json"},
                        }
                    },
                ]
            },
        )
        for versions in INTAKE_NAMES.values()
        for event in versions
    }
    return {**told, "Events": lines, **dict(sorted(events.items()))}


def _message(summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary, "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": schema}}


def _schemas() -> dict[str, Any]:
    _, found = models_json_schema(
        [(model, "validation") for model in TOLD], ref_template="#/components/schemas/{model}"
    )
    return dict(sorted(found["$defs"].items()))


def _name(model: type[BaseModel]) -> str:
    """Return what a message is called here: an event's type, any other by its class."""
    return model.type if issubclass(model, Event) else model.__name__


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def written() -> str:
    """Return the file's text."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
