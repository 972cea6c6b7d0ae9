"""Cell meetings: called and called off, held, followed up; who sat in, and how they were scored."""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime

from services.assessment.domain.call import (
    AlreadyScheduled,
    Call,
    Calling,
    CallingOff,
    MeetingCancelledAlready,
)
from services.assessment.domain.follow_up import AlreadyReported, Report, Reporting
from services.assessment.domain.minutes import (
    ORIGINAL,
    Correcting,
    Minutes,
    Minuting,
    NotHeldThere,
    NothingCorrected,
    NotThatDay,
    UnknownMeeting,
)
from services.assessment.domain.organization import Organization
from services.assessment.domain.scoring import AlreadyScored, Scoring, ScoringPack, Sheet
from services.assessment.domain.visit import AlreadyAttended, Visited
from services.chassis.aggregate import Fact, FirstFact
from services.chassis.errors import Refused

__all__ = ["AlreadyAttended", "AlreadyHeld", "Meeting", "NotHeldThere", "NotThatDay", "UnknownMeeting"]


class AlreadyHeld(Refused):
    """A meeting is recorded once, under a code of its own, and called off no more (house rule)."""


class Meeting(Visited):
    """One meeting of one cell."""

    TOPIC = "assessment.Meeting"

    # -- State: facts themselves answer who asks; what is latest by its own date counts, not by arrival
    calls: tuple[Calling, ...] = field(default=(), init=False)
    cancelled: Meeting.Cancelled | None = field(default=None, init=False)
    reports: tuple[Meeting.TaskReported, ...] = field(default=(), init=False)
    scores: tuple[Meeting.Scored, ...] = field(default=(), init=False)

    # -- Facts
    class Event(Fact):
        """A fact about one meeting."""

    class Scheduled(Calling, FirstFact):
        TOPIC = "assessment.Meeting.Scheduled"

        def apply(self, meeting: Meeting) -> None:
            """Begin with the announcement."""
            meeting.code, meeting.organization = self.meeting, self.organization
            meeting.calls = (*meeting.calls, self)

    class Announced(Calling, Event):
        TOPIC = "assessment.Meeting.Announced"

        def apply(self, meeting: Meeting) -> None:
            """Take in another announcement, for another time or told late."""
            meeting.calls = (*meeting.calls, self)

    class Cancelled(CallingOff, Event):
        TOPIC = "assessment.Meeting.Cancelled"

        def apply(self, meeting: Meeting) -> None:
            """Remember since when it is off."""
            meeting.cancelled = self

    class Held(Minuting, FirstFact):
        TOPIC = "assessment.Meeting.Held"

        def apply(self, meeting: Meeting) -> None:
            """Begin with the minutes."""
            meeting.code, meeting.organization = self.meeting, self.organization
            meeting.versions = {ORIGINAL: self}

    class Minuted(Minuting, Event):
        TOPIC = "assessment.Meeting.Minuted"

        def apply(self, meeting: Meeting) -> None:
            """Take in the minutes of a meeting that had been called."""
            meeting.versions = {ORIGINAL: self}

    class MinutesCorrected(Minuting, Correcting, Event):
        TOPIC = "assessment.Meeting.MinutesCorrected"

        def apply(self, meeting: Meeting) -> None:
            """Remember it: of several the latest counts."""
            meeting.versions = meeting.versions | {self.corrected_at: self}

    class TaskReported(Reporting, Event):
        TOPIC = "assessment.Meeting.TaskReported"

        def apply(self, meeting: Meeting) -> None:
            """Remember what was said where."""
            meeting.reports = (*meeting.reports, self)

    class Scored(Scoring, Event):
        TOPIC = "assessment.Meeting.Scored"

        def apply(self, meeting: Meeting) -> None:
            """Remember the sheet."""
            meeting.scores = (*meeting.scores, self)

    # -- Decisions
    @staticmethod
    def id_for(code: str) -> str:
        """Return `meeting-<code>`."""
        return f"meeting-{code}"

    @classmethod
    def schedule(cls, cell: Organization, code: str, call: Call, *, at: datetime) -> Meeting:
        """Call a meeting of `cell`. Raises NotACell, InTheFuture, BeforeFounding, CalledTooLate."""
        call.check(cell, at=at)
        said = {"meeting": code, "organization": cell.code} | call.stored()
        return cls._create(cls.Scheduled, id=cls.id_for(code), **said, timestamp=at)

    def announce(self, cell: Organization, call: Call, *, at: datetime) -> None:
        """Call it for another time, or tell late that it was.

        Raises the same, NotHeldThere, AlreadyScheduled, MeetingCancelledAlready, AlreadyHeld.
        """
        self.require_own(cell)
        call.check(cell, at=at)
        if call.announced_at in {known.announced_at for known in self.calls}:
            raise AlreadyScheduled(f"{self.code} was announced at {call.announced_at}")
        if self.cancelled and call.announced_at > self.cancelled.cancelled_at:
            raise MeetingCancelledAlready(f"{self.code} was called off at {self.cancelled.cancelled_at}")
        if self.minutes and call.announced_at > self.minutes.held_at:
            raise AlreadyHeld(f"{self.code} was held at {self.minutes.held_at}")
        self.trigger_event(self.Announced, **self.named(), **call.stored(), timestamp=at)

    def cancel(self, cell: Organization, reason: str, *, cancelled_at: datetime, at: datetime) -> None:
        """Call it off.

        Raises NotHeldThere, InTheFuture, BeforeFounding, AlreadyHeld, MeetingCancelledAlready.
        """
        self.require_own(cell)
        cell.require_happened(cancelled_at, at=at)
        if self.minutes:
            raise AlreadyHeld(f"{self.code} was held at {self.minutes.held_at}")
        if self.cancelled:
            raise MeetingCancelledAlready(f"{self.code} was called off at {self.cancelled.cancelled_at}")
        why = {"cancelled_at": cancelled_at.astimezone(UTC), "reason": reason}
        self.trigger_event(self.Cancelled, **self.named() | why, timestamp=at)

    @classmethod
    def hold(cls, cell: Organization, code: str, minutes: Minutes, *, at: datetime) -> Meeting:
        """Record that `cell` met. Raises NotACell, InTheFuture, BeforeFounding, and as `Minutes.check`."""
        minutes.check(cell, at=at)
        said = {"meeting": code, "organization": cell.code} | minutes.stored()
        return cls._create(cls.Held, id=cls.id_for(code), **said, timestamp=at)

    def take_minutes(self, cell: Organization, minutes: Minutes, *, at: datetime) -> None:
        """Record that a meeting that had been called was held.

        Raises the same, NotHeldThere, MeetingCancelledAlready, AlreadyHeld.
        """
        if self.minutes:
            raise AlreadyHeld(self.code)
        self.require_own(cell)
        if self.cancelled:
            raise MeetingCancelledAlready(f"{self.code} was called off at {self.cancelled.cancelled_at}")
        minutes.check(cell, at=at)
        self.trigger_event(self.Minuted, **self.named(), **minutes.stored(), timestamp=at)

    def correct(
        self, cell: Organization, minutes: Minutes, reason: str, *, corrected_at: datetime, at: datetime
    ) -> None:
        """Replace the minutes as a whole.

        Raises UnknownMeeting, NotHeldThere, InTheFuture, BeforeFounding, BeforeMeeting, NothingCorrected, and
        what `Minutes.check` raises.
        """
        self.held.require_over(corrected_at)
        self.require_own(cell)
        minutes.check(cell, at=at)
        cell.require_happened(corrected_at, at=at)
        before = self.versions[max(when for when in self.versions if when < corrected_at)]
        if before.says(minutes) or corrected_at in self.versions:
            raise NothingCorrected(f"{self.code} at {corrected_at}")
        why = {"corrected_at": corrected_at.astimezone(UTC), "reason": reason}
        self.trigger_event(self.MinutesCorrected, **self.named() | minutes.stored() | why, timestamp=at)
        self.compare(*sorted({*self.supervisors, *(word.supervisor for word in self.words)}), at=at)

    def report(self, cell: Organization, report: Report, later: Meeting, *, at: datetime) -> None:
        """Record what `later` heard of a task. `cell` is the one that set it, as it stands in the tree now.

        Raises UnknownMeeting, UnknownTask, NotALaterMeeting, NotReportedThatDay, AlreadyReported.
        """
        report.check(cell, self.held, later.held)
        if (report.task, later.code) in {(known.task, known.at_meeting) for known in self.reports}:
            raise AlreadyReported(f"task {report.task} of {self.code} at {later.code}")
        heard = {"organization": later.organization, "at_meeting": later.code}
        self.trigger_event(self.TaskReported, **self.named() | heard | report.stored(), timestamp=at)

    def score(self, cell: Organization, pack: ScoringPack, sheet: Sheet, *, at: datetime) -> None:
        """Record a sheet, with what it amounts to by `pack`.

        Raises UnknownMeeting, NotHeldThere, NotASuperior, InTheFuture, BeforeFounding, BeforeMeeting,
        AlreadyScored, and what `ScoringPack.score` raises.
        """
        self.held.require_over(sheet.scored_at)
        self.require_own(cell)
        if sheet.superior:
            cell.require_superior(sheet.superior)
        cell.require_happened(sheet.scored_at, at=at)
        by = {"name": pack.name, "version": pack.version}
        if (by, sheet.superior, sheet.scored_at) in [(s.pack, s.superior, s.scored_at) for s in self.scores]:
            raise AlreadyScored(f"{self.code} by {sheet.superior or cell.code} at {sheet.scored_at}")
        total, level = pack.score(self.held.kind, sheet.points)
        said = self.named() | sheet.stored() | {"pack": by, "total": total, "level": level}
        self.trigger_event(self.Scored, **said, timestamp=at)

    # -- What is asked of it
    @property
    def call(self) -> Calling | None:
        """Return what was announced last, None for a meeting that was held without."""
        return max(self.calls, key=lambda call: call.announced_at, default=None)

    @property
    def tasks(self) -> dict[int, TaskReported]:
        """Return what was reported last of each task, by its number."""
        by_day = sorted(self.reports, key=lambda one: (one.reported_on, one.at_meeting))
        return {one.task: one for one in by_day if one.task <= len(self.held.tasks)}

    @property
    def sheets(self) -> list[Scored]:
        """Return the last sheet of each pack and of each who filled one in, oldest first."""
        ordered = sorted(self.scores, key=lambda one: (one.scored_at, *one.pack.values(), one.superior or ""))
        return list({(*one.pack.values(), one.superior): one for one in ordered}.values())
