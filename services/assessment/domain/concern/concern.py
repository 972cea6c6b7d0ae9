"""One concern: what was said about it, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any

from services.assessment.domain.concern.life import (
    ConcernRules,
    HeldElsewhere,
    State,
    Taken,
    Taking,
    following,
)
from services.assessment.domain.meeting import Meeting, NotHeldThere, NotThatDay
from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused


class AlreadyRaised(Refused):
    """A concern is raised once, under a code of its own; what is not settled is reopened (house rule)."""


class UnknownConcern(NotYetKnown):
    """Only what a cell raised is dealt with; that may be on its way (house rule)."""


class NotOfThatCell(Refused):
    """A concern stays with the cell that raised it, wherever it is dealt with (house rule)."""


class AlreadyAcknowledged(Refused):
    """A concern is acknowledged once, in writing (11-QĐi/TW, 2019-02-18)."""


class WrittenOtherwise(Refused):
    """What acknowledges a concern is written after it was raised, by the day it is told (house rule)."""


class NothingHeard(Refused):
    """Who hears a concern takes in the report, what is said there, or the place itself (S002)."""


class DueBeforeAssigned(Refused):
    """What an agency is assigned is due on that day or later (house rule)."""


class Concern(Aggregate):
    """One concern of one cell. `holder` is the committee that has it, `had_by` all that have or had it."""

    TOPIC = "assessment.Concern"

    # -- State
    concern: str
    organization: str
    raised: Concern.Raised = field(init=False)
    life: tuple[Taken, ...] = ()
    holder: str = ""
    had_by: frozenset[str] = frozenset()
    acknowledged_on: date | None = None
    agency: str | None = None
    due_on: date | None = None
    resolved_on: date | None = None

    @property
    def state(self) -> State:
        """Return how far it has come."""
        last = self.life[-1].state
        return State.ACKNOWLEDGED if last == State.RAISED and self.acknowledged_on else last

    # -- Facts
    class Event(Fact):
        """A fact about one concern: by whom, on which day (ISO). The library gives the first these too."""

        concern: str
        organization: str
        by: str
        on: str

    class Raised(FirstFact):
        TOPIC = "assessment.Concern.Raised"
        concern: str
        organization: str
        by: str
        on: str
        raised_to: str
        matter: str
        category: str
        hot_spot_risk: bool
        meeting: str
        acknowledge_by: str
        rules: str
        calendar: str

        def apply(self, concern: Concern) -> None:
            """Put it into the hands of whom it was raised to."""
            concern.raised = self
            concern.life = (Taken(1, State.RAISED, self.by, date.fromisoformat(self.on)),)
            concern.given(self.raised_to)

    class Acknowledged(Event):
        TOPIC = "assessment.Concern.Acknowledged"
        number: str
        dated: str

        def apply(self, concern: Concern) -> None:
            """Stop the clock; else it stays as it stands."""
            concern.acknowledged_on = date.fromisoformat(self.on)

    class Answered(Event):
        TOPIC = "assessment.Concern.Answered"
        step: int
        answer: str

        def apply(self, concern: Concern) -> None:
            """Leave it with the cell to confirm."""
            concern.taken(self.step, State.ANSWERED_LOCALLY, self)

    class Escalated(Event):
        TOPIC = "assessment.Concern.Escalated"
        step: int
        to: str
        reasons: list[str]

        def apply(self, concern: Concern) -> None:
            """Put it into the hands of the committee above; what an agency owed is over."""
            concern.taken(self.step, State.ESCALATED, self)
            concern.given(self.to)
            concern.agency = concern.due_on = None

    class Heard(Event):
        TOPIC = "assessment.Concern.Heard"
        step: int
        report: bool
        opinions: bool
        field_survey: bool

        def apply(self, concern: Concern) -> None:
            """Note that it was heard."""
            concern.taken(self.step, State.HEARD, self)

    class Assigned(Event):
        TOPIC = "assessment.Concern.Assigned"
        step: int
        agency: str
        due_on: str

        def apply(self, concern: Concern) -> None:
            """Start the agency's clock."""
            concern.taken(self.step, State.ASSIGNED, self)
            concern.agency, concern.due_on = self.agency, date.fromisoformat(self.due_on)

    class Resolved(Event):
        TOPIC = "assessment.Concern.Resolved"
        step: int
        outcome: str

        def apply(self, concern: Concern) -> None:
            """Stop the agency's clock."""
            concern.taken(self.step, State.RESOLVED, self)
            concern.resolved_on = date.fromisoformat(self.on)

    class ConfirmedToCell(Event):
        TOPIC = "assessment.Concern.ConfirmedToCell"
        step: int

        def apply(self, concern: Concern) -> None:
            """Close it."""
            concern.taken(self.step, State.CONFIRMED_TO_CELL, self)

    class Reopened(Event):
        TOPIC = "assessment.Concern.Reopened"
        step: int
        reason: str

        def apply(self, concern: Concern) -> None:
            """Begin again with whom it was last; what an agency did is over."""
            concern.taken(self.step, State.REOPENED, self)
            concern.agency = concern.due_on = concern.resolved_on = None

    def taken(self, step: int, state: State, fact: Concern.Event) -> None:
        """Remember a step."""
        self.life = (*self.life, Taken(step, state, fact.by, date.fromisoformat(fact.on)))

    def given(self, holder: str) -> None:
        """Remember who has it."""
        self.holder = holder
        self.had_by |= {holder}

    # -- Decisions. All but the first two raise what `following` raises
    @staticmethod
    def id_for(code: str) -> str:
        """Return `concern-<code>`."""
        return f"concern-{code}"

    @classmethod
    def put(
        cls,
        code: str,
        cell: Organization,
        meeting: Meeting,
        raised_to: str,
        *,
        raised_on: date,
        matter: str,
        category: str,
        hot_spot_risk: bool,
        rules: ConcernRules,
        at: datetime,
    ) -> Concern:
        """Record that `cell` raised a concern at its `meeting`, with the committee `raised_to`.

        Raises NotACell, InTheFuture, BeforeFounding, OrganizationEnded, NotHeldThere, UnknownMeeting,
        NotThatDay, NotASuperior.
        """
        cell.require_cell()
        cell.require_past(raised_on, at=at)
        if cell.code != meeting.organization:
            raise NotHeldThere(f"{meeting.code} was not held by {cell.code}")
        if raised_on != meeting.held.held_on:
            raise NotThatDay(f"{meeting.code} was held on {meeting.held.held_on}, not on {raised_on}")
        cell.require_superior(raised_to)
        return cls._create(
            cls.Raised,
            id=cls.id_for(code),
            concern=code,
            organization=cell.code,
            by=cell.code,
            on=raised_on.isoformat(),
            raised_to=raised_to,
            matter=matter,
            category=category,
            hot_spot_risk=hot_spot_risk,
            meeting=meeting.code,
            acknowledge_by=rules.acknowledge_by(raised_on).isoformat(),
            rules=rules.name,
            calendar=rules.working_days.name,
            timestamp=at,
        )

    def acknowledge(self, taking: Taking, number: str, dated: date, *, at: datetime) -> None:
        """Tell the cell in writing that it is accepted, whatever came of it since.

        Raises AlreadyAcknowledged, HeldElsewhere, WrittenOtherwise, InTheFuture.
        """
        if self.acknowledged_on:
            raise AlreadyAcknowledged(f"{self.concern} was acknowledged on {self.acknowledged_on}")
        if taking.by not in (may := self.had_by | {taking.holder.code}):
            raise HeldElsewhere(f"it is for {' or '.join(sorted(may))}, not for {taking.by}")
        if not self.life[0].on <= dated <= taking.on:
            raise WrittenOtherwise(f"{number} of {dated}: raised on {self.life[0].on}, told on {taking.on}")
        taking.require_past(at=at)
        self._note(self.Acknowledged, taking, at, number=number, dated=dated.isoformat())

    def answer(self, taking: Taking, answer: str, *, at: datetime) -> None:
        """Answer it without passing it on."""
        self._step(self.Answered, State.ANSWERED_LOCALLY, taking, at, answer=answer)

    def escalate(self, taking: Taking, to: str, reasons: Sequence[str], *, at: datetime) -> None:
        """Pass it to the committee `to` above the one that has it. Raises NotASuperior besides."""
        taking.holder.require_superior(to)
        once = list(dict.fromkeys(reasons))
        self._step(self.Escalated, State.ESCALATED, taking, at, to=to, reasons=once)

    def hear(self, taking: Taking, *, report: bool, opinions: bool, field_survey: bool, at: datetime) -> None:
        """Hear the cell. Raises NothingHeard besides."""
        if not (report or opinions or field_survey):
            raise NothingHeard(f"{self.concern}: no report, no opinions, no survey of the place")
        taken_in = {"report": report, "opinions": opinions, "field_survey": field_survey}
        self._step(self.Heard, State.HEARD, taking, at, **taken_in)

    def assign(self, taking: Taking, agency: str, *, due_on: date, at: datetime) -> None:
        """Direct an agency to solve it by a day. Raises DueBeforeAssigned besides."""
        if due_on < taking.on:
            raise DueBeforeAssigned(f"{due_on} is before {taking.on}")
        self._step(self.Assigned, State.ASSIGNED, taking, at, agency=agency, due_on=due_on.isoformat())

    def resolve(self, taking: Taking, outcome: str, *, at: datetime) -> None:
        """Record that the matter was solved, and how."""
        self._step(self.Resolved, State.RESOLVED, taking, at, outcome=outcome)

    def confirm(self, taking: Taking, *, at: datetime) -> None:
        """Let the cell confirm that it was told of the answer or the solution."""
        self._step(self.ConfirmedToCell, State.CONFIRMED_TO_CELL, taking, at)

    def reopen(self, taking: Taking, reason: str, *, at: datetime) -> None:
        """Begin again, for a reason that the cell or whoever has it gives."""
        self._step(self.Reopened, State.REOPENED, taking, at, reason=reason)

    def _step(self, fact: type[Event], state: State, taking: Taking, at: datetime, **said: Any) -> None:
        self._note(fact, taking, at, step=following(self.life[-1], state, taking, at=at), **said)

    def _note(self, fact: type[Event], taking: Taking, at: datetime, **said: Any) -> None:
        whose = {"concern": self.concern, "organization": self.organization}
        self.trigger_event(fact, **whose, by=taking.by, on=taking.on.isoformat(), **said, timestamp=at)
