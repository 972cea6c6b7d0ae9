"""How a cell's answers are judged: by its framework and what its meetings show, whatever they are part of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.calendar import Period
from services.assessment.domain.criteria import Answer
from services.assessment.domain.figures import Measured
from services.assessment.domain.form import Form
from services.assessment.domain.organization import BeforeFounding, Organization
from services.chassis.errors import Refused


class FuturePeriod(Refused):
    """A cell assesses a month that has begun, as the province counts days (house rule)."""


class NotInForce(Refused):
    """A framework is answered from the period in which it takes effect (house rule)."""


class SubmittedTooEarly(Refused):
    """A form is signed in its period or later, a correction not before what it corrects (house rule)."""


def judged_by(
    cell: Organization,
    form: Form,
    period: Period,
    answers: Sequence[Answer],
    figures: Mapping[str, Measured],
    *,
    submitted_on: date,
    at: datetime,
) -> dict[str, Any]:
    """Return the fields that every version of a self-assessment has.

    Raises NotACell, FuturePeriod, InTheFuture, BeforeFounding, SubmittedTooEarly, NotInForce, NotForItsKind,
    NotAdopted and what `Form.evaluate` raises.
    """
    framework = form.framework
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
    form.require_answerable(cell)
    evaluation = form.evaluate(period, answers, figures)
    return {
        "organization": cell.code,
        "period": period.text,
        "issuer": framework.organization,
        "number": framework.number,
        "dated": framework.dated,
        "results": [answer.stored() for answer in evaluation.answers],
        "goods": [{"good": good, "achieved": achieved} for good, achieved in evaluation.goods],
        "four_good": evaluation.four_good,
        "points": evaluation.points,
        "level": evaluation.level,
        "adopted": [{"organization": one.organization, "adopted_on": one.adopted_on} for one in form.adopted]
        or None,
        "submitted_on": submitted_on.isoformat(),
    }
