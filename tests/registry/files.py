"""Files as an officer would send them, made on the spot."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

MEMBERS = [
    "member", "organization", "decision_number", "decision_date", "ceremony_on", "standing",
    "name", "born_on", "external_id",
]  # fmt: skip
ORGANIZATIONS = [
    "organization", "name", "kind", "parent", "sector", "founded_on",
    "decision_number", "decision_date", "external_id",
]  # fmt: skip
PROVINCE = ["LAI-CHAU", "Đảng bộ tỉnh Lai Châu", "PROVINCIAL_COMMITTEE", "", "", "1949-10-10", "", "", ""]
DISTRICT = [
    "THAN-UYEN",
    "Đảng bộ huyện Than Uyên",
    "DISTRICT_COMMITTEE",
    "LAI-CHAU",
    "",
    "1950-01-01",
    "",
    "",
    "",
]
CELL = [
    "TU-C-001", "Chi bộ Tài chính", "GRASSROOTS_CELL", "THAN-UYEN", "AGENCY", "2004-01-01",
    "12-QĐ/HU", "2003-12-20", "DC-77",
]  # fmt: skip
LAN = [
    "M-0042", "TU-C-001", "31-QĐ/HU", "2024-11-04", "2024-11-20", "PROBATIONARY",
    "Nguyễn Thị Lan", "1990-05-31", "CSDL3:42",
]  # fmt: skip
HUNG = [
    "M-0043",
    "TU-C-001",
    "32-QĐ/HU",
    "2024-11-05",
    "2024-11-21",
    "FULL",
    "Trần Văn Hùng",
    "1985-01-02",
    "",
]


def changed(row: Sequence[Any], **cells: Any) -> list[Any]:
    """Return a row with other cells, by their columns."""
    columns = MEMBERS if row[0].startswith("M-") else ORGANIZATIONS
    return [cells.get(column, cell) for column, cell in zip(columns, row, strict=True)]


def as_csv(*rows: Sequence[Any], header: Sequence[str] | None = None) -> bytes:
    """Return rows as CSV in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header or (MEMBERS if rows and str(rows[0][0]).startswith("M-") else ORGANIZATIONS))
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(
    *rows: Sequence[Any], header: Sequence[str] = MEMBERS, touch: Callable[[Any], None] = len
) -> bytes:  # type: ignore[assignment]
    """Return rows as a workbook; `touch` may do something more to its sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append([cell if cell != "" else None for cell in row])
    if touch is not len:
        touch(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(workbook: bytes, part: str, replaced: bytes) -> bytes:
    """Return a workbook with one part replaced, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, replaced)
    return out.getvalue()
