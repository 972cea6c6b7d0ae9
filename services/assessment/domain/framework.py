"""Criteria frameworks: what a committee asks the cells beneath it, and how an answer is judged."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from services.assessment.domain.calendar import Period
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


class WronglyAnswered(Refused):
    """A measured criterion is answered with its figure, any other with yes or no (house rule)."""


Compare = Callable[[Decimal, Decimal], bool]

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
    """One question. `kind` is ACHIEVED or MEASURED, `period` MONTH, QUARTER or YEAR."""

    criterion: str
    name_vi: str
    name_en: str
    kind: str
    test: Threshold | None
    unit: str | None
    period: str
    source: str
    legal_tag: str

    def asked_in(self, period: Period) -> bool:
        """Return whether it is asked in `period`: a year asks everything, a month what a month can show."""
        if period.is_year or self.period == "MONTH":
            return True
        return self.period == "QUARTER" and period.ends_quarter

    def judge(self, answer: Answer) -> Answer:
        """Return `answer` with `achieved` decided. Raises WronglyAnswered."""
        if self.test is None:
            if answer.achieved is None or answer.value is not None:
                raise WronglyAnswered(f"{self.criterion} is answered with yes or no, not with {answer.value}")
            return answer
        if answer.value is None:
            raise WronglyAnswered(f"{self.criterion} is answered with its figure, not with yes or no")
        achieved = self.test.passes(answer.value)
        if answer.achieved not in (None, achieved):
            raise WronglyAnswered(f"{self.criterion}: with {answer.value} it is not {answer.achieved}")
        return Answer(self.criterion, achieved, answer.value, answer.note)


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
        criteria = (c | {"test": Threshold(**c["test"]) if c["test"] else None} for c in stored["criteria"])
        return cls(**stored | {"criteria": tuple(Criterion(**criterion) for criterion in criteria)})

    def stored(self) -> dict[str, Any]:
        """Return it as lists, texts and decimals."""
        return asdict(self) | {"criteria": [asdict(criterion) for criterion in self.criteria]}


@dataclass(frozen=True)
class Evaluation:
    """What a cell's answers amount to. A good none of whose criteria is asked is None: not applicable."""

    answers: tuple[Answer, ...]
    goods: tuple[tuple[str, bool | None], ...]

    @property
    def four_good(self) -> bool:
        """Return whether every applicable good is achieved."""
        return all(achieved for _, achieved in self.goods if achieved is not None)


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

        Raises InTheFuture, BeforeFounding, EffectiveBeforeIssued, AskedTwice, Untestable.
        """
        issuer.require_past(dated, at=at)
        if effective_on < dated:
            raise EffectiveBeforeIssued(f"{number} of {dated} cannot apply from {effective_on}")
        criteria = [criterion for good in goods for criterion in good.criteria]
        if twice := _twice([good.good for good in goods]) + _twice([c.criterion for c in criteria]):
            raise AskedTwice(", ".join(twice))
        if untestable := [c.criterion for c in criteria if (c.kind == "MEASURED") is (c.test is None)]:
            raise Untestable(", ".join(untestable))
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

    def evaluate(self, period: Period, answers: Sequence[Answer]) -> Evaluation:
        """Return what `answers` amount to in `period`, in the framework's own order.

        Raises NothingAsked, UnknownCriterion, AnsweredTwice, NotAsked, NotEvaluated, WronglyAnswered.
        """
        asked = self._asked_in(period)
        known = {criterion.criterion for good in self.asks for criterion in good.criteria}
        if unknown := [a.criterion for a in answers if a.criterion not in known]:
            raise UnknownCriterion(f"{', '.join(unknown)}: not in {self.number} of {self.dated}")
        if twice := _twice([answer.criterion for answer in answers]):
            raise AnsweredTwice(", ".join(twice))
        given = {a.criterion: a for a in answers if a.achieved is not None or a.value is not None}
        if extra := given.keys() - {criterion.criterion for criterion in asked}:
            raise NotAsked(f"{', '.join(sorted(extra))}: not asked in {period.text}")
        if missing := [c.criterion for c in asked if c.criterion not in given]:
            raise NotEvaluated(f"no answer to {', '.join(missing)}")
        judged = {c.criterion: c.judge(given[c.criterion]) for c in asked}
        goods = tuple((good.good, _all_achieved(judged, good)) for good in self.asks)
        return Evaluation(tuple(judged.values()), goods)

    def _asked_in(self, period: Period) -> list[Criterion]:
        criteria = [c for good in self.asks for c in good.criteria if c.asked_in(period)]
        if not criteria or (self.period == "YEAR" and not period.is_year):
            raise NothingAsked(f"{self.number} of {self.dated} asks nothing in {period.text}")
        return criteria


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _all_achieved(judged: dict[str, Answer], good: Good) -> bool | None:
    verdicts = [judged[c.criterion].achieved for c in good.criteria if c.criterion in judged]
    return all(verdicts) if verdicts else None
