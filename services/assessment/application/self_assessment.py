"""Self-assessments: how a cell sees its month or year, and what it takes back."""

from collections.abc import Mapping
from typing import Annotated, Protocol

from pydantic import Field

from contracts.assessment import CriterionCode
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Figure, Flag, Period, Text
from services.assessment.application.cells import Cells
from services.assessment.application.framework import CriteriaFrameworks
from services.assessment.domain import Answer, CriteriaFramework, SelfAssessment, calendar
from services.assessment.domain.figures import NOTHING_MEASURED, Measured
from services.assessment.domain.self_assessment import AlreadySubmitted, NothingSubmitted
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Origin, Receipt, retried
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


class Measuring(Protocol):
    """What is read of the meetings that were recorded: a view of this service's own stream."""

    followed: frozenset[str]

    async def reached(self, source: str, position: int) -> None:
        """Return once everything up to `position` of `source` is read. Raises NotYetRead."""

    async def figures(self, cell: str, period: calendar.Period) -> Mapping[str, Measured]:
        """Return what the meetings of `cell` amount to in `period`, by `MEASURES`."""
        ...


class SelfAssessments:
    """The use cases of self-assessments."""

    def __init__(self, cells: Cells, frameworks: CriteriaFrameworks, meetings: Measuring) -> None:
        self.cells = cells
        self.store = cells.store
        self.frameworks = frameworks
        self.meetings = meetings

    async def submit(self, command: SubmitSelfAssessment, origin: Origin) -> Receipt:
        """Record how a cell sees itself.

        Raises UnknownOrganization, UnknownFramework, what `SelfAssessment.submit` raises, AlreadySubmitted.
        """
        cell = await self.cells.find(command.organization)
        framework = await self.frameworks.find(cell, command.framework)
        period = calendar.Period(command.period)
        assessment = SelfAssessment.submit(
            cell,
            framework,
            period,
            answers(command.results),
            figures=await self.figures(cell.code, framework, period),
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
            figures=await self.figures(cell.code, framework, calendar.Period(command.period)),
            reason=command.reason,
            submitted_on=command.submitted_on or self.cells.today(),
            at=self.store.clock(),
        )
        return await self.store.record(assessment, origin=origin)

    async def figures(
        self, cell: str, framework: CriteriaFramework, period: calendar.Period
    ) -> Mapping[str, Measured]:
        """Return what the meetings of `cell` show of what `framework` measures in `period`.

        All that was recorded before is counted, also what the view has yet to read. Raises NotYetRead.
        """
        if not framework.measures(period):
            return NOTHING_MEASURED
        if self.store.service in self.meetings.followed:
            await self.meetings.reached(self.store.service, await self.store.head())
        return await self.meetings.figures(cell, period)

    async def find(self, organization: str, period: str) -> SelfAssessment:
        """Return a self-assessment as it stands after its corrections. Raises NotFound."""
        id = SelfAssessment.id_for(organization, period)
        assessment = await self.store.look_up(SelfAssessment, id)
        if assessment is None:
            raise NotFound(f"{organization} has submitted nothing for {period}")
        return assessment
