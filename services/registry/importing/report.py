"""What is said of a file, row by row: each problem with its rule and the rule's source.

It is kept beside the log, so it repeats no cell that may name a person: it says where to look.
"""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from services.chassis.errors import Refused

SHOWN_MAX = 1_000
"""Problems of a file that are told, and as many flags; all of them are counted."""


class Beside(BaseModel):
    """The other of two that are not alike: another row, or what the registry holds under a code."""

    row: int | None = None
    code: str | None = None
    differs: dict[str, tuple[str | None, str | None]] = Field(
        description="by column: in this row, and there; what identifies a person is named without its value"
    )


class Problem(BaseModel):
    """One thing wrong: where, by which rule, and what the rule rests on."""

    row: int | None = Field(description="as a spreadsheet counts: the header is row 1")
    column: str | None = None
    rule: str
    source: str
    detail: str
    beside: Beside | None = None


class FileRefused(Exception):
    """Reading on makes no sense: the report says why."""


class Report:
    """All that is said of one file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.flags: list[Problem] = []
        self.ended_by: Problem | None = None
        self.problems_total = 0
        self.flags_total = 0

    def add(
        self,
        refusal: Refused,
        *,
        row: int | None = None,
        column: str | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Note why a row, or the file, is not recorded."""
        self.problems_total += 1
        if len(self.problems) < SHOWN_MAX:
            self.problems.append(_problem(refusal, row, column, beside))

    def flag(self, refusal: Refused, *, row: int, beside: Beside) -> None:
        """Note what a person should look at; it keeps nothing from being recorded."""
        self.flags_total += 1
        if len(self.flags) < SHOWN_MAX:
            self.flags.append(_problem(refusal, row, None, beside))

    def refuse(self, refusal: Refused, *, row: int | None = None) -> FileRefused:
        """Note, before all else, why the file is not read on, and return what to raise."""
        self.problems_total += 1
        self.ended_by = _problem(refusal, row, None, None)
        self.problems = [self.ended_by, *self.problems[: SHOWN_MAX - 1]]
        return FileRefused()


def beside(
    mine: Mapping[str, str | None],
    other: Mapping[str, str | None],
    personal: frozenset[str],
    *,
    row: int | None = None,
    code: str | None = None,
) -> Beside:
    """Return two side by side, in what they differ. What is personal is shown to nobody here."""
    differs: dict[str, tuple[str | None, str | None]] = {}
    for column in mine:
        if mine[column] != other.get(column):
            shown = (None, None) if column in personal else (mine[column], other.get(column))
            differs[column] = shown
    return Beside(row=row, code=code, differs=differs)


def _problem(refusal: Refused, row: int | None, column: str | None, other: Beside | None) -> Problem:
    source = (type(refusal).__doc__ or "").strip()
    return Problem(
        row=row, column=column, rule=type(refusal).__name__, source=source, detail=str(refusal), beside=other
    )
