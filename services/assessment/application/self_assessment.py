"""Commands about self-assessments."""

from typing import Annotated

from pydantic import Field

from contracts.assessment import CriterionCode
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Figure, Flag, Period, Text
from services.assessment.domain import Answer
from services.chassis.stated import Command


class AnswerGiven(Command):
    """The answer to one criterion: `achieved`, or a measured `value`; neither where it does not apply."""

    criterion: CriterionCode
    achieved: Flag | None = None
    value: Figure | None = None
    note: Text | None = None


Answers = Annotated[tuple[AnswerGiven, ...], Field(min_length=1, max_length=300)]


class SubmitSelfAssessment(Command):
    """Submit how a cell sees its month or year. `submitted_on` is today unless stated."""

    organization: Code
    period: Period
    framework: Document
    results: Answers
    submitted_on: DayOn | None = None


class Correction(Command):
    """All answers anew, and why. `submitted_on` is today unless stated."""

    framework: Document
    results: Answers
    reason: Text
    submitted_on: DayOn | None = None


class CorrectSelfAssessment(Correction):
    """Replace what a cell submitted for a period."""

    organization: Code
    period: Period


def answers(results: Answers) -> list[Answer]:
    """Return the answers of a command as the domain judges them."""
    return [Answer(**dict(given)) for given in results]
