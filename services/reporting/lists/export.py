"""A list as a file: CSV or a workbook of all its rows, a page in memory at a time.

The rows are read a page after the other, so nobody who downloads slowly holds a connection of the database.
A workbook is written by a process of its own (`workbook.py`), which costs a processor but not the loop.
"""

import asyncio
import csv
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, fields
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

AT_ONCE = 250
"""Rows written before others in the process have their turn."""

WORKBOOKS_MAX = 2
"""Workbooks written at once: each takes a processor, and some 30 MB."""

CHUNK = 65_536

COMPUTED = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell of a CSV file for a formula (OWASP, CSV injection)."""

Pages = AsyncIterator[Sequence[Any]]
"""Rows of one list, a page at a time: at least one, which may be empty."""

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


async def as_csv(row: type[Any], pages: Pages) -> AsyncIterator[bytes]:
    """Yield the file: UTF-8 with a mark, as spreadsheets want it, the columns' names in the first line."""
    head = b"\xef\xbb\xbf" + _lines([[field.name for field in fields(row)]])
    async for page in pages:
        for start in range(0, len(page) or 1, AT_ONCE):
            yield head + _lines([map(defused, astuple(one)) for one in page[start : start + AT_ONCE]])
            head = b""
            await asyncio.sleep(0)


def _lines(rows: Sequence[Any]) -> bytes:
    lines = StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


class Workbooks:
    """Writes workbooks, a few at once."""

    def __init__(self) -> None:
        self._writing = 0
        self.bound = Bound("workbooks written at once", WORKBOOKS_MAX, lambda: self._writing)

    async def write(self, row: type[Any], pages: Pages) -> AsyncIterator[bytes]:
        """Yield the workbook once all rows are in it. Raises Overloaded before any work is done."""
        if self._writing >= WORKBOOKS_MAX:
            raise Overloaded(f"{WORKBOOKS_MAX} workbooks are being written; a CSV file can be had at once")
        self._writing += 1
        try:
            first = await anext(pages)
            yield b""  # what could be refused was; the answer may begin long before there is a workbook
            async with _writer() as process:
                async for chunk in _written(process, row, first, pages):
                    yield chunk
        finally:
            self._writing -= 1


async def file_of(
    workbooks: Workbooks,
    listed: type[Any],
    ask: Callable[[A], Awaitable[Page[Any]]],
    asked: A,
    about: str,
) -> StreamingResponse:
    """Return the whole list as the file that `asked.format` says, named after its rows and what it is about.

    Raises RequestValidationError, Overloaded: its first part is waited for.
    """
    pages = pages_of(ask, asked)
    body = as_csv(listed, pages) if asked.format == "csv" else workbooks.write(listed, pages)
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
    process: Process, row: type[Any], first: Sequence[Any], pages: Pages
) -> AsyncIterator[bytes]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(encoded([field.name for field in fields(row)]) + b"\n")
    await _feed(process.stdin, first)
    async for page in pages:
        await _feed(process.stdin, page)
    process.stdin.close()
    while chunk := await process.stdout.read(CHUNK):
        yield chunk
    if await process.wait():
        raise RuntimeError("the workbook was not finished")  # the download breaks off


async def _feed(stdin: asyncio.StreamWriter, page: Sequence[Any]) -> None:
    for start in range(0, len(page), AT_ONCE):
        stdin.writelines([encoded(astuple(one)) + b"\n" for one in page[start : start + AT_ONCE]])
        await stdin.drain()
        await asyncio.sleep(0)
