"""What the console asks, and the shape of the answers: the border between pages and views.

The pages know only this file. Reporting's views answer it through `console.answers`; a test answers
it with values it wrote down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from contracts.message import PROVINCE_TIME
from services.chassis.tree import Node


def percent_of(part: int, whole: int) -> Decimal | None:
    """Return `part` of `whole` in percent, two decimals, half up; None where there is no whole."""
    if whole <= 0:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Count:
    """Members on one day, by standing."""

    full: int
    probationary: int

    @property
    def total(self) -> int:
        """Return both standings together."""
        return self.full + self.probationary


@dataclass(frozen=True)
class Admissions:
    """Members admitted in one year against the year's target, if one was set."""

    year: int
    admitted: int
    target: int | None

    @property
    def percent(self) -> Decimal | None:
        """Return the share of the target reached; a target of nothing has no share."""
        return percent_of(self.admitted, self.target or 0)


@dataclass(frozen=True)
class Month:
    """Self-assessments of one month (`2024-11`): `late` are among the `submitted`."""

    month: str
    due: int = 0
    submitted: int = 0
    late: int = 0
    missing: int = 0
    four_good: int = 0

    @property
    def on_time(self) -> int:
        """Return those submitted before the deadline."""
        return self.submitted - self.late


@dataclass(frozen=True)
class Child:
    """One row of the table of children: its subtree in figures."""

    node: Node
    beneath: int
    members: int
    months: tuple[Month, ...]


@dataclass(frozen=True)
class Children:
    """One page of the children that match, and how many match in all."""

    total: int
    rows: tuple[Child, ...]


@dataclass(frozen=True)
class Listing:
    """Which children: matching a text, in which order, which page."""

    matching: str = ""
    order: str = "code"
    descending: bool = False
    offset: int = 0
    limit: int = 25


ORDERS = ("code", "name", "members", "beneath", "submitted")


@dataclass(frozen=True)
class Distribution:
    """How many organizations of a subtree got which level in one year."""

    year: int
    levels: Mapping[str, int]
    four_good: int = 0
    unclassified: int = 0


@dataclass(frozen=True)
class YearClass:
    """The class of one organization in one year, with what it rests on."""

    year: str
    level: str
    four_good: bool
    score: Decimal
    decided_by: str
    decided_on: date
    rule_pack: str
    evidence: str
    reasons: tuple[str, ...] = ()
    events: int = 0


@dataclass(frozen=True)
class Framework:
    """The criteria framework in force for a cell."""

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
    summoned: int
    present: int
    excused: int = 0
    unexcused: int = 0
    duration_min: int = 0
    resolution: str | None = None
    tasks: int = 0

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
    """One month's self-assessment; a good that does not apply that month is None."""

    period: str
    submitted_on: date
    four_good: bool | None
    goods: Mapping[str, bool | None] = field(default_factory=dict)
    corrected: bool = False
    late: bool = False


@dataclass(frozen=True)
class CellState:
    """One organization as it stood at the end of one day."""

    on: date
    name: str
    members: Count
    framework: Framework | None = None
    model: str | None = None
    meetings: tuple[Meeting, ...] = ()
    visits: tuple[Visit, ...] = ()
    assessments: tuple[SelfAssessment, ...] = ()
    classes: tuple[YearClass, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One event of a timeline. `data` is the public event, `message` the whole envelope."""

    position: int
    at: datetime
    recorded_at: datetime
    type: str
    source: str
    data: Mapping[str, Any]
    message: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the event's name without service and version: `MeetingHeld`."""
        return self.type.split(".")[1] if "." in self.type else self.type

    @property
    def on(self) -> date:
        """Return the day it happened, by the province's calendar."""
        return self.at.astimezone(PROVINCE_TIME).date()


@dataclass(frozen=True)
class Source:
    """How far the ledger has recorded one service's events."""

    name: str
    position: int
    events: int
    recorded_at: datetime | None


@dataclass(frozen=True)
class ViewProgress:
    """How far one view has read each source, and how many events it is behind."""

    name: str
    version: int
    positions: Mapping[str, int]
    lag: int
    rebuilding: bool = False


@dataclass(frozen=True)
class Parked:
    """An event that was set aside because it could not be taken in."""

    id: str
    kind: str
    where: str
    type: str
    reason: str
    detail: str
    parked_at: datetime


class Queries(Protocol):
    """Every question a page may ask. `code` is always known; `find` says whether it is."""

    async def tops(self, subtree: str) -> Sequence[Node]:
        """Return the organizations without a parent, or the one at the top of `subtree`."""

    async def find(self, code: str) -> Node | None:
        """Return the organization, or None."""

    async def ancestors(self, node: Node) -> Sequence[Node]:
        """Return the way from the root down to `node`, inclusive."""

    async def years(self, code: str) -> Sequence[int]:
        """Return the years in which the subtree reported anything, ascending."""

    async def kinds(self, code: str) -> Mapping[str, int]:
        """Return how many organizations of each kind the subtree holds, `code` excluded."""

    async def models(self, code: str, on: date) -> Mapping[str, int]:
        """Return how many cells of the subtree are `PILOT` and `MODEL` on that day."""

    async def headcount(self, code: str, on: date) -> Count:
        """Return the members of the subtree on that day."""

    async def growth(self, code: str, first: date, last: date) -> Sequence[tuple[date, int]]:
        """Return (day, members) at each change between two days, both inclusive."""

    async def admissions(self, code: str, year: int) -> Admissions:
        """Return the year's admissions of the subtree against its target."""

    async def months(self, code: str, year: int) -> Sequence[Month]:
        """Return the year's twelve months of self-assessment over the subtree."""

    async def distribution(self, code: str, year: int) -> Distribution:
        """Return the classes of the subtree in one year."""

    async def children(self, code: str, year: int, on: date, listing: Listing) -> Children:
        """Return one page of the direct children, each with its subtree's figures."""

    async def state(self, code: str, on: date) -> CellState:
        """Return the organization as it stood at the end of `on`."""

    async def timeline(self, code: str) -> Sequence[Entry]:
        """Return every event about the organization, oldest first by position."""

    async def sources(self) -> Sequence[Source]:
        """Return how far the ledger has come, per service."""

    async def views(self) -> Sequence[ViewProgress]:
        """Return how far each view has come."""

    async def parked(self) -> Sequence[Parked]:
        """Return the events set aside in this service, newest first."""
