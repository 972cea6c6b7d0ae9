"""Self-assessments: how a cell sees its month or year, and what its superior makes of that."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from services.assessment.application.answers import (
    AcceptSelfAssessment,
    Answering,
    CorrectSelfAssessment,
    Of,
    ReopenSubmission,
    RestateSelfAssessment,
    ResubmitSelfAssessment,
    ReturnSelfAssessment,
    SubmitSelfAssessment,
    answers,
)
from services.assessment.application.cells import Cells
from services.assessment.application.framework import CriteriaFrameworks
from services.assessment.domain import (
    Form,
    Meeting,
    Organization,
    SelfAssessment,
    SubmissionLock,
    SubmissionRules,
    Window,
    calendar,
)
from services.assessment.domain.figures import NOTHING_MEASURED, Measured
from services.assessment.domain.self_assessment import AlreadySubmitted
from services.assessment.domain.standing import NothingSubmitted
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Parameters

RULES = Path(__file__).parents[1] / "packs" / "submissions" / "self-assessments.json"

MINUTES = Meeting.Held, Meeting.Minuted, Meeting.MinutesCorrected
"""The facts that `figures` are counted from."""


class Measuring(Protocol):
    """What is read of the meetings that were recorded: a view of this service's own stream."""

    followed: frozenset[str]

    def has_read(self, source: str) -> int:
        """Return how far it has surely read `source`."""
        ...

    async def reached(self, source: str, position: int) -> None:
        """Return once everything up to `position` of `source` is read. Raises NotYetRead."""

    async def figures(self, cell: str, period: calendar.Period) -> Mapping[str, Measured]:
        """Return what the meetings of `cell` amount to in `period`, by `MEASURES`."""
        ...


class SelfAssessments:
    """The use cases of self-assessments. `rules` say until when they are taken."""

    def __init__(
        self, cells: Cells, frameworks: CriteriaFrameworks, meetings: Measuring, rules: SubmissionRules
    ) -> None:
        self.cells = cells
        self.store = cells.store
        self.frameworks = frameworks
        self.meetings = meetings
        self.rules = rules

    async def submit(self, command: SubmitSelfAssessment, origin: Origin) -> Receipt:
        """Record how a cell sees itself.

        Raises UnknownOrganization, UnknownFramework, what `SelfAssessment.submit` raises, AlreadySubmitted.
        """
        submitted_on = command.submitted_on or self.cells.today()
        cell, form, figures = await self._asked(command, submitted_on)
        assessment = SelfAssessment.submit(
            cell,
            form,
            calendar.Period(command.period),
            answers(command.results),
            figures=figures,
            window=await self._window(command.organization, command.period, submitted_on),
            submitted_on=submitted_on,
            at=self.store.clock(),
        )
        return await self.cells.record_new(assessment, origin, otherwise=AlreadySubmitted)

    @retried
    async def correct(self, command: CorrectSelfAssessment, origin: Origin) -> Receipt:
        """Replace what a cell submitted.

        Raises UnknownOrganization, UnknownFramework, NothingSubmitted, what `SelfAssessment.correct` raises.
        """
        submitted_on = command.submitted_on or self.cells.today()
        cell, form, figures = await self._asked(command, submitted_on)
        assessment = await self._submitted(command)
        assessment.correct(
            cell,
            form,
            answers(command.results),
            figures=figures,
            reason=command.reason,
            window=await self._window(command.organization, command.period, submitted_on),
            submitted_on=submitted_on,
            at=self.store.clock(),
        )
        return await self.store.record(assessment, origin=origin)

    @retried
    async def send_back(self, command: ReturnSelfAssessment, origin: Origin) -> Receipt:
        """Return it. Raises UnknownOrganization, NothingSubmitted, what `SelfAssessment.send_back` raises."""
        assessment = await self._submitted(command)
        returned_on = command.returned_on or self.cells.today()
        assessment.send_back(
            await self.cells.find_on(command.organization, returned_on),
            await self.cells.find(command.returned_by),
            returned_on=returned_on,
            reason=command.reason,
            resubmit_by=command.resubmit_by,
            at=self.store.clock(),
        )
        return await self.store.record(assessment, origin=origin)

    @retried
    async def resubmit(self, command: ResubmitSelfAssessment, origin: Origin) -> Receipt:
        """Submit it again.

        Raises UnknownOrganization, UnknownFramework, NothingSubmitted, what `SelfAssessment.resubmit` raises.
        """
        submitted_on = command.submitted_on or self.cells.today()
        cell, form, figures = await self._asked(command, submitted_on)
        assessment = await self._submitted(command)
        assessment.resubmit(
            cell,
            form,
            answers(command.results),
            figures=figures,
            window=await self._window(command.organization, command.period, submitted_on),
            submitted_on=submitted_on,
            at=self.store.clock(),
        )
        return await self.store.record(assessment, origin=origin)

    @retried
    async def accept(self, command: AcceptSelfAssessment, origin: Origin) -> Receipt:
        """Accept it. Raises UnknownOrganization, NothingSubmitted, what `SelfAssessment.accept` raises."""
        assessment = await self._submitted(command)
        accepted_on = command.accepted_on or self.cells.today()
        cell = await self.cells.find_on(command.organization, accepted_on)
        superior = await self.cells.find(command.accepted_by)
        assessment.accept(cell, superior, accepted_on=accepted_on, at=self.store.clock())
        return await self.store.record(assessment, origin=origin)

    @retried
    async def restate(self, command: RestateSelfAssessment, origin: Origin) -> Receipt:
        """Replace an accepted result.

        Raises UnknownOrganization, UnknownFramework, NothingSubmitted, what `SelfAssessment.restate` raises.
        """
        submitted_on = command.submitted_on or self.cells.today()
        cell = await self.cells.find_on(command.organization, submitted_on)
        superior = await self.cells.find(command.decided_by)
        _, form, figures = await self._asked(command, submitted_on)
        assessment = await self._submitted(command)
        assessment.restate(
            cell,
            superior,
            form,
            answers(command.results),
            figures=figures,
            reason=command.reason,
            submitted_on=submitted_on,
            at=self.store.clock(),
        )
        return await self.store.record(assessment, origin=origin)

    @retried
    async def reopen(self, command: ReopenSubmission, origin: Origin) -> Receipt:
        """Open a locked period. Raises UnknownOrganization and what `SubmissionLock.reopen` raises."""
        at = self.store.clock()
        decision = command.decision
        cell = await self.cells.find_on(command.organization, decision.date)
        superior = await self.cells.find(command.reopened_by)
        lock = await self._lock(command.organization, command.period)
        lock = lock or SubmissionLock.begin(command.organization, command.period, at=at)
        lock.reopen(
            cell,
            superior,
            number=decision.number,
            dated=decision.date,
            reason=command.reason,
            until=command.until,
            rules=self.rules,
            at=at,
        )
        return await self.store.record(lock, origin=origin)

    async def _asked(self, command: Answering, on: date) -> tuple[Organization, Form, Mapping[str, Measured]]:
        """Return the cell as it stood, the form it answers, and what its meetings show of it.

        Raises UnknownOrganization, UnknownFramework, NotYetRead.
        """
        period = calendar.Period(command.period)
        cell = await self.assessed(command.organization, period, on)
        form = await self.frameworks.form(cell, command.framework, period, on)
        return cell, form, await self.figures(cell.code, form, period)

    async def assessed(self, organization: str, period: calendar.Period, on: date) -> Organization:
        """Return the cell as it stood at the end of the period, or when it submitted, if that was before."""
        return await self.cells.find_on(organization, min(period.last_day, on))

    async def figures(self, cell: str, form: Form, period: calendar.Period) -> Mapping[str, Measured]:
        """Return what the meetings of `cell` show of what `form` measures in `period`.

        All minutes that were recorded before are counted, also what the view has yet to read; for anything
        else, as what other cells submit meanwhile, nobody waits. Raises NotYetRead.
        """
        if not form.measures(period):
            return NOTHING_MEASURED
        own = self.store.service
        if own in self.meetings.followed:
            read = self.meetings.has_read(own)
            await self.meetings.reached(own, await self.store.head(*MINUTES, after=read))
        return await self.meetings.figures(cell, period)

    async def find(self, organization: str, period: str) -> SelfAssessment:
        """Return a self-assessment and all that was told of it. Raises NotFound."""
        id = SelfAssessment.id_for(organization, period)
        assessment = await self.store.look_up(SelfAssessment, id)
        if assessment is None:
            raise NotFound(f"{organization} has submitted nothing for {period}")
        return assessment

    async def reopened(self, organization: str, period: str) -> Sequence[SubmissionLock.Reopened]:
        """Return what opened the period to the cell after it was locked, as it was recorded."""
        lock = await self._lock(organization, period)
        return lock.reopened if lock else ()

    async def _submitted(self, command: Of) -> SelfAssessment:
        await self.cells.find(command.organization)
        try:
            return await self.find(command.organization, command.period)
        except NotFound as nothing:
            raise NothingSubmitted(str(nothing)) from nothing

    async def _lock(self, organization: str, period: str) -> SubmissionLock | None:
        return await self.store.look_up(SubmissionLock, SubmissionLock.id_for(organization, period))

    async def _window(self, organization: str, period: str, on: date) -> Window:
        """Return when the cell may submit; what reopened the period is only asked for once it is locked."""
        if on < self.rules.locked_from(calendar.Period(period)):
            return Window(self.rules)
        return Window(self.rules, await self.reopened(organization, period))


def submission_rules(pack: Path = RULES) -> SubmissionRules:
    """Return when self-assessments are due and locked, as `pack` states it."""
    stated = Parameters.read(pack)
    return SubmissionRules(name=stated.title, **stated.values())
