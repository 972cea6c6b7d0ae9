"""Writes a workbook: `python -m services.reporting.lists.workbook < rows > workbook.xlsx`.

Each line is a JSON list, the first one the names of the columns. A process of its own, because a hundred
thousand rows are some ten seconds of work; openpyxl keeps them in a file, never in memory.
"""

import sys
from collections.abc import Iterable
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell


def write(lines: Iterable[bytes], out: BinaryIO) -> None:
    """Write `lines` as a workbook to `out`. Words stay words, even if they look like a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("list")
    sheet.freeze_panes = "A2"
    for line in lines:
        sheet.append([_cell(sheet, value) for value in msgspec.json.decode(line)])
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        copyfileobj(file, out)


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("="):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


if __name__ == "__main__":
    write(sys.stdin.buffer, sys.stdout.buffer)
