"""How a view folds: what it reads of a message, what it adds up in memory, and how that is written.

Live batches and rebuilds go through the same fold; they differ only in how much it takes before it writes.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from typing import Any, Protocol, Union

import msgspec
from psycopg import AsyncCursor

COPIED_FROM = 2_000
"""Rows from which COPY is quicker than sending them as a parameter, even by way of a table of its own."""

COPIED_AT_ONCE = 2_000
"""Rows after which others in the process have their turn."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """What a view reads of a message: `data` is the event in part. A subclass reads more of the envelope."""

    data: Any

    @property
    def type(self) -> str:
        """Return the type in the envelope."""
        return str(self.__struct_config__.tag)


class Fold(Protocol):
    """What some messages add up to. Nothing is read or written until `write`."""

    def add(self, told: Iterable[Any]) -> None:
        """Take messages in, in their order."""
        ...

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Change the rows, in one statement per table. Use unqualified names; read nothing else."""
        ...


def decoder(reads: Mapping[str, Any], envelope: type[Told]) -> Callable[[bytes], Any]:
    """Return what decodes, of a message whose type is in `reads`, what `envelope` and `reads` name."""
    kinds = [
        msgspec.defstruct(
            "Told", [("data", event)], bases=(envelope,), tag_field="type", tag=type, frozen=True, gc=False
        )
        for type, event in reads.items()
    ]
    return msgspec.json.Decoder(Union[tuple(kinds)]).decode  # noqa: UP007 - made at run time


async def load(
    cursor: AsyncCursor[Any], table: str, columns: str, rows: Iterable[tuple[Any, ...]], conflict: str = ""
) -> None:
    """Insert `rows` into `columns` (`"code, day"`) of `table` in one statement, ending in `conflict`.

    In `conflict` the row that was there before is called `before`.
    """
    rows = iter(rows)
    if not (first := list(islice(rows, COPIED_FROM))):
        return
    insert = f"INSERT INTO {table} AS before ({columns}) SELECT {columns} FROM"
    if len(first) < COPIED_FROM:
        names = columns.split(", ")
        told = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in first]).decode()
        await cursor.execute(f"{insert} json_populate_recordset(null::{table}, %s::json) {conflict}", (told,))
        return
    if not conflict:
        await _copy(cursor, f"{table} ({columns})", chain(first, rows))
        return
    await cursor.execute(
        f"CREATE TEMP TABLE arriving ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0"
    )
    await _copy(cursor, "arriving", chain(first, rows))
    await cursor.execute(f"{insert} arriving {conflict}")
    await cursor.execute("DROP TABLE arriving")


async def _copy(cursor: AsyncCursor[Any], into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    async with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for place, row in enumerate(rows):
            await copy.write_row(row)
            if place % COPIED_AT_ONCE == 0:
                await asyncio.sleep(0)  # a copy waits for nothing while the server keeps up
