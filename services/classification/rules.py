"""What a rule pack makes of a year: pure arithmetic over a pack, a superior's report and a cell's own record.

A pack is data (`packs/*.json`): levels, conditions and aggregation, each with its source and legal
tag. Comparisons use exact fractions; only the figures in the reasons are rounded, half up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from contracts.vocabulary import Score
from services.chassis.errors import Refused
from services.chassis.stated import Command, Rule, Stated
from services.classification import domain
from services.classification.domain import Ruling

Level = Literal["EXCELLENT", "GOOD", "COMPLETED", "NOT_COMPLETED"]
Measure = Literal[
    "tasks_done_pct",
    "tasks_late_pct",
    "tasks_above_requirement_pct",
    "disciplined",
    "shortcomings_remedied_pct",
]
Count = Annotated[int, Strict(), Field(ge=0, le=100_000)]

SIGNS = {"eq": "=", "gte": ">=", "lte": "<="}


class ScoreOutOfScale(Refused):
    """366-QĐ/TW: of 100 points, 30 are for the common criteria and 70 for the results."""


# -- A pack, as its file states it -----------------------------------------------------------------


class Document(Stated):
    """The document a pack reads. Numbers repeat, so the date belongs to the name."""

    number: str
    date: date


class EarliestOn(Rule):
    """The day (`MM-DD`) of the year itself from which the year may be decided."""

    value: str = Field(pattern=r"^\d{2}-\d{2}$")


class Scale(Rule):
    """How the points divide."""

    common_max: Decimal
    results_max: Decimal


class Drop(Rule):
    """Where a score goes whose level's conditions fail."""

    value: Literal["HIGHEST_LEVEL_WHOSE_CONDITIONS_HOLD"]


class Condition(Rule):
    """What must hold beside the score."""

    measure: Measure
    op: Literal["eq", "gte", "lte"]
    value: Decimal

    def holds(self, figure: Fraction) -> bool:
        """Return whether the exact `figure` passes."""
        threshold = Fraction(self.value)
        match self.op:
            case "eq":
                return figure == threshold
            case "gte":
                return figure >= threshold
            case "lte":
                return figure <= threshold


class Band(Rule):
    """One level: from which score on, and what else it takes."""

    level: Level
    name_vi: str
    name_en: str
    score_min: Decimal
    conditions: tuple[Condition, ...]


class FourGood(Rule):
    """When the self-assessments of a year make the cell four-good for the year.

    `missing_months_max` due months may lack a submission, and `lacking_months_max` submitted ones a good.
    """

    yearly_suffices: bool
    months_min: int
    missing_months_max: int
    lacking_months_max: int


class Pack(Stated):
    """The rules of one document in one version of our reading."""

    name: str
    version: str
    document: Document
    title_vi: str
    title_en: str
    effective_on: date
    earliest_on: EarliestOn
    scale: Scale
    drop: Drop
    levels: tuple[Band, ...]
    four_good: FourGood

    @model_validator(mode="after")
    def _descending(self) -> Self:
        """Refuse a pack whose last level does not take whatever is left: a score could fall through."""
        scores = [band.score_min for band in self.levels]
        if scores != sorted(scores, reverse=True) or scores[-1] != 0 or self.levels[-1].conditions:
            raise ValueError("levels go down to 0, and the last one has no conditions")
        return self

    def for_year(self, year: int) -> domain.Pack:
        """Return what a decision about `year` has to know of this pack."""
        month, day = map(int, self.earliest_on.value.split("-"))
        return domain.Pack(self.name, self.version, self.effective_on, date(year, month, day))


# -- What is judged --------------------------------------------------------------------------------


class Tasks(Stated):
    """The year's tasks. `done` counts those done to the quality asked; `late` those not on time."""

    assigned: Annotated[int, Strict(), Field(ge=1, le=100_000)]
    done: Count
    late: Count
    above_requirement: Count

    @model_validator(mode="after")
    def _within_assigned(self) -> Self:
        if self.done > self.assigned or self.late > self.assigned or self.above_requirement > self.done:
            raise ValueError("above_requirement <= done <= assigned, and late <= assigned")
        return self


class Shortcomings(Stated):
    """Shortcomings found in earlier years, and how many of them were remedied."""

    found: Count
    remedied: Count

    @model_validator(mode="after")
    def _within_found(self) -> Self:
        if self.remedied > self.found:
            raise ValueError("remedied <= found")
        return self


class Report(Command):
    """What the superior states about the year. `disciplined` counts subordinate units and leading members."""

    common_score: Score
    results_score: Score
    tasks: Tasks
    disciplined: Count
    shortcomings: Shortcomings

    @property
    def score(self) -> Decimal:
        """Return the points of 100."""
        return self.common_score + self.results_score

    def figures(self) -> dict[Measure, Fraction]:
        """Return every measure exactly. Where nothing was found, nothing was left unremedied."""
        tasks, (found, remedied) = self.tasks, (self.shortcomings.found, self.shortcomings.remedied)
        return {
            "tasks_done_pct": Fraction(100 * tasks.done, tasks.assigned),
            "tasks_late_pct": Fraction(100 * tasks.late, tasks.assigned),
            "tasks_above_requirement_pct": Fraction(100 * tasks.above_requirement, tasks.assigned),
            "disciplined": Fraction(self.disciplined),
            "shortcomings_remedied_pct": Fraction(100 * remedied, found) if found else Fraction(100),
        }


class OwnRecord(Stated):
    """How the cell assessed itself: four-good or not, by month submitted, and for the year where yearly.

    `due` are the months for which a monthly framework bound the cell and which were over.
    """

    due: tuple[str, ...] = ()
    months: Mapping[str, bool | None] = {}
    yearly: bool | None = None


# -- The ruling ------------------------------------------------------------------------------------


def evaluate(pack: Pack, report: Report, record: OwnRecord) -> Ruling:
    """Return the level, four-good or not, and why. Raises ScoreOutOfScale."""
    if report.common_score > pack.scale.common_max or report.results_score > pack.scale.results_max:
        raise ScoreOutOfScale(
            f"{report.common_score} + {report.results_score}:"
            f" at most {pack.scale.common_max} + {pack.scale.results_max}"
        )
    level, reasons = _level(pack, report)
    four_good, why = _four_good(pack.four_good, record)
    return Ruling(level, four_good, report.score, [*reasons, why])


def _level(pack: Pack, report: Report) -> tuple[Level, list[str]]:
    """Return the highest level within the score whose conditions hold, and every reason on the way there."""
    figures = report.figures()
    in_reach = [band for band in pack.levels if report.score >= band.score_min]
    reasons = [f"score {report.score}: at least {in_reach[0].score_min}, so {in_reach[0].level} is in reach"]
    for band in in_reach:
        failed = list(_failed(band, figures))
        if not failed:
            return band.level, [*reasons, f"{band.level}: all {len(band.conditions)} conditions hold"]
        reasons += failed
    raise AssertionError("the last level of a pack has no conditions")


def _failed(band: Band, figures: Mapping[Measure, Fraction]) -> Iterator[str]:
    for condition in band.conditions:
        figure = figures[condition.measure]
        if not condition.holds(figure):
            yield (
                f"not {band.level}: {condition.measure} is {shown(figure)},"
                f" must be {SIGNS[condition.op]} {condition.value} ({condition.source})"
            )


def _four_good(rule: FourGood, record: OwnRecord) -> tuple[bool, str]:
    """Return whether the year is four-good, and why in words."""
    if rule.yearly_suffices and record.yearly is not None:
        return record.yearly, f"{'' if record.yearly else 'not '}four-good: the yearly self-assessment"
    missing = [month for month in record.due if month not in record.months]
    lacking = [month for month in record.due if month in record.months and not record.months[month]]
    submitted = len(record.due) - len(missing)
    counts = (
        f"{submitted} of {len(record.due)} due months submitted, {submitted - len(lacking)} of them four-good"
    )
    if len(record.due) < rule.months_min:
        return False, f"not four-good: no yearly self-assessment, and {counts}"
    if len(missing) > rule.missing_months_max:
        return False, f"not four-good: {counts}; missing {_listed(missing)}"
    if len(lacking) > rule.lacking_months_max:
        return False, f"not four-good: {counts}; not in {_listed(lacking)}"
    return True, f"four-good: {counts}"


def _listed(months: Sequence[str]) -> str:
    return ", ".join(months)


def shown(figure: Fraction) -> str:
    """Return `figure` with two decimals, half up; the comparison itself is exact."""
    exact = Decimal(figure.numerator) / Decimal(figure.denominator)
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))
