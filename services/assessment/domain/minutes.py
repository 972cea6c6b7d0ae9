"""What the minutes of a meeting say, and what they may not say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Fact
from services.chassis.errors import NotYetKnown, Refused

ORIGINAL = datetime.min.replace(tzinfo=UTC)
"""When the minutes first taken were corrected: before all corrections."""


class UnknownMeeting(NotYetKnown):
    """Whoever corrects, visits, scores or follows up a meeting needs its minutes, which may be on their way.

    A meeting that is called off was called before (house rule).
    """


class NotHeldThere(Refused):
    """A meeting and what is told of it are of the cell that called or held it (house rule)."""


class NotThatDay(Refused):
    """A meeting is attended, and a concern raised there, on the day it is held (house rule)."""


class DoesNotAddUp(Refused):
    """Minutes count everyone: present, absent with and without reason are all who were summoned.

    Whoever is named as absent is counted as such; who may not be named is only counted (house rule).
    """


class NobodyPresent(Refused):
    """Where nobody came, no meeting was held (house rule)."""


class NamedTwice(Refused):
    """Minutes name a member once, as absent or as a guest from above (house rule)."""


class ChairAbsent(Refused):
    """Whoever is in the chair is there (house rule)."""


class VotesDoNotAddUp(Refused):
    """294-QĐ/TW 9.3.2, Charter art. 3.4: full members are summoned to a vote; those present may be in favour.

    Fewer are counted where some are away for a while, or exempted and absent; never more.
    """


class BeforeMeeting(Refused):
    """Minutes are corrected, and a meeting is scored, after it was held (house rule)."""


class NothingCorrected(NotYetKnown):
    """A correction says something else than the minutes before it, at a moment of its own (house rule).

    A correction between them may be on its way.
    """


class DueBeforeMeeting(Refused):
    """A task is due on the meeting's day or later (house rule)."""


@dataclass(frozen=True)
class Minutes:
    """What the minutes of a meeting say: who was summoned and came, what was discussed and resolved.

    `kind` is REGULAR, THEMATIC or EXTRAORDINARY; `resolution` {number, title} or None; each of `tasks` is
    {member, what, due_on} with an ISO date, of `absences` {member, excused}, of `votes` {matter, summoned,
    in_favour, secret}; `supervisors` are guests from committees above, by code; None where they do not say.
    """

    kind: str
    held_at: datetime
    duration_min: int
    topic: str
    summoned_full: int
    summoned_probationary: int
    present: int
    excused: int
    unexcused: int
    discusses_solutions: bool
    resolution: dict[str, str] | None
    tasks: list[dict[str, str]]
    absences: list[dict[str, Any]] = field(default_factory=list)
    votes: list[dict[str, Any]] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    supervisors: list[str] | None = None
    chaired_by: str | None = None

    @property
    def held_on(self) -> date:
        """Return the day of the meeting in the province."""
        return day_of(self.held_at)

    def check(self, cell: Organization, *, at: datetime) -> None:
        """Raise where `cell` cannot have met like that, or where they contradict themselves.

        NotACell, InTheFuture, BeforeFounding, DoesNotAddUp, NobodyPresent, NamedTwice, ChairAbsent,
        VotesDoNotAddUp, DueBeforeMeeting.
        """
        cell.require_cell()
        cell.require_happened(self.held_at, at=at)
        summoned = self.summoned_full + self.summoned_probationary
        counted = self.present + self.excused + self.unexcused
        if counted != summoned:
            raise DoesNotAddUp(f"{summoned} summoned, but {counted} present or absent")
        if self.present == 0:
            raise NobodyPresent(f"none of {summoned}")
        self._check_names()
        for vote in self.votes:
            self._check_vote(vote)
        if early := [t["due_on"] for t in self.tasks if date.fromisoformat(t["due_on"]) < self.held_on]:
            raise DueBeforeMeeting(f"{min(early)} is before {self.held_on}")

    def stored(self) -> dict[str, Any]:
        """Return it as a fact keeps it, the instant in UTC."""
        return vars(self) | {"held_at": self.held_at.astimezone(UTC)}

    def _check_names(self) -> None:
        for excused, counted in ((True, self.excused), (False, self.unexcused)):
            named = sum(absence["excused"] is excused for absence in self.absences)
            if named > counted:
                kind = "with" if excused else "without"
                raise DoesNotAddUp(f"{named} are named as absent {kind} reason, {counted} are counted")
        absent = [absence["member"] for absence in self.absences]
        if twice := _first_twice([*absent, *(self.supervisors or ())]):
            raise NamedTwice(twice)
        if self.chaired_by in absent:
            raise ChairAbsent(str(self.chaired_by))

    def _check_vote(self, vote: dict[str, Any]) -> None:
        if vote["summoned"] > self.summoned_full:
            raise VotesDoNotAddUp(f"{vote['summoned']} to vote of {self.summoned_full} full members summoned")
        if vote["in_favour"] > min(vote["summoned"], self.present):
            raise VotesDoNotAddUp(
                f"{vote['in_favour']} in favour, of {vote['summoned']} to vote and {self.present} present"
            )


class Minuting(Fact):
    """What a fact keeps of minutes. What is new has a default: older facts lack it."""

    meeting: str
    organization: str
    kind: str
    held_at: datetime
    duration_min: int
    topic: str
    summoned_full: int
    summoned_probationary: int
    present: int
    excused: int
    unexcused: int
    discusses_solutions: bool
    resolution: dict[str, Any] | None
    tasks: list[dict[str, Any]]
    absences: list[dict[str, Any]] | tuple[()] = ()
    votes: list[dict[str, Any]] | tuple[()] = ()
    topics: list[str] | tuple[()] = ()
    supervisors: list[str] | None = None
    chaired_by: str | None = None

    @property
    def held_on(self) -> date:
        """Return the day of the meeting in the province."""
        return day_of(self.held_at)

    def require_over(self, instant: datetime) -> None:
        """Raise BeforeMeeting unless `instant` comes after it."""
        if instant < self.held_at:
            raise BeforeMeeting(f"{self.meeting} was held at {self.held_at}")

    def says(self, minutes: Minutes) -> bool:
        """Return whether it says the same as `minutes`."""
        mine = {name: getattr(self, name) for name in vars(minutes)}
        return all((value or None) == (vars(minutes)[name] or None) for name, value in mine.items())


class Correcting(Fact):
    """What a fact keeps of a correction, besides the new minutes."""

    corrected_at: datetime
    reason: str


def _first_twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
