"""A clock: by when something is due, and how it stands on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self


class ClockState(StrEnum):
    """Whether something is still to come, or came, and in time."""

    RUNNING = "RUNNING"
    OVERDUE = "OVERDUE"
    MET = "MET"
    LATE = "LATE"


@dataclass(frozen=True)
class Clock:
    """By when something is due (the end of that day), and when it was done."""

    due_on: date
    done_on: date | None
    state: ClockState

    @classmethod
    def on(cls, today: date, *, due_on: date, done_on: date | None) -> Self:
        """Return the clock as it stands on a day."""
        if done_on is None:
            return cls(due_on, None, ClockState.OVERDUE if today > due_on else ClockState.RUNNING)
        return cls(due_on, done_on, ClockState.LATE if done_on > due_on else ClockState.MET)
