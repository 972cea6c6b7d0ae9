"""How a meeting is called: for when and where, announced at which moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Fact
from services.chassis.errors import Refused


class CalledTooLate(Refused):
    """12-HD/BTCTW (2018) II.1.1.a: time, place and contents are told before the meeting."""


class AlreadyScheduled(Refused):
    """A meeting is announced once at one moment; a new time is a later announcement (house rule)."""


class MeetingCancelledAlready(Refused):
    """What was called off is neither held nor called again under its code (house rule)."""


@dataclass(frozen=True)
class Call:
    """A meeting as it is announced: what kind, when, where and what about."""

    kind: str
    scheduled_for: datetime
    announced_at: datetime
    place: str | None = None
    topics: tuple[str, ...] = ()

    def check(self, cell: Organization, *, at: datetime) -> None:
        """Raise NotACell, InTheFuture, BeforeFounding, or CalledTooLate unless it is before it begins."""
        cell.require_cell()
        cell.require_happened(self.announced_at, at=at)
        if self.scheduled_for <= self.announced_at:
            raise CalledTooLate(f"for {self.scheduled_for}, announced at {self.announced_at}")

    def stored(self) -> dict[str, Any]:
        """Return it as a fact keeps it, instants in UTC."""
        scheduled_for, announced_at = (i.astimezone(UTC) for i in (self.scheduled_for, self.announced_at))
        instants = {"scheduled_for": scheduled_for, "announced_at": announced_at}
        return vars(self) | instants | {"topics": list(self.topics)}


class Calling(Fact):
    """What a fact keeps of a call."""

    meeting: str
    organization: str
    kind: str
    scheduled_for: datetime
    announced_at: datetime
    place: str | None
    topics: list[str]


class CallingOff(Fact):
    """What a fact keeps of a meeting called off."""

    meeting: str
    organization: str
    cancelled_at: datetime
    reason: str
