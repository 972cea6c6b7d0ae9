"""Visits: planned before, confirmed by both sides, reported on after."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from contracts.days import day_of
from contracts.message import Code, DayOn, Instant
from contracts.vocabulary import Flag, Text
from services.assessment.application.cells import Cells
from services.assessment.application.meeting import Meetings
from services.assessment.domain import Concern, Supervision, VisitPlan
from services.assessment.domain.concern.concern import UnknownConcern
from services.assessment.domain.visit import VisitReport, Word
from services.assessment.domain.visit_plan import AlreadyPlanned
from services.chassis.errors import Refused
from services.chassis.eventlog.store import Origin, Receipt, retried
from services.chassis.stated import Command, Parameters

PACK = Path(__file__).parents[1] / "packs" / "visit_reports" / "after-a-visit.json"


class NotRaisedThere(Refused):
    """A report on a visit names concerns that were raised at that meeting (house rule)."""


class PlanVisit(Command):
    """Register that `supervisor`, a member of the committee `superior`, means to visit a cell on a day."""

    organization: Code
    superior: Code
    supervisor: Code
    planned_for: DayOn
    registered_on: DayOn


class Confirmation(Command):
    """What a side says of a visit: whether `supervisor` of the committee `superior` sat in.

    As SUPERIOR the committee `superior` itself decides, where the supervisor and the cell differ.
    """

    organization: Code
    superior: Code
    supervisor: Code
    side: Literal["SUPERVISOR", "CELL", "SUPERIOR"]
    attended: Flag
    confirmed_at: Instant

    def word(self) -> Word:
        """Return what is said."""
        return Word(self.side, self.supervisor, self.superior, self.attended, self.confirmed_at)


class ConfirmVisit(Confirmation):
    """Say whether a supervisor sat in a meeting."""

    meeting: Code


class Reported(Command):
    """What a supervisor reports of a meeting they sat in; `concerns` were raised at it."""

    organization: Code
    superior: Code
    supervisor: Code
    reported_on: DayOn
    quality: Literal["QUALITY_GOOD", "QUALITY_FAIR", "QUALITY_AVERAGE", "QUALITY_POOR"]
    findings: Text | None = None
    concerns: Annotated[tuple[Code, ...], Field(max_length=50)] = ()


class ReportVisit(Reported):
    """Report on a visit."""

    meeting: Code


class Visits:
    """The use cases of visits. `rules` say by when they are reported on."""

    def __init__(self, cells: Cells, meetings: Meetings, rules: Parameters) -> None:
        self.cells = cells
        self.store = cells.store
        self.meetings = meetings
        self.rules = rules
        self.report_within = timedelta(days=int(rules.values()["report_days"]))

    async def plan(self, command: PlanVisit, origin: Origin) -> Receipt:
        """Record a plan. Raises UnknownOrganization, what `VisitPlan.plan` raises, AlreadyPlanned."""
        who = command.organization, str(command.planned_for.year), command.supervisor
        plan = VisitPlan.plan(
            await self.cells.find_on(command.organization, command.registered_on),
            await self.store.look_up(Supervision, Supervision.id_for(*who)),
            command.supervisor,
            command.superior,
            planned_for=command.planned_for,
            registered_on=command.registered_on,
            at=self.store.clock(),
        )
        return await self.cells.record_new(plan, origin, otherwise=AlreadyPlanned)

    @retried
    async def confirm(self, command: ConfirmVisit, origin: Origin) -> Receipt:
        """Record what a side says. Raises UnknownOrganization, UnknownMeeting, what `Meeting.confirm` raises.

        A supervisor's committee stood above the cell at the meeting; one that decides does on that day.
        """
        meeting = await self.meetings.known(command.meeting)
        cell = await self.cells.find_on(command.organization, meeting.held.held_on)
        heir = await self.cells.heir_on(command.organization, day_of(command.confirmed_at))
        meeting.confirm(cell, heir, command.word(), at=self.store.clock())
        return await self.store.record(meeting, origin=origin)

    @retried
    async def report(self, command: ReportVisit, origin: Origin) -> Receipt:
        """Record a report.

        Raises UnknownOrganization, UnknownMeeting, UnknownConcern, NotRaisedThere, and what
        `Meeting.report_visit` raises.
        """
        meeting = await self.meetings.known(command.meeting)
        held_on = meeting.held.held_on
        for code in command.concerns:
            concern = await self.store.look_up(Concern, Concern.id_for(code))
            if concern is None:
                raise UnknownConcern(f"no concern {code} is recorded")
            if concern.raised.meeting != meeting.code:
                raise NotRaisedThere(f"{code} was raised at {concern.raised.meeting}")
        said = command.model_dump(include={"supervisor", "superior", "reported_on", "quality", "findings"})
        by = {"name": self.rules.name, "version": self.rules.version}
        report = VisitReport(
            **said, concerns=list(command.concerns), due_on=held_on + self.report_within, rules=by
        )
        meeting.report_visit(
            await self.cells.find_on(command.organization, held_on), report, at=self.store.clock()
        )
        return await self.store.record(meeting, origin=origin)


def report_rules() -> Parameters:
    """Return the rules on reports kept here."""
    return Parameters.read(PACK)
