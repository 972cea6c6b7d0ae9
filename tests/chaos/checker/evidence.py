"""What can be seen of a province from outside: the journal of its clients, PostgreSQL and NATS.

Nothing of the system is imported here. Tables, subjects and messages are read as a stranger would
who knows only what they are called.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
import psycopg
from nats.js.errors import NotFoundError

PUBLISHERS = ("registry", "assessment", "classification", "notification")

PRIVATE = (
    *(f"registry.Member.{fact}" for fact in ("PersonCorrected", "PersonForgotten", "Appointed", "Followed")),
    *(
        f"registry.DataRequest.{fact}"
        for fact in ("Received", "Answered", "Extended", "Completed", "Declined")
    ),
    "registry.Ballot.Begun",
    "registry.Officials.Begun",
    "registry.Closings.Begun",
    *(f"registry.Credentials.{fact}" for fact in ("Begun", "Issued", "Ended")),
    "assessment.SubmissionLock.Begun",
    "assessment.Obligations.Begun",
    "assessment.Watch.Begun",
    "notification.Notice.Made",
    "notification.Notice.Failed",
    "notification.Notice.GivenUp",
    "notification.Sweep.Begun",
    "notification.Sweep.Done",
)
"""Facts nobody outside is told of. Every other one has to be on the stream."""

READERS: dict[str, dict[str, tuple[str, ...]]] = {
    "registry": dict.fromkeys(("tree", "officials", "on_left", "closings"), ("registry",)),
    "assessment": {
        "tree": ("registry",),
        "officials": ("registry",),
        "restrictions": ("registry",),
        "frameworks": ("assessment",),
        "concerns": ("assessment",),
        "meetings": ("assessment",),
        "movement": ("assessment",),
        "roll": ("registry",),
        "homes": ("registry",),
        "supervision": ("assessment",),
        "visits": ("assessment",),
        "duties": ("registry", "assessment"),
        "closings": ("registry",),
    },
    "classification": {
        "tree": ("registry",),
        "officials": ("registry",),
        "dossier": ("registry", "assessment"),
        "closings": ("registry",),
    },
    "notification": {
        "tree": ("registry",),
        "officials": ("registry",),
        "restrictions": ("registry",),
        "calls": ("assessment",),
        "on_classified": ("classification",),
        "on_registry": ("registry",),
        "on_assessment": ("assessment",),
        "inboxes": ("notification",),
    },
    "reporting": dict.fromkeys(
        (
            *("ledger", "tree", "headcount", "completeness", "classes", "structure", "roster", "officials"),
            "obligations",
        ),
        PUBLISHERS,
    ),
}
"""Every view by service, and whose events it reads."""

HOUSEKEEPING = ("about", "bookmark", "entry", "passed")
"""Tables of a view's schema that no event is folded into. The ledger's entries are looked at apart."""

GETS_AT_ONCE = 200


@dataclass(frozen=True)
class Place:
    """Where the evidence is."""

    databases: Mapping[str, str]
    """Addresses by service."""

    nats: Sequence[str]
    """Servers, any of which knows every stream; as a user who may read them."""

    inbox: str
    journal: Path


@dataclass(frozen=True)
class Row:
    """One fact in a log."""

    position: int
    subject: str
    version: int
    topic: str
    causation: str


@dataclass(frozen=True)
class Entry:
    """One event a service remembers to have accepted from a district."""

    district: str
    source: str
    event: str
    subject: str
    position: int


@dataclass
class Evidence:
    """All that was found."""

    journal: list[dict[str, Any]] = field(default_factory=list)
    logs: dict[str, list[Row]] = field(default_factory=dict)
    inboxes: dict[str, list[Entry]] = field(default_factory=dict)
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ledger: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    views: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    """By service, then by `view.table`."""

    bookmarks: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    """By service, view and source."""

    parked: dict[str, list[str]] = field(default_factory=dict)


async def gather(place: Place) -> Evidence:
    """Read everything. The province must be at rest: see `unsettled`."""
    found = Evidence(journal=[json.loads(line) for line in place.journal.read_text().splitlines()])
    for service, address in place.databases.items():
        with psycopg.connect(address) as connection:
            if service in PUBLISHERS:
                found.logs[service] = _log(connection, service)
                found.inboxes[service] = _inbox(connection)
            found.views[service], found.bookmarks[service] = _views(connection, READERS[service])
            parked = connection.execute("SELECT kind, place, type, reason FROM parked").fetchall()
            found.parked[service] = [" ".join(row) for row in parked if row[0] != "INTAKE"]
            if service == "reporting":
                rows = connection.execute("SELECT position, message FROM ledger.entry ORDER BY position")
                found.ledger = [(position, json.loads(bytes(message))) for position, message in rows]

    async def read(js: Any) -> None:
        for service in PUBLISHERS:
            found.streams[service] = [json.loads(data) for data in await _messages(js, service.upper())]

    await _on_the_bus(place, read)
    return found


async def unsettled(place: Place) -> str:
    """Return who has not yet carried or read all there is, or nothing if the province is at rest."""
    # Bookmarks first: what they have read can only have caused facts that the heads below include.
    read = {service: _bookmarks(address, READERS[service]) for service, address in place.databases.items()}
    heads = {service: _head(place.databases[service], service) for service in PUBLISHERS}
    for service, views in READERS.items():
        for view, sources in views.items():
            for source in sources:
                if read[service].get(view, {}).get(source, 0) != heads[source]:
                    return f"{service}'s {view} of {source}: {read[service].get(view)}, not {heads[source]}"
    behind: list[str] = []

    async def compare(js: Any) -> None:
        for service, head in heads.items():
            state = (await js.stream_info(service.upper())).state
            last = await js.get_msg(service.upper(), state.last_seq) if state.messages else None
            if (carried := json.loads(last.data)["sequence"] if last else 0) != head:
                behind.append(f"{service}'s stream: {carried}, not {head}")

    await _on_the_bus(place, compare)
    return "; ".join(behind)


# -- PostgreSQL


def _log(connection: psycopg.Connection[Any], service: str) -> list[Row]:
    rows = connection.execute(
        "SELECT notification_id, originator_id, originator_version, topic, state"
        f" FROM {service}_events ORDER BY notification_id"
    )
    return [Row(*row[:4], json.loads(bytes(row[4]))["origin"]["causation"]) for row in rows]


def _inbox(connection: psycopg.Connection[Any]) -> list[Entry]:
    rows = connection.execute("SELECT district, source, event_id, subject, position FROM inbox")
    return [Entry(*row) for row in rows]


def _head(address: str, service: str) -> int:
    """Return the position of the newest public fact."""
    with psycopg.connect(address) as connection:
        row = connection.execute(
            f"SELECT max(notification_id) FROM {service}_events WHERE topic <> ALL(%s)", (list(PRIVATE),)
        ).fetchone()
    return int(row[0] or 0) if row else 0


def _bookmarks(address: str, views: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    with psycopg.connect(address) as connection:
        return {
            view: dict(connection.execute(f"SELECT source, sequence FROM {view}.bookmark").fetchall())
            for view in views
        }


def _views(
    connection: psycopg.Connection[Any], views: Mapping[str, Any]
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, dict[str, int]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    bookmarks: dict[str, dict[str, int]] = {}
    for view in views:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (view,)
        ).fetchall()
        for (table,) in tables:
            if table not in HOUSEKEEPING:
                found = connection.execute(f"SELECT to_jsonb(one) FROM {view}.{table} AS one").fetchall()
                rows[f"{view}.{table}"] = [row for (row,) in found]
        marks = connection.execute(f"SELECT source, sequence FROM {view}.bookmark").fetchall()
        bookmarks[view] = dict(marks)
    return rows, bookmarks


# -- NATS


async def _on_the_bus(place: Place, ask: Callable[[Any], Awaitable[None]]) -> None:
    client = await nats.connect(
        list(place.nats), inbox_prefix=place.inbox.encode(), allow_reconnect=False, connect_timeout=5
    )
    try:
        await ask(client.jetstream(timeout=10))
    finally:
        await client.close()


async def _messages(js: Any, stream: str) -> list[bytes]:
    """Return every message of `stream`, in its order. A sequence that is missing is skipped."""

    async def one(sequence: int) -> bytes | None:
        try:
            return bytes((await js.get_msg(stream, sequence)).data)
        except NotFoundError:
            return None

    state = (await js.stream_info(stream)).state
    found: list[bytes] = []
    for first in range(state.first_seq, state.last_seq + 1, GETS_AT_ONCE):
        last = min(first + GETS_AT_ONCE, state.last_seq + 1)
        found.extend(data for data in await asyncio.gather(*map(one, range(first, last))) if data)
    return found
