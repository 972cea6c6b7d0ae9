"""A workbook as rows of cells, read with openpyxl as a stream, after its outside was looked at.

A small file can unpack to gigabytes, so every part's size is read from the archive's directory first;
the zip library reads no more of a part than its directory says.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl

from services.registry.importing import rules
from services.registry.importing.report import Report

INFLATED_MAX = 128_000_000
"""Bytes of all that is in a workbook, unpacked."""

PARTS_MAX = 256

PART_MAX = 4_000_000
"""Bytes of a part that holds neither cells nor their texts: such parts become objects in memory."""

COLUMNS_MAX = 64
"""Columns of a sheet; a header has no more than ten."""

LAST_ROW = 1_048_576
"""The last row there can be (ECMA-376). A file may claim others, and empty ones before it."""

CELLS = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s")
CHUNK = 1_000_000

UNREADABLE = (
    BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,  # what ElementTree raises for broken XML
    OSError,
    EOFError,
    RuntimeError,
    ArithmeticError,
)
"""What a damaged workbook makes the libraries raise."""


def sheet_rows(body: bytes, report: Report) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows of the one sheet that are not empty, the header first. Raises FileRefused.

    Cells are text, or what a spreadsheet made of them: numbers, dates, truths; formulas as `Formula`.
    """
    try:
        with ZipFile(io.BytesIO(body)) as archive:
            _look_at(archive, report)
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    except UNREADABLE as error:
        raise _unreadable(report, error) from None
    if len(book.sheetnames) != 1 or not book.worksheets:
        raise report.refuse(rules.OneSheet(f"this has {len(book.sheetnames)}: " + _listed(book.sheetnames)))
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what a file says of its size need not be true
    number = 0
    rows = sheet.iter_rows()
    while True:
        try:
            row = next(rows, None)
            cells = None if row is None else [Formula() if c.data_type == "f" else c.value for c in row]
        except UNREADABLE as error:
            raise _unreadable(report, error, row=number + 1) from None
        if cells is None:
            return
        number += 1
        if len(cells) > COLUMNS_MAX or number > LAST_ROW:
            said = f"there are cells beyond column {COLUMNS_MAX}, or beyond row {LAST_ROW:,}: delete them"
            raise report.refuse(rules.WrongLength(said), row=number)
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


class Formula:
    """A cell that is computed."""


def _look_at(archive: ZipFile, report: Report) -> None:
    parts = archive.infolist()
    inflated = sum(part.file_size for part in parts)
    if inflated > INFLATED_MAX or len(parts) > PARTS_MAX:
        said = f"{len(parts):,} parts with {inflated:,} bytes; there may be {PARTS_MAX} with {INFLATED_MAX:,}"
        raise report.refuse(rules.InflatesTooFar(said))
    for part in parts:
        if not CELLS.fullmatch(part.filename) and part.file_size > PART_MAX:
            said = f"a part beside the cells has {part.file_size:,} bytes; it may have {PART_MAX:,}"
            raise report.refuse(rules.InflatesTooFar(said))
        if part.filename.startswith("xl/worksheets/") and _is_merged(archive, part.filename):
            raise report.refuse(rules.MergedCells("undo “merge cells” and write each value in its own cell"))


def _is_merged(archive: ZipFile, part: str) -> bool:
    with archive.open(part) as stream:
        end = b""
        while chunk := stream.read(CHUNK):
            if MERGED.search(end + chunk):
                return True
            end = chunk[-64:]
    return False


def _listed(names: list[str]) -> str:
    return f"keep one of {len(names)} and delete the rest" if names else "it has none that can be read"


def _unreadable(report: Report, error: Exception, row: int | None = None) -> Exception:
    said = "save it as .xlsx, without a password"
    return report.refuse(rules.NotAWorkbook(f"cannot be read ({type(error).__name__}): {said}"), row=row)
