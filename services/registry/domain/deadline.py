"""Deadlines that come near or are missed: silence is noted, so that it can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.working_days import WorkingDays


class Duty(StrEnum):
    """What has to be done by a day."""

    CEREMONY = "CEREMONY"
    RECOGNITION = "RECOGNITION"
    RELEASE = "RELEASE"
    DATA_REQUEST_ANSWER = "DATA_REQUEST_ANSWER"
    DATA_REQUEST = "DATA_REQUEST"


@dataclass(frozen=True)
class DeadlineRules:
    """What the pack on deadlines states; facts pin its name and version."""

    name: str
    ceremony_working_days: int
    recognition_working_days: int
    near_days: int
    noted_within_days: int
    working_days: WorkingDays

    def ceremony_by(self, decided_on: date) -> date:
        """Return the last day for a ceremony (294-QĐ/TW)."""
        return self.working_days.after(decided_on, self.ceremony_working_days)

    def recognition_by(self, probation_ends: date) -> date:
        """Return the last day on which recognition is in time (294-QĐ/TW 4.2)."""
        return self.working_days.after(probation_ends, self.recognition_working_days)


@dataclass(frozen=True)
class Due:
    """Something that `organization` has to do by the end of `due_on`.

    `subject` keeps apart what falls on the same day; `member` is whom it is about, where others may know.
    """

    duty: Duty
    subject: str
    organization: str
    due_on: date
    missed: bool
    member: str | None = None


class Deadline(Aggregate):
    """One deadline that came near, or was missed: noted once."""

    TOPIC = "registry.Deadline"

    # -- State

    organization: str

    # -- Facts

    class Event(Fact):
        """A fact about one deadline."""

    class Noted(FirstFact):
        TOPIC = "registry.Deadline.Noted"
        organization: str
        duty: str
        state: str  # NEAR or MISSED
        due_on: str
        noted_on: str
        member: str | None
        rules: str

    # -- Decisions

    @staticmethod
    def id_for(due: Due) -> str:
        """One duty, day and state, one id. It tells nobody the code of a person's request."""
        words = (due.duty, due.subject, f"{due.due_on}", _state(due))
        return f"deadline-{sha256('|'.join(words).encode()).hexdigest()[:32]}"

    @classmethod
    def note(cls, due: Due, *, noted_on: date, rules: str, at: datetime) -> Deadline:
        """Note that `due` is near, or was missed."""
        return cls._create(
            cls.Noted,
            id=cls.id_for(due),
            organization=due.organization,
            duty=due.duty.value,
            state=_state(due),
            due_on=due.due_on.isoformat(),
            noted_on=noted_on.isoformat(),
            member=due.member,
            rules=rules,
            timestamp=at,
        )


def _state(due: Due) -> str:
    return "MISSED" if due.missed else "NEAR"
