"""How far a reader has read each source: kept beside its rows, and moved with them in one transaction."""

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncCursor
from psycopg.errors import UndefinedTable

from services.chassis.delivery import Envelope, Gap, Outdated

TABLES = """
CREATE TABLE bookmark (source text PRIMARY KEY, sequence bigint NOT NULL);
CREATE TABLE about (version integer NOT NULL);
CREATE TABLE passed (source text NOT NULL, event_id text NOT NULL);
"""
"""Beside the tables of every view: how far it has read, its version, and what a rebuild passed over."""


def advance(bookmarks: dict[str, int], message: Envelope, reader: str) -> bool:
    """Move past `message`. Return False if it was read before. Raises Gap if one before it was not."""
    read = bookmarks.get(message.source, 0)
    if message.sequence <= read:
        return False
    if message.previous > read:
        raise Gap(f"{reader}: {message.source} {message.sequence} follows {message.previous}, read is {read}")
    bookmarks[message.source] = message.sequence
    return True


def furthest(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Return for each source how far the one that read more has read."""
    return {source: max(one.get(source, 0), other.get(source, 0)) for source in {*one, *other}}


async def stand_in(cursor: AsyncCursor[Any], schema: str, version: int) -> dict[str, int]:
    """Be the only writer in `schema` until commit. Return its bookmarks.

    Raises Outdated if its tables are of another version than `version`, or are not there.
    """
    try:
        await cursor.execute(
            f"SET LOCAL search_path TO {schema}; LOCK TABLE bookmark IN SHARE ROW EXCLUSIVE MODE;"
            " SELECT version, source, sequence FROM about LEFT JOIN bookmark ON true"
        )
    except UndefinedTable as error:
        raise Outdated(f"{schema} is not there") from error
    while cursor.nextset():
        pass  # to the answer of the last statement: three in one round trip
    rows = await cursor.fetchall()
    if not rows or rows[0]["version"] != version:
        raise Outdated(f"{schema} is not of version {version}, and waits for its rebuild")
    return {row["source"]: row["sequence"] for row in rows if row["source"] is not None}


async def keep(cursor: AsyncCursor[Any], bookmarks: Mapping[str, int]) -> None:
    """Write bookmarks where the cursor stands."""
    if bookmarks:
        await cursor.execute(
            "INSERT INTO bookmark SELECT * FROM unnest(%s::text[], %s::bigint[])"
            " ON CONFLICT (source) DO UPDATE SET sequence = excluded.sequence",
            (list(bookmarks), list(bookmarks.values())),
        )
