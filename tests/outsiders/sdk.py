"""The same, writing its events with the public CloudEvents SDK: python sdk.py FILE COUNT RESEND_S."""

import asyncio
import json
import sys
from pathlib import Path

import plain
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

WRITTEN: dict[object, bytes] = {}
"""The SDK stamps `time` anew whenever it writes, so what was written once is kept."""


def written(event: dict[str, object]) -> bytes:
    """Return an event as the SDK writes it."""
    attributes = {name: value for name, value in event.items() if name != "data"}
    if event["id"] in WRITTEN:
        return WRITTEN[event["id"]]
    body = JSONFormat().write(
        CloudEvent({**attributes, "datacontenttype": "application/json"}, event["data"])
    )
    return WRITTEN.setdefault(event["id"], body if isinstance(body, bytes) else body.encode())


if __name__ == "__main__":
    plain.written = written
    file, count, resend_s = sys.argv[1:]
    given = json.loads(Path(file).read_text("utf-8"))
    asyncio.run(plain.Program(given, int(count), float(resend_s)).run())
