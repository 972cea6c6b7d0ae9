"""Of what to tell when an event is heard: each event's rule, and whom it concerns besides."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from contracts.assessment_concerns import ConcernEscalated, ConcernRaised
from contracts.assessment_duties import ObligationEnded
from contracts.assessment_meetings import MeetingCancelled, MeetingScheduled
from contracts.assessment_selves import SelfAssessmentReturned
from contracts.assessment_visits import VisitMismatchNoted
from contracts.classification import CellClassified
from contracts.days import PROVINCE_TIME, day_of
from contracts.message import Event
from contracts.registry_findings import CellFellBelowMinimum, DeadlineNoted
from services.chassis.clock import Clock
from services.notification.domain import Occasion, Recipient
from services.notification.rules import NoticeRules
from services.notification.views import Calls
from services.notification.views.calls import Call

Finding = Callable[[Any], Awaitable[Occasion | None]]

MISSED = {
    "MEETING": "MEETING_MISSED",
    "THEMATIC_MEETING": "THEMATIC_MEETING_MISSED",
    "SELF_ASSESSMENT": "SELF_ASSESSMENT_MISSING",
    "VISIT": "VISIT_MISSED",
    "ACKNOWLEDGEMENT": "ACKNOWLEDGEMENT_MISSED",
}
"""The rule by duty. A recognition that is overdue is told of as the registry notes it (DeadlineNoted)."""

NAMED = frozenset({"ACKNOWLEDGEMENT"})
"""Duties whose subject a notice names. That of a visit is a member: who it is stands in the system."""


class Occasions:
    """What is news of all that is heard. History that is told late is none."""

    def __init__(self, rules: NoticeRules, calls: Calls, clock: Clock) -> None:
        self.rules = rules
        self.calls = calls
        self.clock = clock
        self._findings: dict[type[Event], Finding] = {
            CellClassified: self._classified,
            CellFellBelowMinimum: self._fell_below,
            DeadlineNoted: self._deadline,
            MeetingScheduled: self._called,
            MeetingCancelled: self._called_off,
            SelfAssessmentReturned: self._returned,
            ConcernRaised: self._raised,
            ConcernEscalated: self._escalated,
            VisitMismatchNoted: self._mismatch,
            ObligationEnded: self._missed,
        }

    async def of(self, event: Event | None) -> Occasion | None:
        """Return of what to tell when `event` is heard; None where it is no news any more."""
        finding = self._findings.get(type(event)) if event else None
        return await finding(event) if finding else None

    async def _classified(self, event: CellClassified) -> Occasion:
        return Occasion("CELL_CLASSIFIED", event.organization, event.period)

    async def _fell_below(self, event: CellFellBelowMinimum) -> Occasion | None:
        if not self._news(event.fell_on):
            return None
        return Occasion("CELL_BELOW_MINIMUM", event.organization, event.fell_on.isoformat())

    async def _deadline(self, event: DeadlineNoted) -> Occasion | None:
        rule = f"{event.duty}_{event.state}"
        if rule not in self.rules.offices:
            return None
        return Occasion(rule, event.organization, event.due_on.isoformat())

    async def _called(self, event: MeetingScheduled) -> Occasion | None:
        """Return that it is called, or called anew; None if it was called anew since."""
        *before, last = await self.calls.of(event.meeting)
        if event.announced_at != last.announced_at:
            return None
        return await self._meeting("MEETING_CHANGED" if before else "MEETING_CALLED", event, last)

    async def _called_off(self, event: MeetingCancelled) -> Occasion | None:
        calls = await self.calls.of(event.meeting)
        return await self._meeting("MEETING_CANCELLED", event, calls[-1]) if calls else None

    async def _meeting(
        self, rule: str, event: MeetingScheduled | MeetingCancelled, call: Call
    ) -> Occasion | None:
        """Return what those who follow the cell on that day are told too; None once it was to begin."""
        if call.scheduled_for <= self.clock():
            return None
        day = day_of(call.scheduled_for)
        return Occasion(
            rule,
            event.organization,
            day.isoformat(),
            about=event.meeting,
            which=event.occurred_at.isoformat(),
            besides=tuple(
                Recipient(one.superior, "SUPERVISOR", one.supervisor)
                for one in await self.calls.supervisors(event.organization, day)
            ),
        )

    async def _returned(self, event: SelfAssessmentReturned) -> Occasion | None:
        if not self._news(event.returned_on):
            return None
        again = event.returned_on.isoformat()
        return Occasion("SELF_ASSESSMENT_RETURNED", event.organization, event.period, which=again)

    async def _raised(self, event: ConcernRaised) -> Occasion | None:
        return self._came_to(event.raised_to, event, event.raised_on)

    async def _escalated(self, event: ConcernEscalated) -> Occasion | None:
        return self._came_to(event.to, event, event.escalated_on)

    def _came_to(self, committee: str, event: ConcernRaised | ConcernEscalated, on: date) -> Occasion | None:
        if not self._news(on):
            return None
        to = (Recipient(committee, "COMMITTEE"),)
        return Occasion("CONCERN_RECEIVED", event.organization, on.isoformat(), event.concern, besides=to)

    async def _mismatch(self, event: VisitMismatchNoted) -> Occasion | None:
        """Return that supervisor and cell do not agree about a visit. Who it was stands in the system."""
        if not self._news(event.noted_on):
            return None
        clears = (Recipient(event.superior, "COMMITTEE"),)
        day = event.noted_on.isoformat()
        return Occasion("VISIT_MISMATCH", event.organization, day, event.meeting, besides=clears)

    async def _missed(self, event: ObligationEnded) -> Occasion | None:
        """Return that the cell, or the committee that owes it, let it be; None if all is well."""
        rule = MISSED.get(event.duty)
        if rule is None or event.outcome != "MISSED" or not self._news(event.due_on):
            return None
        about = event.subject if event.duty in NAMED else None
        period = event.subject if event.duty == "SELF_ASSESSMENT" else event.period
        owes = (Recipient(event.owed_by, "COMMITTEE"),)
        return Occasion(rule, event.organization, period, about, besides=owes)

    def _news(self, on: date) -> bool:
        return self.rules.news.since(self.clock().astimezone(PROVINCE_TIME)) <= on
