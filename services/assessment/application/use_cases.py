"""One command, one method, one transaction."""

from collections.abc import Mapping
from datetime import date

from contracts.days import day_of
from contracts.vocabulary import Document
from services.assessment.application.framework import IssueCriteriaFramework, Pack
from services.assessment.application.meeting import HoldMeeting, RecordSupervisorAttendance
from services.assessment.application.model_cell import SelectModelCell
from services.assessment.application.self_assessment import (
    CorrectSelfAssessment,
    SubmitSelfAssessment,
    answers,
)
from services.assessment.domain import (
    CriteriaFramework,
    Meeting,
    ModelCell,
    Organization,
    Period,
    SelfAssessment,
)
from services.assessment.domain.framework import AlreadyIssued
from services.assessment.domain.meeting import AlreadyHeld, UnknownMeeting
from services.assessment.domain.model_cell import AlreadySelected
from services.assessment.domain.self_assessment import AlreadySubmitted, NothingSubmitted, UnknownFramework
from services.chassis.aggregate import Aggregate
from services.chassis.bounds import Cache
from services.chassis.errors import AlreadyDone, Conflict, NotFound, Refused, UnknownOrganization
from services.chassis.eventlog.store import Origin, Receipt, Store, retried
from services.chassis.views.tree import Tree

FRAMEWORKS_MAX = 256
"""Criteria frameworks remembered: those in force, and those of some years before."""


class Assessment:
    """What happens in cells. `tree` knows the organizations, `packs` are the goods kept as data."""

    def __init__(self, store: Store, tree: Tree, packs: Mapping[str, Pack]) -> None:
        self.store = store
        self.tree = tree
        self.packs = packs
        self.frameworks: Cache[str, CriteriaFramework] = Cache("frameworks remembered", FRAMEWORKS_MAX)

    async def issue_criteria_framework(self, command: IssueCriteriaFramework, origin: Origin) -> Receipt:
        """Issue a criteria framework.

        Raises UnknownPack, UnknownOrganization, InTheFuture, BeforeFounding, EffectiveBeforeIssued,
        AskedTwice, Untestable, AlreadyIssued.
        """
        framework = CriteriaFramework.issue(
            await self._organization(command.organization),
            command.asks(self.packs),
            number=command.framework.number,
            dated=command.framework.date,
            title=command.title,
            period=command.period,
            effective_on=command.effective_on,
            pack=command.pack,
            at=self.store.clock(),
        )
        return await self._begin(framework, origin, otherwise=AlreadyIssued)

    async def select_model_cell(self, command: SelectModelCell, origin: Origin) -> Receipt:
        """Select a pilot or model cell.

        Raises UnknownOrganization, NotACell, NotASuperior, InTheFuture, BeforeFounding, AlreadySelected.
        """
        model_cell = ModelCell.select(
            await self._organization(command.organization),
            command.selected_by,
            role=command.role,
            selected_on=command.selected_on,
            at=self.store.clock(),
        )
        return await self._begin(model_cell, origin, otherwise=AlreadySelected)

    async def hold_meeting(self, command: HoldMeeting, origin: Origin) -> Receipt:
        """Record a meeting.

        Raises UnknownOrganization, NotACell, InTheFuture, BeforeFounding, DoesNotAddUp, NobodyPresent,
        DueBeforeMeeting, AlreadyHeld.
        """
        cell = await self._organization(command.organization)
        meeting = Meeting.hold(cell, command.meeting, command.minutes(), at=self.store.clock())
        return await self._begin(meeting, origin, otherwise=AlreadyHeld)

    @retried
    async def record_supervisor_attendance(
        self, command: RecordSupervisorAttendance, origin: Origin
    ) -> Receipt:
        """Record a visit.

        Raises UnknownOrganization, UnknownMeeting, NotHeldThere, NotASuperior, NotThatDay, AlreadyAttended.
        """
        cell = await self._organization(command.organization)
        meeting = await self.store.look_up(Meeting, Meeting.id_for(command.meeting))
        if meeting is None:
            raise UnknownMeeting(f"no meeting {command.meeting} is recorded")
        meeting.attend(
            cell,
            command.supervisor,
            command.superior,
            attended_on=command.attended_on,
            at=self.store.clock(),
        )
        return await self.store.record(meeting, origin=origin)

    async def submit_self_assessment(self, command: SubmitSelfAssessment, origin: Origin) -> Receipt:
        """Record how a cell sees itself.

        Raises UnknownOrganization, UnknownFramework, what `SelfAssessment.submit` raises, AlreadySubmitted.
        """
        cell = await self._organization(command.organization)
        assessment = SelfAssessment.submit(
            cell,
            await self._framework(cell, command.framework),
            Period(command.period),
            answers(command.results),
            submitted_on=command.submitted_on or self._today(),
            at=self.store.clock(),
        )
        return await self._begin(assessment, origin, otherwise=AlreadySubmitted)

    @retried
    async def correct_self_assessment(self, command: CorrectSelfAssessment, origin: Origin) -> Receipt:
        """Replace what a cell submitted.

        Raises UnknownOrganization, UnknownFramework, NothingSubmitted, what `SelfAssessment.correct` raises.
        """
        cell = await self._organization(command.organization)
        framework = await self._framework(cell, command.framework)
        id = SelfAssessment.id_for(command.organization, command.period)
        assessment = await self.store.look_up(SelfAssessment, id)
        if assessment is None:
            raise NothingSubmitted(f"{command.organization} has submitted nothing for {command.period}")
        assessment.correct(
            cell,
            framework,
            answers(command.results),
            reason=command.reason,
            submitted_on=command.submitted_on or self._today(),
            at=self.store.clock(),
        )
        return await self.store.record(assessment, origin=origin)

    # -- Questions, answered from the log itself

    async def meeting(self, code: str) -> Meeting:
        """Return a meeting. Raises NotFound."""
        meeting = await self.store.look_up(Meeting, Meeting.id_for(code))
        if meeting is None:
            raise NotFound(f"no meeting {code}")
        return meeting

    async def self_assessment(self, organization: str, period: str) -> SelfAssessment:
        """Return a self-assessment as it stands after its corrections. Raises NotFound."""
        id = SelfAssessment.id_for(organization, period)
        assessment = await self.store.look_up(SelfAssessment, id)
        if assessment is None:
            raise NotFound(f"{organization} has submitted nothing for {period}")
        return assessment

    # -- What the use cases share

    async def _organization(self, code: str) -> Organization:
        node = await self.tree.find(code)
        if node is None:
            raise UnknownOrganization(f"no organization {code} is known here")
        return Organization(node.code, node.kind, node.founded_on, tuple(node.path))

    async def _framework(self, cell: Organization, document: Document) -> CriteriaFramework:
        """Return the framework of this number and date that the nearest committee above `cell` issued.

        It is read once: a framework never changes. Raises UnknownFramework.
        """
        for issuer in reversed(cell.path):
            id = CriteriaFramework.id_for(issuer, document.number, document.date)
            framework = self.frameworks.get(id) or await self.store.look_up(CriteriaFramework, id)
            if framework:
                return self.frameworks.put(id, framework)
        raise UnknownFramework(
            f"neither {cell.code} nor a committee above it issued {document.number} of {document.date}"
        )

    async def _begin(self, aggregate: Aggregate, origin: Origin, *, otherwise: type[Refused]) -> Receipt:
        """Record a new aggregate. Raises `otherwise` if there is one of its id already."""
        try:
            return await self.store.record(aggregate, origin=origin)
        except AlreadyDone:
            raise
        except Conflict as conflict:
            raise otherwise(aggregate.id) from conflict

    def _today(self) -> date:
        return day_of(self.store.clock())
