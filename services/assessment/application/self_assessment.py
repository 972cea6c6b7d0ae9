"""Self-assessments: how a cell sees its month or year, and what it takes back."""

from typing import Annotated

from pydantic import Field

from contracts.assessment import CriterionCode
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Figure, Flag, Period, Text
from services.assessment.application.cells import Cells
from services.assessment.application.framework import CriteriaFrameworks
from services.assessment.domain import Answer, SelfAssessment, calendar
from services.assessment.domain.self_assessment import AlreadySubmitted, NothingSubmitted
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Origin, Receipt, retried
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


class SelfAssessments:
    """The use cases of self-assessments."""

    def __init__(self, cells: Cells, frameworks: CriteriaFrameworks) -> None:
        self.cells = cells
        self.store = cells.store
        self.frameworks = frameworks

    async def submit(self, command: SubmitSelfAssessment, origin: Origin) -> Receipt:
        """Record how a cell sees itself.

        Raises UnknownOrganization, UnknownFramework, what `SelfAssessment.submit` raises, AlreadySubmitted.
        """
        cell = await self.cells.find(command.organization)
        assessment = SelfAssessment.submit(
            cell,
            await self.frameworks.find(cell, command.framework),
            calendar.Period(command.period),
            answers(command.results),
            submitted_on=command.submitted_on or self.cells.today(),
            at=self.store.clock(),
        )
        return await self.cells.record_new(assessment, origin, otherwise=AlreadySubmitted)

    @retried
    async def correct(self, command: CorrectSelfAssessment, origin: Origin) -> Receipt:
        """Replace what a cell submitted.

        Raises UnknownOrganization, UnknownFramework, NothingSubmitted, what `SelfAssessment.correct` raises.
        """
        cell = await self.cells.find(command.organization)
        framework = await self.frameworks.find(cell, command.framework)
        id = SelfAssessment.id_for(command.organization, command.period)
        assessment = await self.store.look_up(SelfAssessment, id)
        if assessment is None:
            raise NothingSubmitted(f"{command.organization} has submitted nothing for {command.period}")
        assessment.correct(
            cell,
            framework,
            answers(command.results),
            reason=command.reason,
            submitted_on=command.submitted_on or self.cells.today(),
            at=self.store.clock(),
        )
        return await self.store.record(assessment, origin=origin)

    async def find(self, organization: str, period: str) -> SelfAssessment:
        """Return a self-assessment as it stands after its corrections. Raises NotFound."""
        id = SelfAssessment.id_for(organization, period)
        assessment = await self.store.look_up(SelfAssessment, id)
        if assessment is None:
            raise NotFound(f"{organization} has submitted nothing for {period}")
        return assessment
