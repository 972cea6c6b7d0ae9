"""What a replay shows: the events of an organization's timeline, and its state on a day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.days import day_of
from services.chassis.delivery import Envelope
from services.chassis.shares import percent_of
from services.reporting.views.classes import YearClass
from services.reporting.views.headcount import Count

RESTRICTED = "[restricted]"
"""What stands where a member's code would stand who restricts the use of their data."""


@dataclass(frozen=True)
class Entry:
    """One event of a timeline: its place in the ledger, and the whole message."""

    position: int
    message: Envelope
    withheld: Collection[str] = frozenset()
    """Members by code who are not shown: they restrict the use of their data."""

    @property
    def at(self) -> datetime:
        """Return when it happened."""
        return self.message.time

    @property
    def on(self) -> date:
        """Return the day it happened, by the province's calendar."""
        return day_of(self.at)

    @property
    def recorded_at(self) -> datetime:
        """Return when its service recorded it."""
        return self.message.recordedtime

    @property
    def type(self) -> str:
        """Return its type: `assessment.MeetingHeld.v1`."""
        return self.message.type

    @property
    def name(self) -> str:
        """Return its type without service and version: `MeetingHeld`."""
        return self.type.split(".")[1] if "." in self.type else self.type

    @property
    def source(self) -> str:
        """Return the service that tells it."""
        return self.message.source

    @property
    def data(self) -> dict[str, Any]:
        """Return what it says, as plain values, without the codes withheld, however deep they stand."""
        return {name: self._shown(one) for name, one in self.message.data.items()}

    def _shown(self, said: Any) -> Any:
        match said:
            case str():
                return RESTRICTED if said in self.withheld else said
            case list():
                return [self._shown(one) for one in said]
            case dict():
                return {name: self._shown(one) for name, one in said.items()}
            case _:
                return said


@dataclass(frozen=True)
class Framework:
    """The criteria framework in force: the one that took effect last, of the organization or above it."""

    number: str
    issued_on: date
    title: str
    issuer: str
    effective_on: date
    period: str


@dataclass(frozen=True)
class Meeting:
    """One meeting as it was reported."""

    code: str
    kind: str
    held_at: datetime
    topic: str
    duration_min: int
    summoned: int
    present: int
    excused: int
    unexcused: int
    resolution: str | None
    tasks: int

    @property
    def attendance(self) -> Decimal | None:
        """Return the share of those summoned who were present, in percent."""
        return percent_of(self.present, self.summoned)


@dataclass(frozen=True)
class Visit:
    """A superior's attendance at one meeting."""

    supervisor: str
    superior: str
    meeting: str
    attended_on: date


@dataclass(frozen=True)
class SelfAssessment:
    """One period's self-assessment. The day is of the first submission, the result of the last version.

    `state` is SUBMITTED, RETURNED or ACCEPTED. `points` of 100 and their `level`, where points are given.
    """

    period: str
    submitted_on: date
    four_good: bool | None
    goods: Mapping[str, bool | None]
    corrected: bool
    late: bool
    state: str = "SUBMITTED"
    restated: bool = False
    points: Decimal | None = None
    level: str | None = None


@dataclass(frozen=True)
class CellState:
    """One organization as it stood at the end of the day `on`."""

    on: date
    name: str = ""
    kind: str = ""
    parent: str | None = None
    founded_on: date | None = None
    ended_on: date | None = None
    members: Count = field(default_factory=Count)
    framework: Framework | None = None
    model: str | None = None
    meetings: tuple[Meeting, ...] = ()
    visits: tuple[Visit, ...] = ()
    assessments: tuple[SelfAssessment, ...] = ()
    classes: tuple[YearClass, ...] = ()
    events: int = 0
