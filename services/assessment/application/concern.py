"""Concerns: raised at a cell's meeting, dealt with by the committee that has them, told back to the cell."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from contracts.assessment_concerns import Reason, Step
from contracts.message import Code, DayOn
from contracts.vocabulary import Document, Flag, Line, Text, Word
from services.assessment.application.cells import Cells
from services.assessment.application.meeting import Meetings
from services.assessment.domain import Concern, ConcernRules, Taking
from services.assessment.domain.concern.concern import AlreadyRaised, NotOfThatCell, UnknownConcern
from services.chassis.calendar import working_days
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command, Parameters

RULES = Path(__file__).parents[1] / "packs" / "concerns" / "acknowledgement.json"


class RaiseConcern(Command):
    """Raise a concern at a meeting of the cell, with a committee above it: about a matter, not a person."""

    concern: Code
    organization: Code
    meeting: Code
    raised_on: DayOn
    raised_to: Code
    matter: Line
    category: Word
    hot_spot_risk: Flag = False


class AcknowledgeConcern(Command):
    """Tell the cell in writing, by a document, that the concern is accepted."""

    by: Code
    acknowledged_on: DayOn
    document: Document


class Stepping(Command):
    """A step of a concern's life; without `step` it is the next one."""

    step: Step | None = None


class AnswerConcern(Stepping):
    """Answer it without passing it on."""

    by: Code
    answered_on: DayOn
    answer: Text


class EscalateConcern(Stepping):
    """Pass it to a committee above, and say why."""

    by: Code
    to: Code
    escalated_on: DayOn
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=5)]


class HearConcern(Stepping):
    """Hear the cell: its report, what is said there, the place itself."""

    by: Code
    heard_on: DayOn
    report: Flag
    opinions: Flag
    field_survey: Flag


class AssignConcern(Stepping):
    """Direct an agency to solve it by a day."""

    by: Code
    assigned_on: DayOn
    agency: Line
    due_on: DayOn


class ResolveConcern(Stepping):
    """Record that the matter was solved, and how."""

    by: Code
    resolved_on: DayOn
    outcome: Text


class ConfirmConcern(Stepping):
    """Let the cell confirm that it was told of the answer or the solution."""

    organization: Code
    confirmed_on: DayOn


class ReopenConcern(Stepping):
    """Begin again, for a reason that the cell or whoever has it gives."""

    by: Code
    reopened_on: DayOn
    reason: Text


class Concerns:
    """The use cases of concerns. All but `put` raise UnknownConcern, or NotOfThatCell for another `cell`.

    Of what the aggregate raises each names only what is its own.
    """

    def __init__(self, cells: Cells, meetings: Meetings, rules: ConcernRules) -> None:
        self.cells = cells
        self.meetings = meetings
        self.store = cells.store
        self.rules = rules

    async def put(self, command: RaiseConcern, origin: Origin) -> Receipt:
        """Raise a concern.

        Raises UnknownOrganization, UnknownMeeting, what `Concern.put` raises, AlreadyRaised.
        """
        cell = await self.cells.find_on(command.organization, command.raised_on)
        concern = Concern.put(
            command.concern,
            cell,
            await self.meetings.known(command.meeting),
            command.raised_to,
            raised_on=command.raised_on,
            matter=command.matter,
            category=command.category,
            hot_spot_risk=command.hot_spot_risk,
            rules=self.rules,
            at=self.store.clock(),
        )
        return await self.cells.record_new(concern, origin, otherwise=AlreadyRaised)

    @retried
    async def acknowledge(
        self, code: str, command: AcknowledgeConcern, origin: Origin, *, cell: str | None = None
    ) -> Receipt:
        """Acknowledge it. Raises AlreadyAcknowledged, WrittenOtherwise."""
        concern, taking = await self._taking(code, cell, command.by, command.acknowledged_on)
        document = command.document
        concern.acknowledge(taking, document.number, document.date, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    @retried
    async def answer(
        self, code: str, command: AnswerConcern, origin: Origin, *, cell: str | None = None
    ) -> Receipt:
        """Answer it."""
        concern, taking = await self._taking(code, cell, command.by, command.answered_on, command.step)
        concern.answer(taking, command.answer, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    @retried
    async def escalate(
        self, code: str, command: EscalateConcern, origin: Origin, *, cell: str | None = None
    ) -> Receipt:
        """Pass it up. Raises NotASuperior."""
        concern, taking = await self._taking(code, cell, command.by, command.escalated_on, command.step)
        concern.escalate(taking, command.to, command.reasons, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    @retried
    async def hear(
        self, code: str, command: HearConcern, origin: Origin, *, cell: str | None = None
    ) -> Receipt:
        """Hear the cell. Raises NothingHeard."""
        concern, taking = await self._taking(code, cell, command.by, command.heard_on, command.step)
        heard = command.model_dump(include={"report", "opinions", "field_survey"})
        concern.hear(taking, **heard, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    @retried
    async def assign(
        self, code: str, command: AssignConcern, origin: Origin, *, cell: str | None = None
    ) -> Receipt:
        """Assign it. Raises DueBeforeAssigned."""
        concern, taking = await self._taking(code, cell, command.by, command.assigned_on, command.step)
        concern.assign(taking, command.agency, due_on=command.due_on, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    @retried
    async def resolve(
        self, code: str, command: ResolveConcern, origin: Origin, *, cell: str | None = None
    ) -> Receipt:
        """Resolve it."""
        concern, taking = await self._taking(code, cell, command.by, command.resolved_on, command.step)
        concern.resolve(taking, command.outcome, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    @retried
    async def confirm(self, code: str, command: ConfirmConcern, origin: Origin) -> Receipt:
        """Let the cell confirm it."""
        cell = command.organization
        concern, taking = await self._taking(code, cell, None, command.confirmed_on, command.step)
        concern.confirm(taking, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    @retried
    async def reopen(
        self, code: str, command: ReopenConcern, origin: Origin, *, cell: str | None = None
    ) -> Receipt:
        """Reopen it."""
        concern, taking = await self._taking(code, cell, command.by, command.reopened_on, command.step)
        concern.reopen(taking, command.reason, at=self.store.clock())
        return await self.store.record(concern, origin=origin)

    async def find(self, code: str) -> Concern:
        """Return a concern. Raises NotFound."""
        try:
            return await self._known(code)
        except UnknownConcern as unknown:
            raise NotFound(f"no concern {code}") from unknown

    async def _known(self, code: str) -> Concern:
        concern = await self.store.look_up(Concern, Concern.id_for(code))
        if concern is None:
            raise UnknownConcern(f"no concern {code} is recorded")
        return concern

    async def _taking(
        self, code: str, cell: str | None, by: str | None, on: date, step: int | None = None
    ) -> tuple[Concern, Taking]:
        """Return it, and who takes a step of it, and when; without `by` the cell does."""
        concern = await self._known(code)
        if cell not in (None, concern.organization):
            raise NotOfThatCell(f"{code} was raised by {concern.organization}, not by {cell}")
        whose = await self.cells.heir_on(concern.organization, on)
        holder = await self.cells.heir_on(concern.holder, on)
        return concern, Taking(by or whose.code, on, step, cell=whose, holder=holder)


def concern_rules(pack: Path = RULES) -> ConcernRules:
    """Return the rules on concerns that `pack` states, over the working days of the calendar."""
    stated = Parameters.read(pack)
    return ConcernRules(name=stated.title, **stated.values(), working_days=working_days())
