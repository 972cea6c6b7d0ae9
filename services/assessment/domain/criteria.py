"""Criteria: the questions of a framework, and how the answer to one is judged."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from services.assessment.domain.calendar import Period
from services.assessment.domain.figures import Measured
from services.chassis.errors import NotYetKnown, Refused


class WronglyAnswered(Refused):
    """What is measured is answered with its figure, what is scored with points, the rest with yes or no.

    No more points than it is worth, and none below zero (house rule).
    """


class DiffersFromRecorded(NotYetKnown):
    """A figure that recorded meetings show is stated as they show it, or left out (house rule).

    Minutes may be on their way.
    """


Compare = Callable[[Decimal, Decimal], bool]

MEETINGS_NAMED_MAX = 366
"""Meetings that one figure names; of a cell that met more often in a year, the latest."""

OPERATORS: dict[str, Compare] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "eq": operator.eq,
    "lte": operator.le,
}


@dataclass(frozen=True)
class Answer:
    """What a cell says to one criterion."""

    criterion: str
    achieved: bool | None = None
    value: Decimal | None = None
    note: str | None = None
    measured_from: tuple[str, ...] = ()
    """The meetings that the value was measured from, where a measure fills it."""

    def stored(self) -> dict[str, Any]:
        """Return it as a fact keeps it: `measured_from` only where it was measured."""
        kept = asdict(self)
        measured_from = kept.pop("measured_from")
        return kept | ({"measured_from": list(measured_from)} if measured_from else {})


@dataclass(frozen=True)
class Threshold:
    """What a figure must be: `gt`, `gte`, `eq` or `lte` to `value`."""

    op: str
    value: Decimal

    def passes(self, figure: Decimal) -> bool:
        """Return whether `figure` passes. Decimals compare exactly: 85 is not over 85."""
        return OPERATORS[self.op](figure, self.value)


@dataclass(frozen=True)
class Criterion:
    """One question. `kind` is ACHIEVED, MEASURED or SCORED, `period` MONTH, QUARTER or YEAR.

    `measured_by` is one of `figures.MEASURES`, where recorded meetings give the value. What is SCORED is
    worth `points_max`. `kinds` of cells or sectors are asked it, all where none is named. New fields have
    defaults: older facts lack them.
    """

    criterion: str
    name_vi: str
    name_en: str
    kind: str
    test: Threshold | None
    unit: str | None
    period: str
    source: str
    legal_tag: str
    measured_by: str | None = None
    mandatory: bool = True
    points_max: Decimal | None = None
    kinds: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Criterion:
        """Return the criterion that was stored, or that a command carries in the same shape."""
        test = Threshold(**stored["test"]) if stored["test"] else None
        return cls(**stored | {"test": test, "kinds": tuple(stored.get("kinds", ()))})

    def stored(self) -> dict[str, Any]:
        """Return it as lists, texts and decimals."""
        return asdict(self) | {"kinds": list(self.kinds)}

    def asked_in(self, period: Period) -> bool:
        """Return whether it is asked in `period`: a year asks everything, a month what a month can show."""
        if period.is_year or self.period == "MONTH":
            return True
        return self.period == "QUARTER" and period.ends_quarter

    def measure(self, answer: Answer, figures: Mapping[str, Measured]) -> Answer:
        """Return `answer` with what was recorded as its value; with none where there was nothing to measure.

        Raises DiffersFromRecorded.
        """
        if self.measured_by is None:
            return answer
        recorded = figures[self.measured_by]
        if answer.value not in (None, recorded.value) or (recorded.value is None and answer.achieved):
            shown = "nothing to measure" if recorded.value is None else f"{recorded.value}"
            raise DiffersFromRecorded(f"{self.criterion}: {answer.value} is stated, recorded is {shown}")
        return replace(answer, value=recorded.value, measured_from=recorded.meetings[-MEETINGS_NAMED_MAX:])

    def judge(self, answer: Answer) -> Answer:
        """Return `answer` with `achieved` decided. Raises WronglyAnswered."""
        if self.points_max is not None and not 0 <= (answer.value or 0) <= self.points_max:
            raise WronglyAnswered(f"{self.criterion}: {answer.value} of at most {self.points_max} points")
        if self.test is None:
            if answer.achieved is None or answer.value is not None:
                raise WronglyAnswered(f"{self.criterion} is answered with yes or no, not with {answer.value}")
            return answer
        if answer.value is None and self.measured_by:
            return replace(answer, achieved=None)
        if answer.value is None:
            raise WronglyAnswered(f"{self.criterion} is answered with its figure, not with yes or no")
        achieved = self.test.passes(answer.value)
        if answer.achieved not in (None, achieved):
            raise WronglyAnswered(f"{self.criterion}: with {answer.value} it is not {answer.achieved}")
        return replace(answer, achieved=achieved)


@dataclass(frozen=True)
class Good:
    """One of the goods: achieved when all of its criteria that are asked are."""

    good: str
    name_vi: str
    name_en: str
    criteria: tuple[Criterion, ...]

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Good:
        """Return the good that was stored, or that a command carries in the same shape."""
        return cls(**stored | {"criteria": tuple(Criterion.of(one) for one in stored["criteria"])})

    def stored(self) -> dict[str, Any]:
        """Return it as lists, texts and decimals."""
        return asdict(self) | {"criteria": [criterion.stored() for criterion in self.criteria]}
