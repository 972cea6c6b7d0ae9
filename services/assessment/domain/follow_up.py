"""What becomes of the tasks that a meeting sets: a later meeting of the cell hears of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.assessment.domain.minutes import Minuting
from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Fact
from services.chassis.errors import NotYetKnown, Refused


class UnknownTask(NotYetKnown):
    """A task has its number in the minutes of its meeting; a correction may be on its way (house rule)."""


class NotALaterMeeting(Refused):
    """What became of a task is said at a later meeting, of the cell or its successor (house rule)."""


class NotReportedThatDay(Refused):
    """A task is reported on the day of the meeting that hears of it (house rule)."""


class AlreadyReported(Refused):
    """A meeting hears once what became of a task (house rule)."""


@dataclass(frozen=True)
class Report:
    """The state of the task of a number: DONE, UNDER_WAY or NOT_DONE."""

    task: int
    state: str
    reported_on: date

    def check(self, cell: Organization, held: Minuting, later: Minuting) -> None:
        """Raise UnknownTask, NotALaterMeeting or NotReportedThatDay.

        `cell` set the task at `held`, and stands in the tree as it does now: beneath whom it merged into.
        """
        if self.task > len(held.tasks):
            raise UnknownTask(f"{held.meeting} set {len(held.tasks)} tasks, not {self.task}")
        if later.held_at <= held.held_at or later.organization not in cell.path:
            raise NotALaterMeeting(f"{later.meeting} of {later.organization} at {later.held_at}")
        if self.reported_on != later.held_on:
            raise NotReportedThatDay(
                f"{later.meeting} was held on {later.held_on}, not on {self.reported_on}"
            )

    def stored(self) -> dict[str, Any]:
        """Return it as a fact keeps it."""
        return vars(self) | {"reported_on": self.reported_on.isoformat()}


class Reporting(Fact):
    """What a fact keeps of a report; `organization` is the cell that met at `at_meeting`."""

    meeting: str
    organization: str
    task: int
    state: str
    at_meeting: str
    reported_on: str
