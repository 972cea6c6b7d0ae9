"""The tables of an outbox, and what is read from them."""

from dataclasses import dataclass

TABLES = """
CREATE TABLE IF NOT EXISTS stream (
    source  TEXT NOT NULL,
    service TEXT NOT NULL,
    last    INTEGER NOT NULL,             -- the highest number given out
    offered INTEGER NOT NULL DEFAULT 0,   -- whether any of it may have been sent
    PRIMARY KEY (source, service)
) STRICT;
CREATE TABLE IF NOT EXISTS event (
    position   INTEGER PRIMARY KEY,       -- the order in which they were stored, and are sent
    source     TEXT NOT NULL,
    service    TEXT NOT NULL,
    number     INTEGER NOT NULL,
    id         TEXT NOT NULL,
    type       TEXT NOT NULL,
    content    BLOB NOT NULL,             -- the event in its canonical spelling, without its number
    stored_at  TEXT NOT NULL,
    outcome    TEXT,                      -- NULL: the province has not said
    reason     TEXT,
    detail     TEXT,
    said_vi    TEXT,                      -- why, in a clerk's words
    said_en    TEXT,
    decided_at TEXT,
    UNIQUE (source, id),
    UNIQUE (source, service, number)
) STRICT;
CREATE INDEX IF NOT EXISTS event_unconfirmed ON event (position) WHERE outcome IS NULL;
CREATE TABLE IF NOT EXISTS batch (
    name      TEXT PRIMARY KEY,
    told      TEXT NOT NULL,
    stored_at TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an event stands. `new`: it was not stored before."""

    id: str
    service: str
    number: int
    new: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event to send."""

    position: int
    service: str
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """What one source tells one owner: the highest number given out, and how many are in which state."""

    source: str
    service: str
    last: int
    unconfirmed: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One event as a person looks it up."""

    source: str
    service: str
    number: int
    id: str
    type: str
    stored_at: str
    outcome: str | None
    reason: str | None
    detail: str | None
    said_vi: str | None
    said_en: str | None
