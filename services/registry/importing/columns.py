"""Rows of cells as commands: which columns there are, and what each may hold."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import ValidationError

from services.chassis.errors import Refused, plainly
from services.registry.application import AdmitMember, FoundOrganization
from services.registry.importing import rules
from services.registry.importing.cells import CELL_MAX, ROWS_MAX, Row, rows_of
from services.registry.importing.report import FileRefused, Report
from services.registry.importing.workbook import Formula

Command = FoundOrganization | AdmitMember

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAYS = frozenset({"founded_on", "decision_date", "ceremony_on", "born_on"})
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet would run, also in full width."""

REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Kind:
    """What a file may be of: its columns, and the command that a row becomes."""

    name: Literal["organizations", "members"]
    command: type[Command]
    columns: tuple[str, ...]
    needed: frozenset[str]
    personal: frozenset[str] = frozenset()


ORGANIZATIONS = Kind(
    name="organizations",
    command=FoundOrganization,
    columns=(
        "organization", "name", "kind", "parent", "sector", "founded_on",
        "decision_number", "decision_date", "external_id",
    ),
    needed=frozenset({"organization", "name", "kind", "parent", "founded_on"}),
)  # fmt: skip
MEMBERS = Kind(
    name="members",
    command=AdmitMember,
    columns=(
        "member", "organization", "decision_number", "decision_date", "ceremony_on", "standing",
        "name", "born_on", "external_id",
    ),
    needed=frozenset(
        {"member", "organization", "decision_number", "decision_date", "ceremony_on", "standing"}
    ),
    personal=frozenset({"name", "born_on", "external_id"}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One row that has the right form.

    It keeps texts only, and makes its command anew each time: a hundred thousand commands are a million
    objects, and the garbage collector's look at all of them stopped everyone for a second.
    """

    kind: Kind
    row: int
    cells: tuple[str | None, ...]

    @property
    def code(self) -> str:
        """Return the code of what the row is about: each kind's first column."""
        return str(self.cells[0])

    @property
    def texts(self) -> dict[str, str | None]:
        """Return what the row says, by column."""
        return dict(zip(self.kind.columns, self.cells, strict=True))

    @property
    def command(self) -> Any:
        """Return the command that the row is."""
        return self.kind.command.model_validate(_fields(self.texts))


@dataclass(frozen=True)
class Table:
    """A file that was read to its end: its kind, its rows of the right form, and how many there were."""

    kind: Kind
    lines: list[Line]
    rows: int


def read(body: bytes, report: Report) -> Table | None:
    """Return what a file holds, or None if the report says why nothing can be made of it."""
    try:
        return _table(rows_of(body, report), report)
    except FileRefused:
        return None


def _table(rows: Iterator[Row], report: Report) -> Table:
    number, header = next(rows, (0, []))
    if not header:
        raise report.refuse(rules.EmptyFile("there is no header"))
    columns = [_heading(cell) for cell in header]
    kind = MEMBERS if "member" in columns else ORGANIZATIONS
    if not _fits(kind, columns, number, report):
        raise FileRefused
    lines, count = [], 0
    for row, cells in rows:
        count += 1
        if line := _line(kind, columns, row, cells, report):
            lines.append(line)
    if not count:
        raise report.refuse(rules.EmptyFile("there is a header, and nothing beneath it"))
    assert count <= ROWS_MAX
    return Table(kind, lines, count)


def _heading(cell: Any) -> str:
    return cell.strip().lower() if isinstance(cell, str) else ""


def _fits(kind: Kind, columns: Sequence[str], row: int, report: Report) -> bool:
    """Return whether the header has all it needs and nothing else."""
    there = ", ".join(kind.columns)
    before = report.problems_total
    for place, column in enumerate(columns):
        if column not in kind.columns:
            said = f"column {place + 1} has a name that {kind.name} do not have; there are {there}"
            report.add(rules.UnknownColumn(said), row=row)
        elif column in columns[:place]:
            report.add(
                rules.ColumnTwice(f"columns {columns.index(column) + 1} and {place + 1}"),
                row=row,
                column=column,
            )
    for column in kind.columns:
        if column in kind.needed and column not in columns:
            hint = "; a CSV file is separated by commas" if len(columns) == 1 else ""
            report.add(rules.MissingColumn(f"{kind.name} need it{hint}"), row=row, column=column)
    return report.problems_total == before


def _line(kind: Kind, columns: Sequence[str], row: int, cells: Sequence[Any], report: Report) -> Line | None:
    """Return a row as the command it becomes, or None if the report says what is wrong with it."""
    if len(cells) > len(columns) and any(cell not in (None, "") for cell in cells[len(columns) :]):
        report.add(rules.WrongLength(f"{len(cells)} cells, {len(columns)} columns"), row=row)
        return None
    texts: dict[str, str | None] = dict.fromkeys(kind.columns)
    before = report.problems_total
    for column, cell in zip(columns, cells, strict=False):
        try:
            texts[column] = _text(column, cell)
        except Refused as refusal:
            report.add(refusal, row=row, column=column)
    if report.problems_total > before:
        return None
    try:
        kind.command.model_validate(_fields(texts))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            report.add(rules.Malformed(plainly(one)), row=row, column=_column(one["loc"], kind))
        return None
    return Line(kind, row, tuple(texts.values()))


def _text(column: str, cell: Any) -> str | None:
    """Return what a cell says, None if nothing. Raises Refused, without repeating the cell."""
    if isinstance(cell, Formula):
        raise rules.FormulaInCell("the cell is computed: copy it, and paste its value alone")
    if isinstance(cell, date):
        return _day_of(column, cell)
    if cell is None or isinstance(cell, bool | float | time) or not isinstance(cell, str | int):
        if cell is None:
            return None
        raise rules.NotText(f"the cell holds a {type(cell).__name__}: format the column as text")
    text = unicodedata.normalize("NFC", str(cell))
    if text.startswith(RUNS) or text.lstrip().startswith(RUNS):
        raise rules.FormulaInCell("the cell begins with a sign that a spreadsheet would run")
    if REPLACEMENT in text:
        raise rules.LostCharacters("the cell holds U+FFFD: export it anew, as UTF-8")
    text = text.strip()
    if len(text) > CELL_MAX:
        raise rules.Malformed(f"{len(text):,} characters; a cell has at most {CELL_MAX:,}")
    if text and column in DAYS and not DAY.fullmatch(text):
        raise rules.NotADay("write it as 2024-11-05")
    return text or None


def _day_of(column: str, cell: date) -> str:
    if column not in DAYS:
        raise rules.NotText("a spreadsheet made a date of it: format the column as text")
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise rules.NotADay("the cell holds a time of day")
        cell = cell.date()
    return cell.isoformat()


def _fields(texts: dict[str, str | None]) -> dict[str, Any]:
    """Return the fields of the command: its decision is one thing, and what is empty was not given."""
    fields: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    number, dated = fields.pop("decision_number", None), fields.pop("decision_date", None)
    if number or dated:
        fields["decision"] = {k: v for k, v in (("number", number), ("date", dated)) if v}
    return fields


def _column(place: tuple[int | str, ...], kind: Kind) -> str:
    name = "_".join(str(part) for part in place)
    return name if name in kind.columns else "decision_number"
