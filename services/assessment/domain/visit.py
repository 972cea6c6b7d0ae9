"""Visits: who from above sat in a meeting, whether its cell says so too, and what they reported of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.minutes import Minuting, NotHeldThere, NotThatDay, UnknownMeeting
from services.assessment.domain.organization import InTheFuture, Organization
from services.chassis.aggregate import Aggregate, Fact
from services.chassis.errors import NotYetKnown, Refused

SUPERVISOR, CELL, SUPERIOR = "SUPERVISOR", "CELL", "SUPERIOR"


class AlreadyAttended(Refused):
    """One meeting counts once for each supervisor (house rule)."""


class AlreadyConfirmed(Refused):
    """A side says one thing of a visit at one moment; what it says later counts instead (house rule)."""


class NotAttended(NotYetKnown):
    """A supervisor reports on and confirms what they attended; news of it may be on its way (house rule)."""


class NothingDisputed(NotYetKnown):
    """A superior says what counts where the supervisor and the cell differ; that may still be to come."""


class VisitReportedAlready(Refused):
    """A supervisor reports on a meeting once (house rule)."""


class ReportedBeforeVisit(Refused):
    """A report is written on the day of the visit or later (house rule)."""


@dataclass(frozen=True)
class Word:
    """What `side` (SUPERVISOR, CELL, SUPERIOR) says of a visit: whether they of `superior` sat in.

    Where a superior decides, `superior` is who does.
    """

    side: str
    supervisor: str
    superior: str
    attended: bool
    confirmed_at: datetime

    @property
    def said(self) -> tuple[str, str, datetime]:
        """Return what may be said once: by which side, of whom, at which moment."""
        return self.side, self.supervisor, self.confirmed_at

    def stored(self) -> dict[str, Any]:
        """Return it as a fact keeps it, the instant in UTC."""
        return vars(self) | {"confirmed_at": self.confirmed_at.astimezone(UTC)}


@dataclass(frozen=True)
class VisitReport:
    """What a supervisor reports of a meeting: a level of quality, what was found, concerns raised there.

    `due_on` is by when `rules`, {name, version}, ask for it.
    """

    supervisor: str
    superior: str
    reported_on: date
    quality: str
    findings: str | None
    concerns: list[str]
    due_on: date
    rules: dict[str, str]

    def stored(self) -> dict[str, Any]:
        """Return it as a fact keeps it, days as ISO dates."""
        return vars(self) | {"reported_on": self.reported_on.isoformat(), "due_on": self.due_on.isoformat()}


class Visited(Aggregate):
    """A meeting, as far as visits go."""

    # -- State: facts themselves answer who asks
    code: str = field(init=False)
    organization: str = field(init=False)
    versions: dict[datetime, Minuting] = field(default_factory=dict, init=False)
    visits: tuple[Visited.Attended, ...] = field(default=(), init=False)
    words: tuple[Visited.VisitConfirmed, ...] = field(default=(), init=False)
    disputed: frozenset[str] = field(default=frozenset(), init=False)
    reported: tuple[Visited.VisitReported, ...] = field(default=(), init=False)

    # -- Facts
    class Event(Fact):
        """A fact about one meeting and who came to it from above."""

        meeting: str
        organization: str
        supervisor: str
        superior: str

    class Attended(Event):
        """`attended_on` is the meeting's day in the province."""

        TOPIC = "assessment.Meeting.Attended"
        attended_on: str

        def apply(self, meeting: Visited) -> None:
            """Remember who was there."""
            meeting.visits = (*meeting.visits, self)

    class VisitConfirmed(Event):
        """What one side said, SUPERVISOR, CELL or SUPERIOR."""

        TOPIC = "assessment.Meeting.VisitConfirmed"
        side: str
        attended: bool
        confirmed_at: datetime

        def apply(self, meeting: Visited) -> None:
            """Remember it."""
            meeting.words = (*meeting.words, self)

    class MismatchNoted(Event):
        """`denied_by` is the side that says they did not come; the other says they did."""

        TOPIC = "assessment.Meeting.MismatchNoted"
        denied_by: str
        noted_on: str

        def apply(self, meeting: Visited) -> None:
            """Remember that it is open."""
            meeting.disputed |= {self.supervisor}

    class MismatchSettled(Event):
        """Both sides say the same, or the superior did."""

        TOPIC = "assessment.Meeting.MismatchSettled"
        attended: bool
        settled_on: str

        def apply(self, meeting: Visited) -> None:
            """Remember that it is not open any more."""
            meeting.disputed -= {self.supervisor}

    class VisitReported(Event):
        """`rules` is {name, version}; the days are ISO dates."""

        TOPIC = "assessment.Meeting.VisitReported"
        reported_on: str
        quality: str
        findings: str | None
        concerns: list[str]
        due_on: str
        rules: dict[str, str]

        def apply(self, meeting: Visited) -> None:
            """Remember the report."""
            meeting.reported = (*meeting.reported, self)

    # -- Decisions
    def attend(
        self, cell: Organization, supervisor: str, superior: str, *, attended_on: date, at: datetime
    ) -> None:
        """Record that `supervisor` of the committee `superior` sat in, as a guest of `cell`.

        Raises UnknownMeeting, NotHeldThere, NotASuperior, NotThatDay, AlreadyAttended.
        """
        held = self.held
        self.require_own(cell)
        cell.require_superior(superior)
        if attended_on != held.held_on:
            raise NotThatDay(f"{self.code} was held on {held.held_on}, not on {attended_on}")
        if supervisor in self.supervisors:
            raise AlreadyAttended(f"{supervisor} at {self.code}")
        who = {"supervisor": supervisor, "superior": superior, "attended_on": attended_on.isoformat()}
        self.trigger_event(self.Attended, **self.named(), **who, timestamp=at)
        self.compare(supervisor, at=at)

    def confirm(self, cell: Organization, heir: Organization, word: Word, *, at: datetime) -> None:
        """Record what a side says of a visit; `heir` has by then what the cell had, which may have merged.

        Raises UnknownMeeting, NotHeldThere, NotASuperior, BeforeMeeting, InTheFuture, AlreadyConfirmed,
        NotAttended, NothingDisputed.
        """
        self.held.require_over(word.confirmed_at)
        self.require_own(cell)
        (heir if word.side == SUPERIOR else cell).require_superior(word.superior)
        if word.confirmed_at > at:
            raise InTheFuture(f"{word.confirmed_at} is still to come")
        if word.said in [(one.side, one.supervisor, one.confirmed_at) for one in self.words]:
            raise AlreadyConfirmed(f"{word.supervisor} at {self.code}, at {word.confirmed_at}")
        if word.side == SUPERVISOR and word.attended and word.supervisor not in self.supervisors:
            raise NotAttended(f"{word.supervisor} at {self.code}")
        if word.side == SUPERIOR and not self._differs(word.supervisor):
            raise NothingDisputed(f"{word.supervisor} at {self.code}")
        self.trigger_event(self.VisitConfirmed, **self.named() | word.stored(), timestamp=at)
        self.compare(word.supervisor, at=at)

    def report_visit(self, cell: Organization, report: VisitReport, *, at: datetime) -> None:
        """Record a report.

        Raises UnknownMeeting, NotHeldThere, NotASuperior, NotAttended, VisitReportedAlready,
        ReportedBeforeVisit, InTheFuture.
        """
        held = self.held
        self.require_own(cell)
        cell.require_superior(report.superior)
        if report.supervisor not in self.supervisors:
            raise NotAttended(f"{report.supervisor} at {self.code}")
        if report.supervisor in {one.supervisor for one in self.reported}:
            raise VisitReportedAlready(f"{report.supervisor} on {self.code}")
        if report.reported_on < held.held_on:
            raise ReportedBeforeVisit(f"{self.code} was held on {held.held_on}")
        if report.reported_on > day_of(at):
            raise InTheFuture(f"{report.reported_on} is after today, {day_of(at)}")
        self.trigger_event(self.VisitReported, **self.named() | report.stored(), timestamp=at)

    def compare(self, *supervisors: str, at: datetime) -> None:
        """Note of which visits the two sides say different things now, and of which no longer."""
        on = day_of(at).isoformat()
        for supervisor in supervisors:
            differs = self._differs(supervisor) and self._last(supervisor, SUPERIOR) is None
            if differs == (supervisor in self.disputed):
                continue
            who = self.named() | {"supervisor": supervisor, "superior": self._committee(supervisor)}
            if differs:
                denied_by = CELL if self.stated(supervisor) else SUPERVISOR
                said = {"denied_by": denied_by, "noted_on": on}
                self.trigger_event(self.MismatchNoted, **who, **said, timestamp=at)
            else:
                attended = bool(self.attended(supervisor))
                self.trigger_event(
                    self.MismatchSettled, **who, attended=attended, settled_on=on, timestamp=at
                )

    # -- What is asked of it

    @property
    def minutes(self) -> Minuting | None:
        """Return the minutes that count, of several corrections the latest; None where there are none yet."""
        return self.versions[max(self.versions)] if self.versions else None

    @property
    def held(self) -> Minuting:
        """Return the minutes that count. Raises UnknownMeeting where there are none yet."""
        if self.minutes is None:
            raise UnknownMeeting(f"no minutes of {self.code} are recorded")
        return self.minutes

    @property
    def supervisors(self) -> frozenset[str]:
        """Return who told that they sat in."""
        return frozenset(visit.supervisor for visit in self.visits)

    def stated(self, supervisor: str) -> bool | None:
        """Return what the supervisor says: whether they sat in, None for nothing."""
        last = self._last(supervisor, SUPERVISOR)
        return last.attended if last else supervisor in self.supervisors or None

    def seen(self, supervisor: str) -> bool | None:
        """Return what the cell says of it: expressly, or in minutes that say who came from above."""
        if last := self._last(supervisor, CELL):
            return last.attended
        guests = self.minutes.supervisors if self.minutes else None
        return None if guests is None else supervisor in guests

    def attended(self, supervisor: str) -> bool | None:
        """Return whether they sat in, by whoever decided or by who says so; None while the two differ."""
        if decided := self._last(supervisor, SUPERIOR):
            return decided.attended
        said = {word for word in (self.stated(supervisor), self.seen(supervisor)) if word is not None}
        return said.pop() if len(said) == 1 else None

    def require_own(self, cell: Organization) -> None:
        """Raise NotHeldThere unless it is a meeting of `cell`."""
        if cell.code != self.organization:
            raise NotHeldThere(f"{self.code} was not held by {cell.code}")

    def named(self) -> dict[str, Any]:
        """Return what names it in a fact."""
        return {"meeting": self.code, "organization": self.organization}

    def _last(self, supervisor: str, side: str) -> VisitConfirmed | None:
        words = [one for one in self.words if (one.supervisor, one.side) == (supervisor, side)]
        return max(words, key=lambda one: one.confirmed_at, default=None)

    def _differs(self, supervisor: str) -> bool:
        return {self.stated(supervisor), self.seen(supervisor)} == {True, False}

    def _committee(self, supervisor: str) -> str:
        """Return of which committee the supervisor says to be."""
        said = self._last(supervisor, SUPERVISOR)
        return said.superior if said else next(o.superior for o in self.visits if o.supervisor == supervisor)
