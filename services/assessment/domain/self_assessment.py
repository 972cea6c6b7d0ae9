"""Self-assessments: how a cell sees its own month or year, and what it takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.calendar import Period
from services.assessment.domain.criteria import Answer
from services.assessment.domain.figures import NOTHING_MEASURED, Measured
from services.assessment.domain.framework import CriteriaFramework
from services.assessment.domain.organization import BeforeFounding, Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused


class FuturePeriod(Refused):
    """A cell assesses a month that has begun, as the province counts days (house rule)."""


class UnknownFramework(NotYetKnown):
    """A cell assesses itself by what it, or a committee above it, issued (05-HD/BTCTU, 2024-05-19)."""


class NotInForce(Refused):
    """A framework is answered from the period in which it takes effect (house rule)."""


class SubmittedTooEarly(Refused):
    """A form is signed in its period or later, a correction not before what it corrects (house rule)."""


class AlreadySubmitted(Refused):
    """A period is assessed once; what was wrong is corrected, with a reason (house rule)."""


class NothingSubmitted(NotYetKnown):
    """Only what was submitted can be corrected; that may be on its way (house rule)."""


class NothingCorrected(Refused):
    """A correction changes at least one answer (house rule)."""


class SelfAssessment(Aggregate):
    """One cell's assessment of itself for one period."""

    TOPIC = "assessment.SelfAssessment"

    # -- State: the latest answers; the fact itself answers who asks for them
    organization: str
    period: str
    latest: SelfAssessment.Submitted | SelfAssessment.Corrected = field(init=False)

    # -- Facts. `results` are `Answer.stored`, `goods` {good, achieved}, as judged
    class Event(Fact):
        """A fact about one self-assessment."""

    class Submitted(FirstFact):
        TOPIC = "assessment.SelfAssessment.Submitted"
        organization: str
        period: str
        issuer: str
        number: str
        dated: str
        results: list[dict[str, Any]]
        goods: list[dict[str, Any]]
        four_good: bool
        submitted_on: str

        def apply(self, assessment: SelfAssessment) -> None:
            """Remember the answers."""
            assessment.latest = self

    class Corrected(Event):
        TOPIC = "assessment.SelfAssessment.Corrected"
        organization: str
        period: str
        issuer: str
        number: str
        dated: str
        results: list[dict[str, Any]]
        goods: list[dict[str, Any]]
        four_good: bool
        submitted_on: str
        reason: str

        def apply(self, assessment: SelfAssessment) -> None:
            """Remember the answers that replace the earlier ones."""
            assessment.latest = self

    # -- Decisions
    @staticmethod
    def id_for(organization: str, period: str) -> str:
        """Return `self-assessment-<organization>-<period>`."""
        return f"self-assessment-{organization}-{period}"

    @classmethod
    def submit(
        cls,
        cell: Organization,
        framework: CriteriaFramework,
        period: Period,
        answers: Sequence[Answer],
        *,
        figures: Mapping[str, Measured] = NOTHING_MEASURED,
        submitted_on: date,
        at: datetime,
    ) -> SelfAssessment:
        """Record how `cell` saw itself in `period`, judged by `framework` and what its meetings show.

        Raises NotACell, FuturePeriod, InTheFuture, BeforeFounding, SubmittedTooEarly, NotInForce and
        what `CriteriaFramework.evaluate` raises.
        """
        judged = _judged(cell, framework, period, answers, figures, submitted_on=submitted_on, at=at)
        return cls._create(cls.Submitted, id=cls.id_for(cell.code, period.text), **judged, timestamp=at)

    def correct(
        self,
        cell: Organization,
        framework: CriteriaFramework,
        answers: Sequence[Answer],
        *,
        figures: Mapping[str, Measured] = NOTHING_MEASURED,
        reason: str,
        submitted_on: date,
        at: datetime,
    ) -> None:
        """Replace the answers, and say why. Raises NothingCorrected and what `submit` raises."""
        period = Period(self.period)
        judged = _judged(cell, framework, period, answers, figures, submitted_on=submitted_on, at=at)
        if judged["submitted_on"] < self.latest.submitted_on:
            raise SubmittedTooEarly(f"{submitted_on} is before {self.latest.submitted_on}, which it corrects")
        if all(judged[name] == vars(self.latest)[name] for name in ("issuer", "number", "dated", "results")):
            raise NothingCorrected(f"{self.organization} {self.period}")
        self.trigger_event(self.Corrected, **judged, reason=reason, timestamp=at)


def _judged(
    cell: Organization,
    framework: CriteriaFramework,
    period: Period,
    answers: Sequence[Answer],
    figures: Mapping[str, Measured],
    *,
    submitted_on: date,
    at: datetime,
) -> dict[str, Any]:
    """Return the fields a submission and a correction share. Raises as `SelfAssessment.submit` says."""
    cell.require_cell()
    if period.first_day > day_of(at):
        raise FuturePeriod(f"{period.text} begins after today, {day_of(at)}")
    cell.require_past(submitted_on, at=at)
    if period.last_day < cell.founded_on:
        raise BeforeFounding(f"{period.text}: {cell.code} was founded on {cell.founded_on}")
    if submitted_on < period.first_day:
        raise SubmittedTooEarly(f"{submitted_on} is before {period.text}")
    if date.fromisoformat(framework.effective_on) > period.last_day:
        raise NotInForce(f"{framework.number} applies from {framework.effective_on}, after {period.text}")
    evaluation = framework.evaluate(period, answers, figures)
    return {
        "organization": cell.code,
        "period": period.text,
        "issuer": framework.organization,
        "number": framework.number,
        "dated": framework.dated,
        "results": [answer.stored() for answer in evaluation.answers],
        "goods": [{"good": good, "achieved": achieved} for good, achieved in evaluation.goods],
        "four_good": evaluation.four_good,
        "submitted_on": submitted_on.isoformat(),
    }
