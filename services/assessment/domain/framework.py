"""Criteria frameworks: what a committee asks the cells beneath it, and how an answer is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from unicodedata import normalize

from services.assessment.domain.calendar import Period
from services.assessment.domain.criteria import Answer, Criterion, Good
from services.assessment.domain.figures import MEASURES, NOTHING_MEASURED, QUARTERLY, Measured
from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused


class AlreadyIssued(Refused):
    """A committee issues a document once; a change has a number or a date of its own (house rule)."""


class EffectiveBeforeIssued(Refused):
    """Criteria do not reach back before their document: nobody knew them then (house rule)."""


class AskedTwice(Refused):
    """A framework names each good once, and asks each criterion once (house rule)."""


class Untestable(Refused):
    """A measured criterion says what its figure must be, a yes or no does not (house rule)."""


class MeasuredByNothing(Refused):
    """A criterion is measured by a figure that recorded meetings give, and has a test for it (house rule).

    What is asked by the quarter is measured by a quarter's figure.
    """


class UnknownCriterion(Refused):
    """A cell answers what its framework asks (house rule)."""


class AnsweredTwice(Refused):
    """A criterion has one answer in a period (house rule)."""


class NotAsked(Refused):
    """A yearly criterion does not apply in a month, so it is never achieved there (house rule)."""


class NothingAsked(Refused):
    """A framework that is answered by the year asks nothing in a month (Than Uyên, 2023)."""


class NotEvaluated(Refused):
    """Every criterion that is asked in a period is answered in it (house rule)."""


@dataclass(frozen=True)
class Evaluation:
    """What a cell's answers amount to. A good none of whose criteria is asked is None: not applicable."""

    answers: tuple[Answer, ...]
    goods: tuple[tuple[str, bool | None], ...]

    @property
    def four_good(self) -> bool:
        """Return whether every applicable good is achieved; what could not be measured is not."""
        return all(answer.achieved is not None for answer in self.answers) and all(
            achieved for _, achieved in self.goods if achieved is not None
        )


class CriteriaFramework(Aggregate):
    """A committee's criteria, by document: number and date are needed, 12-HD/BTCTW is two of them.

    Numbers are the issuer's own: two districts may each have a 01-HD/HU of the same day.
    """

    TOPIC = "assessment.CriteriaFramework"

    # -- State: what self-assessments are judged by
    organization: str
    number: str
    dated: str
    period: str
    effective_on: str
    asks: tuple[Good, ...] = field(init=False)

    # -- Facts
    class Event(Fact):
        """A fact about one framework."""

    class Issued(FirstFact):
        """`dated` and `effective_on` are ISO dates; `pack` names the data the goods came from, if any."""

        TOPIC = "assessment.CriteriaFramework.Issued"
        organization: str
        number: str
        dated: str
        title: str
        period: str
        effective_on: str
        goods: list[dict[str, Any]]
        pack: str | None

        def apply(self, framework: CriteriaFramework) -> None:
            """Read the goods once, however often they are asked."""
            framework.asks = tuple(Good.of(good) for good in self.goods)

    # -- Decisions
    @staticmethod
    def id_for(issuer: str, number: str, dated: date) -> str:
        """Return `framework-<issuer>-<number>-<date>`, one for every way to encode the number's accents."""
        return f"framework-{issuer}-{normalize('NFC', number)}-{dated}"

    @classmethod
    def issue(
        cls,
        issuer: Organization,
        goods: Sequence[Good],
        *,
        number: str,
        dated: date,
        title: str,
        period: str,
        effective_on: date,
        pack: str | None,
        at: datetime,
    ) -> CriteriaFramework:
        """Issue criteria to the whole subtree of `issuer`. `period` is MONTH or YEAR.

        Raises InTheFuture, BeforeFounding, EffectiveBeforeIssued, AskedTwice, Untestable,
        MeasuredByNothing.
        """
        issuer.require_past(dated, at=at)
        if effective_on < dated:
            raise EffectiveBeforeIssued(f"{number} of {dated} cannot apply from {effective_on}")
        criteria = [criterion for good in goods for criterion in good.criteria]
        if twice := _twice([good.good for good in goods]) + _twice([c.criterion for c in criteria]):
            raise AskedTwice(", ".join(twice))
        if untestable := [c.criterion for c in criteria if (c.kind == "MEASURED") is (c.test is None)]:
            raise Untestable(", ".join(untestable))
        _require_measurable(criteria)
        return cls._create(
            cls.Issued,
            id=cls.id_for(issuer.code, number, dated),
            organization=issuer.code,
            number=number,
            dated=dated.isoformat(),
            title=title,
            period=period,
            effective_on=effective_on.isoformat(),
            goods=[good.stored() for good in goods],
            pack=pack,
            timestamp=at,
        )

    def measures(self, period: Period) -> bool:
        """Return whether recorded meetings answer any of what is asked in `period`."""
        return any(criterion.measured_by for criterion in self.asks_in(period))

    def draft(self, period: Period, figures: Mapping[str, Measured]) -> list[tuple[Criterion, Answer]]:
        """Return what is asked in `period`, each with as much of its answer as `figures` give.

        Raises NothingAsked.
        """
        return [
            (c, c.judge(c.measure(Answer(c.criterion), figures)) if c.measured_by else Answer(c.criterion))
            for c in self.asked_in(period)
        ]

    def evaluate(
        self,
        period: Period,
        answers: Sequence[Answer],
        figures: Mapping[str, Measured] = NOTHING_MEASURED,
    ) -> Evaluation:
        """Return what `answers` amount to in `period`, in the framework's own order.

        What is measured and left out is filled from `figures`, which are asked for where `measures` says so.
        Raises NothingAsked, UnknownCriterion, AnsweredTwice, NotAsked, NotEvaluated, WronglyAnswered,
        DiffersFromRecorded.
        """
        asked = self.asked_in(period)
        known = {criterion.criterion for good in self.asks for criterion in good.criteria}
        if unknown := [a.criterion for a in answers if a.criterion not in known]:
            raise UnknownCriterion(f"{', '.join(unknown)}: not in {self.number} of {self.dated}")
        if twice := _twice([answer.criterion for answer in answers]):
            raise AnsweredTwice(", ".join(twice))
        said = {answer.criterion: answer for answer in answers}
        given = {code: a for code, a in said.items() if a.achieved is not None or a.value is not None}
        if extra := given.keys() - {criterion.criterion for criterion in asked}:
            raise NotAsked(f"{', '.join(sorted(extra))}: not asked in {period.text}")
        for c in (one for one in asked if one.measured_by):
            given[c.criterion] = c.measure(said.get(c.criterion, Answer(c.criterion)), figures)
        if missing := [c.criterion for c in asked if c.criterion not in given]:
            raise NotEvaluated(f"no answer to {', '.join(missing)}")
        judged = {c.criterion: c.judge(given[c.criterion]) for c in asked}
        goods = tuple((good.good, _all_achieved(judged, good)) for good in self.asks)
        return Evaluation(tuple(judged.values()), goods)

    def asked_in(self, period: Period) -> list[Criterion]:
        """Return what is asked in `period`, in the framework's own order. Raises NothingAsked."""
        criteria = self.asks_in(period)
        if not criteria:
            raise NothingAsked(f"{self.number} of {self.dated} asks nothing in {period.text}")
        return criteria

    def asks_in(self, period: Period) -> list[Criterion]:
        """Return what is asked in `period`, if anything, in the framework's own order."""
        if self.period == "YEAR" and not period.is_year:
            return []
        return [c for good in self.asks for c in good.criteria if c.asked_in(period)]


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _require_measurable(criteria: Sequence[Criterion]) -> None:
    """Raise MeasuredByNothing or AskedTwice if what some are measured by cannot be, or is asked twice."""
    measured = [criterion for criterion in criteria if criterion.measured_by]
    for c in measured:
        if c.measured_by not in MEASURES or c.test is None:
            raise MeasuredByNothing(f"{c.criterion}: {c.measured_by}; there are {', '.join(MEASURES)}")
        if c.period == "QUARTER" and c.measured_by != QUARTERLY:
            raise MeasuredByNothing(f"{c.criterion}: of a quarter there is only {QUARTERLY}")
    if twice := _twice([f"{criterion.measured_by}" for criterion in measured]):
        raise AskedTwice(", ".join(twice))


def _all_achieved(judged: Mapping[str, Answer], good: Good) -> bool | None:
    """Return None where nothing is asked, or what is could not be measured."""
    verdicts = [judged[c.criterion].achieved for c in good.criteria if c.criterion in judged]
    if False in verdicts:
        return False
    return None if None in verdicts or not verdicts else True
