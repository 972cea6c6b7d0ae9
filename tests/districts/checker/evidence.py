"""What can be seen of sixty districts and their province from outside: files, PostgreSQL and NATS.

Nothing of the system is imported here. Tables, subjects and messages are read as a stranger would who
knows the contract and what things are called.
"""

import asyncio
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
import psycopg
from nats.js.api import AckPolicy, ConsumerConfig

OWNERS = ("registry", "assessment", "classification")
BATCH = 500
WITHIN_S = 20.0

Json = dict[str, Any]


@dataclass(frozen=True)
class Office:
    """One district: the file it was handed, what it wrote down before telling it, and its outbox."""

    credentials: Json
    ledger: Path
    outbox: Path


@dataclass(frozen=True)
class Place:
    """Where the evidence is: the offices by code, databases by owner, NATS as one who may read streams."""

    offices: Mapping[str, Office]
    databases: Mapping[str, str]
    nats: str
    inbox: str


@dataclass
class District:
    """What one district says, and what each owner answers when asked what has arrived of it."""

    told: list[Json] = field(default_factory=list)
    outbox: list[Json] = field(default_factory=list)
    received: dict[str, list[Json]] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One fact in an owner's log, with who asked for it and what caused it."""

    position: int
    topic: str
    actor: str
    causation: str


@dataclass(frozen=True)
class Parked:
    """One rejected event that an owner keeps."""

    district: str
    source: str
    event: str
    reason: str


@dataclass
class Evidence:
    """All that was found; messages in the order of their stream, each with the district of its subject."""

    districts: dict[str, District] = field(default_factory=dict)
    intake: list[tuple[str, Json]] = field(default_factory=list)
    receipts: list[tuple[str, Json]] = field(default_factory=list)
    logs: dict[str, list[Row]] = field(default_factory=dict)
    parked: dict[str, list[Parked]] = field(default_factory=dict)


async def gather(place: Place) -> Evidence:
    """Read everything, once every district was answered."""
    found = Evidence()
    for owner, address in place.databases.items():
        with psycopg.connect(address) as connection:
            found.logs[owner] = _log(connection, owner)
            rows = connection.execute(
                "SELECT place, source, event_id, reason FROM parked WHERE kind = 'INTAKE'"
            )
            found.parked[owner] = [Parked(*row) for row in rows]
    client = await nats.connect(place.nats, inbox_prefix=place.inbox.encode(), allow_reconnect=False)
    try:
        found.intake = await _messages(client, "INTAKE")
        found.receipts = await _messages(client, "RECEIPTS")
    finally:
        await client.close()
    for code, office in place.offices.items():
        found.districts[code] = District(
            told=[json.loads(line) for line in office.ledger.read_text().splitlines()],
            outbox=_outbox(office.outbox),
            received=await _received(code, office.credentials),
        )
    return found


def _log(connection: psycopg.Connection[Any], owner: str) -> list[Row]:
    rows = connection.execute(
        f"SELECT notification_id, topic, state FROM {owner}_events ORDER BY notification_id"
    )
    said = ((position, topic, json.loads(bytes(state))["origin"]) for position, topic, state in rows)
    return [Row(position, topic, origin["actor"], origin["causation"]) for position, topic, origin in said]


def _outbox(file: Path) -> list[Json]:
    names = ("source", "service", "number", "id", "type", "content", "outcome", "reason")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        rows = db.execute(f"SELECT {', '.join(names)} FROM event ORDER BY position").fetchall()
    events = [dict(zip(names, row, strict=True)) for row in rows]
    return [event | {"content": json.loads(event["content"])} for event in events]


async def _messages(client: Any, stream: str) -> list[tuple[str, Json]]:
    """Return what a stream holds. What cannot be read, or is no event or receipt, is left out."""
    js = client.jetstream()
    number = (await js.stream_info(stream)).state.messages
    reader = await js.pull_subscribe(">", stream=stream, config=ConsumerConfig(ack_policy=AckPolicy.NONE))
    read: list[tuple[str, bytes]] = []
    while len(read) < number:
        batch = await reader.fetch(min(BATCH, number - len(read)), timeout=WITHIN_S)
        read += [(message.subject, message.data) for message in batch]
    await reader.unsubscribe()
    return [
        (subject.split(".")[1], json.loads(body)) for subject, body in read if not subject.endswith(".Wanted")
    ]


async def _received(code: str, credentials: Json) -> dict[str, list[Json]]:
    """Ask each owner, as the district, what has arrived."""
    client = await nats.connect(
        credentials["nats"],
        user=credentials["user"],
        password=credentials["password"],
        inbox_prefix=credentials["inbox_prefix"].encode(),
        allow_reconnect=False,
        connect_timeout=WITHIN_S,
    )

    async def ask(owner: str) -> list[Json]:
        answer = await client.request(f"received.{owner}.{code}", b"{}", timeout=WITHIN_S)
        streams: list[Json] = json.loads(answer.data)["streams"]
        return streams

    try:
        answers: Sequence[list[Json]] = await asyncio.gather(*map(ask, OWNERS))
    finally:
        await client.close()
    return dict(zip(OWNERS, answers, strict=True))
