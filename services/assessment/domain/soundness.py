"""What criteria must be to be answered: sound in themselves. A problem is told with its row and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from services.assessment.domain.bands import WHOLE, Span, holes
from services.assessment.domain.criteria import Criterion, Good
from services.assessment.domain.figures import MEASURES, QUARTERLY
from services.chassis.errors import Refused


class AskedTwice(Refused):
    """A framework names each good once, asks each criterion and measures each figure once (house rule)."""


class Untestable(Refused):
    """What is measured or scored says what its figure must and can be, a yes or no does not (house rule)."""


class MeasuredByNothing(Refused):
    """A criterion is measured by a figure that recorded meetings give, and has a test for it (house rule).

    What is asked by the quarter is measured by a quarter's figure.
    """


class WeightsDoNotAddUp(Refused):
    """Points add up to 100 in one form: of one period, for every kind of cell, none optional (house rule)."""


class BandsWithHoles(Refused):
    """Bands cover 0 to 100 points once: where points are given, and only there (house rule)."""


@dataclass(frozen=True)
class Band:
    """A level of all points together: from so many on, up to but not including `below`."""

    level: str
    name_vi: str
    name_en: str
    points_min: Decimal
    below: Decimal | None
    source: str
    legal_tag: str

    def stored(self) -> dict[str, Any]:
        """Return it as texts and decimals."""
        return asdict(self)


Problem = tuple[type[Refused], str]
"""What refuses it, and in words: the row, what is wrong with it, where it is from."""

Row = tuple[str, Criterion]
"""Where a criterion stands, and the criterion."""


def require_sound(goods: Sequence[Good], bands: Sequence[Band] = (), *, beside: Sequence[Good] = ()) -> None:
    """Raise what refuses the first problem of `goods`, naming all of them. `beside` are asked already.

    Raises AskedTwice, Untestable, MeasuredByNothing, WeightsDoNotAddUp, BandsWithHoles.
    """
    if problems := [*found(goods, bands, beside=beside)]:
        raise problems[0][0]("; ".join(words for _, words in problems))


def found(
    goods: Sequence[Good], bands: Sequence[Band] = (), *, beside: Sequence[Good] = ()
) -> Iterator[Problem]:
    """Yield what is wrong with `goods`, row by row, and with the `bands` of their points."""
    for place, good in enumerate(goods):
        if good.good in {earlier.good for earlier in goods[:place]}:
            yield AskedTwice, f"goods[{place}] {good.good}: it is named before"
    rows = [
        (f"goods[{i}].criteria[{j}] {c.criterion}", c)
        for i, good in enumerate(goods)
        for j, c in enumerate(good.criteria)
    ]
    yield from _twice(rows, [criterion for good in beside for criterion in good.criteria])
    for row, criterion in rows:
        for refusal, words in (*_untestable(criterion), *_unmeasured(criterion)):
            yield refusal, f"{row}: {words} ({criterion.source})"
    yield from _weights(rows)
    scored = any(criterion.kind == "SCORED" for _, criterion in rows)
    if scored is not bool(bands):
        yield BandsWithHoles, "points and bands go together: there is only one of them"
    for words in holes(Span(b.level, b.points_min, b.below, b.source) for b in bands):
        yield BandsWithHoles, f"bands: {words}"


def _twice(rows: Sequence[Row], known: Sequence[Criterion]) -> Iterator[Problem]:
    codes = {one.criterion for one in known}
    measures = {one.measured_by for one in known} - {None}
    for row, one in rows:
        if one.criterion in codes:
            yield AskedTwice, f"{row}: it is asked before ({one.source})"
        if one.measured_by in measures:
            yield AskedTwice, f"{row}: {one.measured_by} measures another already ({one.source})"
        codes.add(one.criterion)
        measures |= {one.measured_by} - {None}


def _untestable(one: Criterion) -> Iterator[Problem]:
    if (one.kind == "ACHIEVED") is (one.test is not None):
        yield Untestable, "a yes or no has no test" if one.test else "nothing says what its figure must be"
    if one.test and one.points_max is not None and one.test.value > one.points_max:
        yield Untestable, f"{one.test.value} cannot be reached with at most {one.points_max} points"


def _unmeasured(one: Criterion) -> Iterator[Problem]:
    if one.measured_by is None:
        return
    if one.measured_by not in MEASURES or one.kind != "MEASURED":
        yield (
            MeasuredByNothing,
            f"nothing measures it by {one.measured_by}; there are {', '.join(MEASURES)}, for MEASURED",
        )
    if one.period == "QUARTER" and one.measured_by != QUARTERLY:
        yield MeasuredByNothing, f"of a quarter there is only {QUARTERLY}"


def _weights(rows: Sequence[Row]) -> Iterator[Problem]:
    scored = [(row, one) for row, one in rows if one.kind == "SCORED"]
    for row, one in rows:
        if (one.kind == "SCORED") is not bool(one.points_max):
            words = "it is scored and worth nothing" if one.kind == "SCORED" else "points without a score"
            yield WeightsDoNotAddUp, f"{row}: {words} ({one.source})"
    for row, one in scored:
        if one.kinds or not one.mandatory or one.period != scored[0][1].period:
            yield WeightsDoNotAddUp, f"{row}: what is scored is asked together, of everyone ({one.source})"
    total = sum((one.points_max or Decimal(0) for _, one in scored), Decimal(0))
    if scored and total != WHOLE:
        last = scored[-1][1].source
        yield WeightsDoNotAddUp, f"the points add up to {total}, not to {WHOLE} ({last})"
