"""What is stated of self-assessments: a cell's answers, and what its superior decides about them."""

from typing import Annotated

from pydantic import Field

from contracts.assessment import CriterionCode
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Figure, Flag, Period, Text
from services.assessment.domain import Answer
from services.chassis.stated import Command


class AnswerGiven(Command):
    """The answer to one criterion: `achieved`, or a measured `value`; neither where it does not apply.

    What recorded meetings answer may be left out: it is filled in.
    """

    criterion: CriterionCode
    achieved: Flag | None = None
    value: Figure | None = None
    note: Text | None = None


Answers = Annotated[tuple[AnswerGiven, ...], Field(min_length=1, max_length=300)]


class Of(Command):
    """Whose self-assessment, and of which period."""

    organization: Code
    period: Period


class Resubmission(Command):
    """All answers anew. `submitted_on` is today unless stated."""

    framework: Document
    results: Answers
    submitted_on: DayOn | None = None


class Answering(Resubmission, Of):
    """Answers, of whom and when: all that the commands below have alike."""


class SubmitSelfAssessment(Answering):
    """Submit how a cell sees its month or year. `submitted_on` is today unless stated."""


class ResubmitSelfAssessment(Answering):
    """Submit again what was returned."""


class Correction(Resubmission):
    """All answers anew, and why. `submitted_on` is today unless stated."""

    reason: Text


class CorrectSelfAssessment(Correction, Answering):
    """Replace what a cell submitted for a period."""


class Return(Command):
    """Why a superior gives it back, and by when the cell is to answer; `returned_on` may be left out."""

    returned_by: Code
    returned_on: DayOn | None = None
    reason: Text
    resubmit_by: DayOn


class ReturnSelfAssessment(Return, Of):
    """Return a self-assessment to the cell."""


class Acceptance(Command):
    """Who accepts it. `accepted_on` is today unless stated."""

    accepted_by: Code
    accepted_on: DayOn | None = None


class AcceptSelfAssessment(Acceptance, Of):
    """Accept a self-assessment as the cell's result."""


class Restatement(Correction):
    """All answers anew, why, and which superior decided so."""

    decided_by: Code


class RestateSelfAssessment(Restatement, Answering):
    """Replace an accepted result."""


class Reopening(Command):
    """By which decision of whom, why, and to the end of which day a locked period is open."""

    reopened_by: Code
    decision: Document
    reason: Text
    until: DayOn


class ReopenSubmission(Reopening, Of):
    """Open a locked period to one cell."""


def answers(results: Answers) -> list[Answer]:
    """Return the answers of a command as the domain judges them."""
    return [Answer(**dict(given)) for given in results]
