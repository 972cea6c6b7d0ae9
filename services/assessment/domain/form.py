"""Forms: what a framework asks of one organization, after what was added and dropped on the way down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.assessment.domain.calendar import Period
from services.assessment.domain.criteria import Answer, Criterion, Good
from services.assessment.domain.figures import NOTHING_MEASURED, Measured
from services.assessment.domain.framework import CriteriaFramework
from services.assessment.domain.organization import CELLS, Organization
from services.chassis.aggregate import Fact
from services.chassis.errors import NotYetKnown, Refused


class UnknownCriterion(NotYetKnown):
    """A cell answers what its framework asks, and what an adoption added, perhaps untold (house rule)."""


class AnsweredTwice(Refused):
    """A criterion has one answer in a period (house rule)."""


class NotAsked(Refused):
    """A yearly criterion does not apply in a month, so it is never achieved there (house rule)."""


class NothingAsked(Refused):
    """A framework that is answered by the year asks nothing in a month (Than Uyên, 2023)."""


class NotEvaluated(Refused):
    """Every criterion that is asked in a period is answered in it (house rule)."""


class NotAdopted(NotYetKnown):
    """A framework may bind only who adopts it; the news of that may be on its way (05-HD/BTCTU, S000)."""


class NotForItsKind(Refused):
    """A framework names the kinds of cells, and the sectors, that it is for (house rule)."""


class Adopting(Fact):
    """What a fact keeps of an adoption: `goods` added, codes `dropped`, its own `plan` {number, dated}."""

    organization: str
    issuer: str
    number: str
    dated: str
    adopted_on: str
    goods: list[dict[str, Any]]
    dropped: list[str]
    plan: dict[str, str] | None

    def apply(self, adoption: Any) -> None:
        """Remember it: which one counts is read when it is asked for."""
        adoption.told = (*adoption.told, self)


@dataclass(frozen=True)
class Evaluation:
    """What a cell's answers amount to. A good none of whose criteria is asked is None: not applicable.

    `points` and `level` are None where no points were asked for.
    """

    answers: tuple[Answer, ...]
    goods: tuple[tuple[str, bool | None], ...]
    points: Decimal | None = None
    level: str | None = None

    @property
    def four_good(self) -> bool:
        """Return whether every applicable good is achieved; what could not be measured is not."""
        return all(answer.achieved is not None for answer in self.answers) and all(
            achieved for _, achieved in self.goods if achieved is not None
        )


@dataclass(frozen=True)
class Form:
    """What `framework` asks of one organization, after the adoptions it rests on, from the top down."""

    framework: CriteriaFramework
    goods: tuple[Good, ...]
    adopted: tuple[Adopting, ...] = ()
    by_itself: bool = False
    """Whether the organization has adopted the framework itself."""

    @classmethod
    def of(
        cls,
        framework: CriteriaFramework,
        organization: Organization,
        adopted: Sequence[Adopting] = (),
        *,
        by_itself: bool = False,
    ) -> Form:
        """Return the form of `organization`; a committee's has what any kind of cell is asked.

        What is asked already is not asked again, and what is mandatory not dropped, whoever says so later.
        """
        goods = {good.good: good for good in framework.asks}
        for adoption in adopted:
            goods = _taken_over(goods, adoption)
        if organization.kind in CELLS:
            goods = {code: _only(good, organization) for code, good in goods.items()}
        return cls(framework, tuple(goods.values()), tuple(adopted), by_itself)

    def require_answerable(self, cell: Organization) -> None:
        """Raise NotForItsKind or NotAdopted unless `cell` is to answer it."""
        named = f"{self.framework.number} of {self.framework.dated}"
        if not cell.is_of(self.framework.kinds):
            raise NotForItsKind(f"{named} is for {', '.join(self.framework.kinds)}")
        if self.framework.requires_adoption and not (
            self.by_itself or cell.code == self.framework.organization
        ):
            raise NotAdopted(f"{cell.code} has not adopted {named}")

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
        """Return what `answers` amount to in `period`, in the form's own order.

        What is measured and left out is filled from `figures`, which are asked for where `measures` says so.
        Raises NothingAsked, UnknownCriterion, AnsweredTwice, NotAsked, NotEvaluated, WronglyAnswered,
        DiffersFromRecorded.
        """
        asked = self.asked_in(period)
        known = {criterion.criterion for good in self.goods for criterion in good.criteria}
        if unknown := [a.criterion for a in answers if a.criterion not in known]:
            named = f"{self.framework.number} of {self.framework.dated}"
            raise UnknownCriterion(f"{', '.join(unknown)}: not in {named}")
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
        goods = tuple((good.good, _all_achieved(judged, good)) for good in self.goods)
        points = [judged[c.criterion].value or Decimal(0) for c in asked if c.kind == "SCORED"]
        total = sum(points, Decimal(0)) if points else None
        level = None if total is None else self.framework.level_of(total)
        return Evaluation(tuple(judged.values()), goods, total, level)

    def asked_in(self, period: Period) -> list[Criterion]:
        """Return what is asked in `period`, in the form's own order. Raises NothingAsked."""
        criteria = self.asks_in(period)
        if not criteria:
            named = f"{self.framework.number} of {self.framework.dated}"
            raise NothingAsked(f"{named} asks nothing in {period.text}")
        return criteria

    def asks_in(self, period: Period) -> list[Criterion]:
        """Return what is asked in `period`, if anything, in the form's own order."""
        if not self.framework.answered_in(period):
            return []
        return [c for good in self.goods for c in good.criteria if c.asked_in(period)]


def _taken_over(goods: Mapping[str, Good], adoption: Adopting) -> dict[str, Good]:
    """Return `goods` without the optional criteria that `adoption` drops, and with those it adds."""
    codes = {c.criterion for good in goods.values() for c in good.criteria}
    kept = {
        name: _keeping(good, [c for c in good.criteria if c.mandatory or c.criterion not in adoption.dropped])
        for name, good in goods.items()
    }
    for good in map(Good.of, adoption.goods):
        added = [c for c in good.criteria if c.criterion not in codes]
        there = kept.get(good.good)
        kept[good.good] = _keeping(there, [*there.criteria, *added]) if there else _keeping(good, added)
    return kept


def _only(good: Good, cell: Organization) -> Good:
    return _keeping(good, [c for c in good.criteria if cell.is_of(c.kinds)])


def _keeping(good: Good, criteria: Sequence[Criterion]) -> Good:
    return replace(good, criteria=tuple(criteria))


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _all_achieved(judged: Mapping[str, Answer], good: Good) -> bool | None:
    """Return None where nothing is asked, or what is could not be measured."""
    verdicts = [judged[c.criterion].achieved for c in good.criteria if c.criterion in judged]
    if False in verdicts:
        return False
    return None if None in verdicts or not verdicts else True
