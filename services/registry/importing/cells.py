"""A file as rows of cells: CSV or XLSX, told apart by how it begins."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from typing import Any

from services.registry.importing import rules
from services.registry.importing.report import FileRefused, Report
from services.registry.importing.workbook import sheet_rows

ROWS_MAX = 150_000
"""Rows of a file: a province's members, and half as many again."""

CELL_MAX = 2_000
"""Characters of a cell."""

UTF16 = (b"\xff\xfe", b"\xfe\xff")
WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""How .xlsx begins, and the older .xls, and an .xlsx with a password."""

Row = tuple[int, list[Any]]
"""A row's number as a spreadsheet counts, and its cells."""


def rows_of(body: bytes, report: Report) -> Iterator[Row]:
    """Yield the rows of a file that are not empty, the header first. Raises FileRefused."""
    rows = sheet_rows(body, report) if body.startswith(WORKBOOKS) else _lines(body, report)
    for count, row in enumerate(rows):
        if count > ROWS_MAX:
            raise report.refuse(
                rules.TooManyRows(f"more than {ROWS_MAX:,} rows; divide the file by committee"), row=row[0]
            )
        yield row


def _lines(body: bytes, report: Report) -> Iterator[Row]:
    """Yield the rows of a CSV file."""
    reader = csv.reader(io.StringIO(_decoded(body, report), newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error:
        begun = "the quote that begins in the row after this one, or in this one, does not end"
        raise report.refuse(rules.BrokenQuotes(begun), row=number) from None


def _decoded(body: bytes, report: Report) -> str:
    """Return the text of a CSV file, each letter in its one form (NFC). Names every row that is not UTF-8."""
    if body.startswith(UTF16):
        raise report.refuse(rules.NotUtf8("this is UTF-16: save it as “CSV UTF-8”"), row=1)
    try:
        return unicodedata.normalize("NFC", body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        for number, line in enumerate(body.split(b"\n"), 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                said = f"byte {error.start + 1} of the row is not UTF-8: save the file as “CSV UTF-8”"
                report.add(rules.NotUtf8(said), row=number)
        raise FileRefused from None
