"""The life of a concern: which step comes after which, who takes it, and on which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from contracts.days import day_of
from services.assessment.domain.organization import InTheFuture, Organization
from services.chassis.errors import NotYetKnown, Refused
from services.chassis.working_days import WorkingDays


class NotNext(NotYetKnown):
    """A concern is heard, then assigned, then solved; what is answered or solved is confirmed (S002)."""


class StepsMissing(NotYetKnown):
    """Numbered steps are taken in their order; those before may be on their way (house rule)."""


class HeldElsewhere(NotYetKnown):
    """Whoever has a concern deals with it; that it was passed on may be on its way (house rule)."""


class StepTaken(Refused):
    """Each step of a concern's life is taken once (house rule)."""


class BeforeLastStep(Refused):
    """A step is on the day of the one before it or later (house rule)."""


class State(StrEnum):
    """How far a concern has come."""

    RAISED = "RAISED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ANSWERED_LOCALLY = "ANSWERED_LOCALLY"
    ESCALATED = "ESCALATED"
    HEARD = "HEARD"
    ASSIGNED = "ASSIGNED"
    RESOLVED = "RESOLVED"
    CONFIRMED_TO_CELL = "CONFIRMED_TO_CELL"
    REOPENED = "REOPENED"


BEGUN = frozenset({State.RAISED, State.ESCALATED, State.REOPENED})

AFTER: dict[State, frozenset[State]] = {
    State.ANSWERED_LOCALLY: BEGUN | {State.HEARD},
    State.ESCALATED: BEGUN | {State.HEARD, State.ANSWERED_LOCALLY, State.ASSIGNED},
    State.HEARD: BEGUN | {State.HEARD, State.ANSWERED_LOCALLY},
    State.ASSIGNED: frozenset({State.HEARD, State.ASSIGNED}),
    State.RESOLVED: frozenset({State.ASSIGNED}),
    State.CONFIRMED_TO_CELL: frozenset({State.ANSWERED_LOCALLY, State.RESOLVED}),
    State.REOPENED: frozenset({State.ANSWERED_LOCALLY, State.RESOLVED, State.CONFIRMED_TO_CELL}),
}
"""After which states each step comes. S002: the city answered at the meeting, and passed it up still."""


@dataclass(frozen=True)
class ConcernRules:
    """What the pack on concerns states, over a calendar; facts pin the names of both."""

    name: str
    acknowledgement_working_days: int
    working_days: WorkingDays

    def acknowledge_by(self, raised_on: date) -> date:
        """Return the last day for the acknowledgement (11-QĐi/TW)."""
        return self.working_days.after(raised_on, self.acknowledgement_working_days)


@dataclass(frozen=True)
class Taking:
    """A step as somebody takes it: by whom, on which day, and as which step if that is said.

    `cell` and `holder` are those who have on that day what the cell and the holder had: themselves, or
    what they ended in.
    """

    by: str
    on: date
    step: int | None
    cell: Organization
    holder: Organization

    def require_past(self, *, at: datetime) -> None:
        """Raise InTheFuture if its day is still to come."""
        if self.on > day_of(at):
            raise InTheFuture(f"{self.on} is after today, {day_of(at)}")

    def may_take(self, state: State) -> set[str]:
        """Return who may: the cell confirms, the cell and the holder reopen, the holder does the rest."""
        match state:
            case State.CONFIRMED_TO_CELL:
                return {self.cell.code}
            case State.REOPENED:
                return {self.cell.code, self.holder.code}
            case _:
                return {self.holder.code}


@dataclass(frozen=True)
class Taken:
    """A step that was taken; the first is that the concern was raised."""

    step: int
    state: State
    by: str
    on: date


def following(last: Taken, state: State, taking: Taking, *, at: datetime) -> int:
    """Return the number of the step after `last` that leads to `state`.

    Raises StepTaken, StepsMissing, NotNext, HeldElsewhere, BeforeLastStep, InTheFuture.
    """
    step = taking.step or last.step + 1
    if step <= last.step:
        raise StepTaken(f"step {step} was taken; the last was step {last.step}, {last.state}")
    if step > last.step + 1:
        raise StepsMissing(f"the last was step {last.step}, {last.state}; {step} comes after {step - 1}")
    if last.state not in AFTER[state]:
        raise NotNext(f"what is {last.state} cannot be {state} next")
    if taking.by not in (may := taking.may_take(state)):
        raise HeldElsewhere(f"it is for {' or '.join(sorted(may))}, not for {taking.by}")
    if taking.on < last.on:
        raise BeforeLastStep(f"{taking.on} is before {last.on}, when it was {last.state}")
    taking.require_past(at=at)
    return step
