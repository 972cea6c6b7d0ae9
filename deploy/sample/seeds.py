"""The data files of the sample, read and checked: one per article (S000 to S004), and the criteria.

`illustrative` on a row says what of it the article does not say. Counts, names and dates are data here;
the other modules only spread them out.
"""

import datetime as dt
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "articles"


class Row(BaseModel):
    """A row of a data file: an unknown key is a mistake in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    illustrative: str = ""


class Organization(Row):
    """An organization that the file names."""

    code: str
    name: str
    kind: str
    parent: str | None = None
    sector: str | None = None


class NamedRow(Row):
    """One of several named organizations; its own sector goes before the group's."""

    code: str
    name: str
    sector: str | None = None


class Named(Row):
    """Several named organizations of one kind under one parent."""

    kind: str
    parent: str
    sector: str | None = None
    rows: list[NamedRow]


class Numbered(Row):
    """As many more organizations of one kind as the file lacks of `total`, dealt out among `parents`."""

    kind: str
    total: int
    code: str
    name: str
    parents: list[str] = Field(description="codes or kinds")
    excluded: list[str] = Field(default=[], alias="except")
    sector: str | None = None


class Members(Row):
    """`count` members, or as many as the seed lacks of `fill_to`, spread over those of `at` without."""

    prefix: str
    at: list[str] = Field(description="codes or kinds")
    excluded: list[str] = Field(default=[], alias="except")
    count: int | None = None
    fill_to: int | None = None
    first_on: dt.date
    last_on: dt.date
    probationary_from: dt.date = dt.date.max


class Framework(Row):
    """A criteria framework; `only` picks from criteria.toml, nothing picks all."""

    organization: str
    number: str
    date: dt.date
    title: str
    period: Literal["MONTH", "YEAR"]
    effective_on: dt.date
    only: list[str] = []


class Target(Row):
    """How many members a committee's subtree should admit in a year."""

    organization: str
    year: str
    target: int
    set_on: dt.date


class MeetingRow(Row):
    """One meeting; `solutions` says whether it discussed solutions."""

    meeting: str
    kind: str
    held_at: dt.datetime
    duration_min: int
    topic: str
    present: int
    excused: int
    unexcused: int = 0
    solutions: bool
    resolution: dict[str, str] | None = None
    tasks: list[dict[str, str | dt.date]] = []


class Meetings(Row):
    """The meetings of one cell while its numbers stay the same."""

    organization: str
    full: int
    probationary: int
    rows: list[MeetingRow]


class Visit(Row):
    """A superior's member at a meeting: by code, never by name."""

    meeting: str
    supervisor: str
    superior: str


class SelfAssessments(Row):
    """A cell's self-assessments: per period, the answers that differ from the usual ones."""

    organization: str
    late: list[str] = []
    periods: dict[str, dict[str, bool | str]]


class ModelCells(Row):
    """The cells that a committee chose on one day."""

    selected_by: str
    selected_on: dt.date
    role: str
    cells: list[str]


class Launch(Row):
    """The launch of the movement by `organization`, and by those of `carried_on_by` on the same day."""

    organization: str
    number: str
    date: dt.date
    title: str
    launched_on: dt.date
    follows: dict[str, Any] | None = None
    carried_on_by: list[str] = Field(default=[], description="codes or kinds beneath it")
    carried_on_as: str = ""


class Agreement(Row):
    """What `organization` agreed with each of `partners`; both sides signed on one day."""

    organization: str
    partners: list[str]
    code: str
    agreed: str
    signed_on: dt.date


class Registration(Row):
    """A cell's registration for a year, as its meeting resolved, by the framework of its file."""

    organization: str
    year: str
    meeting: str
    registered_on: dt.date


class Classes(Row):
    """A year's classes, decided elsewhere: how many of `at` have which level."""

    at: list[str] = Field(description="codes or kinds")
    year: str
    decided_by: str
    decided_on: dt.date
    levels: dict[str, int]
    four_good: list[str]
    reason: str


class Seed(Row):
    """One article's figures."""

    seed: str
    founded_on: dt.date
    founded_on_note: str
    admission_decision: str
    organization: list[Organization]
    named: list[Named] = []
    numbered: list[Numbered] = []
    members: list[Members] = []
    framework: Framework | None = None
    target: list[Target] = []
    meetings: list[Meetings] = []
    visit: list[Visit] = []
    self_assessments: list[SelfAssessments] = []
    model_cells: list[ModelCells] = []
    launch: list[Launch] = []
    agreement: list[Agreement] = []
    registration: list[Registration] = []
    classes: list[Classes] = []


class Criterion(Row):
    """A criterion and its `usual` answer."""

    criterion: str
    name_vi: str
    name_en: str
    kind: Literal["ACHIEVED", "MEASURED"]
    op: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    usual: bool | str
    period: Literal["MONTH", "QUARTER", "YEAR"]
    source: str
    legal_tag: str


class Good(Row):
    """One of the goods, with its sample criteria."""

    good: str
    name_vi: str
    name_en: str
    criteria: list[Criterion]


@cache
def seeds() -> tuple[Seed, ...]:
    """Return the five articles' figures, in the order of the articles."""
    return tuple(
        Seed.model_validate(tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("S*.toml"))
    )


@cache
def goods() -> tuple[Good, ...]:
    """Return the sample criteria, by good."""
    rows = tomllib.loads((FOLDER / "criteria.toml").read_text("utf-8"))["good"]
    return tuple(Good.model_validate(row) for row in rows)
