"""A list as a file: CSV or a workbook of all its rows, a page in memory at a time.

The rows are read a page after the other, so nobody who downloads slowly holds a connection of the database.
A workbook is written by a process of its own (`workbook.py`), which costs a processor but not the loop.
"""

import asyncio
import csv
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, fields
from io import StringIO
from typing import Any, TypeVar

import msgspec
from fastapi.responses import StreamingResponse

from services.chassis.bounds import Bound
from services.chassis.errors import Overloaded
from services.reporting.lists.listing import Asked, Page

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

PAGE = 5_000
"""Rows read at once for a file."""

AT_ONCE = 200
"""Rows written before others in the process have their turn, and as many as the registry names at once."""

WORKBOOKS_MAX = 2
"""Workbooks written at once: each takes a processor, and some 30 MB."""

CHUNK = 65_536

COMPUTED = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell of a CSV file for a formula (OWASP, CSV injection)."""

Rows = AsyncIterator[Sequence[tuple[Any, ...]]]
"""The values of the rows of one list, up to AT_ONCE at a time: at least one part, which may be empty."""

Naming = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
"""Names members, up to AT_ONCE at a time, by code: whoever is not among them has no name to show."""

A = TypeVar("A", bound=Asked)

encoded = msgspec.json.Encoder(decimal_format="number").encode


def defused(value: object) -> object:
    """Return what stands in a cell of a CSV file: words that could be computed are marked as words."""
    return f"'{value}" if isinstance(value, str) and value.startswith(COMPUTED) else value


async def pages_of(ask: Callable[[A], Awaitable[Page[Any]]], asked: A) -> AsyncIterator[Sequence[Any]]:
    """Yield the whole list, a page at a time; of an empty one, one empty page."""
    while True:
        page = await ask(asked.model_copy(update={"limit": PAGE}))
        yield page.items
        if page.next is None:
            return
        asked = asked.model_copy(update={"cursor": page.next})


async def rows_of(pages: AsyncIterator[Sequence[Any]], naming: Naming | None = None) -> Rows:
    """Yield the values of the rows; with `naming`, after the code of a member the name."""
    async for page in pages:
        for start in range(0, len(page) or 1, AT_ONCE):
            rows = [astuple(one) for one in page[start : start + AT_ONCE]]
            if naming and rows:
                names = await naming([row[0] for row in rows])
                rows = [(row[0], names.get(row[0]), *row[1:]) for row in rows]
            yield rows
            await asyncio.sleep(0)


async def as_csv(columns: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
    """Yield the file: UTF-8 with a mark, as spreadsheets want it, the columns' names in the first line."""
    head = b"\xef\xbb\xbf" + _lines([columns])
    async for part in rows:
        yield head + _lines([map(defused, one) for one in part])
        head = b""


def _lines(rows: Sequence[Any]) -> bytes:
    lines = StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


class Workbooks:
    """Writes workbooks, a few at once."""

    def __init__(self) -> None:
        self._writing = 0
        self.bound = Bound("workbooks written at once", WORKBOOKS_MAX, lambda: self._writing)

    async def write(self, columns: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
        """Yield the workbook once all rows are in it. Raises Overloaded before any work is done."""
        if self._writing >= WORKBOOKS_MAX:
            raise Overloaded(f"{WORKBOOKS_MAX} workbooks are being written; a CSV file can be had at once")
        self._writing += 1
        try:
            first = await anext(rows)
            yield b""  # what could be refused was; the answer may begin long before there is a workbook
            async with _writer() as process:
                async for chunk in _written(process, columns, first, rows):
                    yield chunk
        finally:
            self._writing -= 1


Namer = Callable[[str, str], Naming]
"""By whose right (an Authorization header) and what for: what names the members of a file."""


@dataclass(frozen=True)
class Files:
    """What writes lists as files, and who names the members in them."""

    workbooks: Workbooks
    namer: Namer


async def file_of(
    workbooks: Workbooks,
    listed: type[Any],
    ask: Callable[[A], Awaitable[Page[Any]]],
    asked: A,
    about: str,
    naming: Naming | None = None,
) -> StreamingResponse:
    """Return the whole list as the file that `asked.format` says, named after its rows and what it is about.

    With `naming`, each member's name stands beside the code. Raises RequestValidationError, Overloaded, and
    what `naming` raises: the first part is waited for.
    """
    columns = [field.name for field in fields(listed)]
    if naming:
        columns.insert(1, "name")
    rows = rows_of(pages_of(ask, asked), naming)
    body = as_csv(columns, rows) if asked.format == "csv" else workbooks.write(columns, rows)
    name = f"{listed.__name__.removesuffix('Listed').lower()}s-{about}.{asked.format}"
    return StreamingResponse(
        _begun(await anext(body), body),
        media_type=MEDIA[asked.format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _begun(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


@asynccontextmanager
async def _writer() -> AsyncIterator[Process]:
    """Run the process that writes a workbook; end it whatever happens here."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.reporting.lists.workbook", stdin=PIPE, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _written(
    process: Process, columns: Sequence[str], first: Sequence[Any], rows: Rows
) -> AsyncIterator[bytes]:
    assert process.stdin
    assert process.stdout
    await _feed(process.stdin, [columns, *first])
    async for part in rows:
        await _feed(process.stdin, part)
    process.stdin.close()
    while chunk := await process.stdout.read(CHUNK):
        yield chunk
    if await process.wait():
        raise RuntimeError("the workbook was not finished")  # the download breaks off


async def _feed(stdin: asyncio.StreamWriter, part: Sequence[Any]) -> None:
    stdin.writelines([encoded(one) + b"\n" for one in part])
    await stdin.drain()
