"""What a clerk's file holds: JSON Lines, CSV or XLSX as events, each row with what is wrong with it.

The shapes are documented in contracts/publisher/README.md.
"""

import csv
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn
from zipfile import BadZipFile, ZipFile

import openpyxl

from contracts.publisher.checking import Checked, Problem, Unacceptable, checked
from deploy.cli.cells import NotAValue, event_of

FILE_BYTES_MAX = 64_000_000
INFLATED_MAX = 512_000_000
ROWS_MAX = 100_000
COLUMNS_MAX = 256

TYPE = re.compile(r"[a-z]+\.[A-Za-z0-9]+\.v[0-9]+")
UNREADABLE = (
    BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    OSError,
)
"""What a damaged workbook makes the libraries raise."""

SHAPES = {".jsonl", ".ndjson", ".csv", ".xlsx"}


@dataclass
class Sheet:
    """The events of a file, or what is wrong with it, by row. All of a file is good, or none of it counts."""

    events: list[Checked] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """Where each event stood."""
    bad: list[tuple[int, Problem]] = field(default_factory=list)


def read(name: str, body: bytes, source: str) -> Sheet:
    """Return what a file of that name holds. Row 0 is the file as a whole."""
    sheet = Sheet()
    try:
        for row, said in _rows(name, body):
            if len(sheet.events) + len(sheet.bad) >= ROWS_MAX:
                _whole("TooLong", f"a file has at most {ROWS_MAX:,} rows")
            try:
                sheet.events.append(
                    checked(event_of(said) if isinstance(said, _Cells) else _line(said), source)
                )
                sheet.rows.append(row)
            except Unacceptable as error:
                sheet.bad += [(row, problem) for problem in error.problems]
    except Unacceptable as error:
        sheet.bad += [(0, problem) for problem in error.problems]
    return sheet


class _Cells(list[tuple[str, Any]]):
    """A row of a table: column and cell, and the type that the file's name gives it."""


def _rows(name: str, body: bytes) -> Iterator[tuple[int, Any]]:
    if len(body) > FILE_BYTES_MAX:
        _whole("TooLarge", f"a file has at most {FILE_BYTES_MAX:,} bytes")
    shape = name[name.rfind(".") :].lower()
    if shape == ".xlsx":
        yield from _table(name, _workbook(body))
    elif shape == ".csv":
        yield from _table(name, _csv(_text(body)))
    else:
        lines = enumerate(_text(body).split("\n"), 1)
        yield from ((number, line) for number, line in lines if line.strip())


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        _whole("NotUtf8", "it is not in UTF-8: save it as “CSV UTF-8”")


def _line(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unacceptable(Problem("", "Malformed", f"not JSON: {error}")) from None
    if not isinstance(said, dict):
        raise Unacceptable(Problem("", "Malformed", "a line is a JSON object"))
    return said


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


# -- Tables


def _table(name: str, rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, _Cells]]:
    """Yield each row beneath a header with the names of its columns."""
    given = TYPE.match(name)
    columns: list[str] | None = None
    for row, cells in rows:
        if row == 1:
            columns = None  # of another sheet
        if not any(cell not in (None, "") for cell in cells):
            continue
        if columns is None:
            columns = [str(cell or "").strip() for cell in cells]
            _check_header(columns, typed=bool(given))
            continue
        if any(cell not in (None, "") for cell in cells[len(columns) :]):
            _whole("WrongLength", f"row {row} has cells beyond the header")
        said = _Cells([("type", given[0])] if given and "type" not in columns else [])
        said += zip(columns, cells, strict=False)
        yield row, said


def _check_header(columns: list[str], *, typed: bool) -> None:
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        _whole("ColumnTwice", ", ".join(twice))
    if len(columns) > COLUMNS_MAX:
        _whole("WrongLength", f"a table has at most {COLUMNS_MAX} columns")
    if not typed and "type" not in columns:
        _whole("NoType", "a column `type` says which event a row is, or the name of the file begins with it")


def _csv(text: str) -> Iterator[tuple[int, list[Any]]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        _whole("Malformed", f"line {reader.line_num}: {error}")


def _workbook(body: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows of each sheet; every sheet has a header of its own, in its first row."""
    try:
        with ZipFile(io.BytesIO(body)) as archive:
            if sum(part.file_size for part in archive.infolist()) > INFLATED_MAX:
                _whole("TooLarge", f"unpacked it has more than {INFLATED_MAX:,} bytes")
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a file says of its size need not be true
            for number, row in enumerate(sheet.iter_rows(), 1):
                cells = [NotAValue() if cell.data_type in ("f", "e") else cell.value for cell in row]
                while cells and cells[-1] is None:
                    cells.pop()
                yield number, cells
    except Unacceptable:
        raise
    except UNREADABLE as error:
        _whole("Malformed", f"this workbook cannot be read: {error}")


def _whole(rule: str, detail: str) -> NoReturn:
    raise Unacceptable(Problem("", rule, detail))
