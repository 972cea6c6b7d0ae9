"""Until when a period is assessed, and which decisions open it to one cell again after that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.days import day_of
from services.assessment.domain.calendar import Period
from services.assessment.domain.organization import InTheFuture, Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused


class Locked(NotYetKnown):
    """From a day of the rules on, a period is locked but to whom a decision reopened it (house rule).

    That decision may be on its way.
    """


class NotLocked(Refused):
    """A decision opens what is locked, and is dated on its first day or before its last (house rule)."""


class AlreadyReopened(Refused):
    """A decision, by its committee, number and date, opens a period to a cell once (house rule)."""


@dataclass(frozen=True)
class SubmissionRules:
    """When self-assessments are due and when no longer taken. `name` is what a fact pins.

    `due_days` after its end a period is due; the periods of a year are locked from the first day of month
    `locked_from_month` of the next year on.
    """

    name: str
    due_days: int
    locked_from_month: int

    def due_on(self, period: Period) -> date:
        """Return the last day on which an assessment of `period` is on time."""
        return period.last_day + timedelta(days=self.due_days)

    def locked_from(self, period: Period) -> date:
        """Return the first day on which `period` is locked."""
        return date(period.last_day.year + 1, self.locked_from_month, 1)


@dataclass(frozen=True)
class Window:
    """When one cell may submit for one period: before it is locked, and while a decision reopens it."""

    rules: SubmissionRules
    reopened: Sequence[SubmissionLock.Reopened] = ()

    def admit(self, period: Period, on: date, *, until: date | None = None) -> dict[str, str] | None:
        """Return the decision that admits what is signed on `on`, or None if it needs none.

        `until` is the day by which a superior asked for it, if one did. Raises Locked.
        """
        locked_from = self.rules.locked_from(period)
        if on < locked_from or (until and on <= until):
            return None
        for one in self.reopened:
            if one.dated <= on.isoformat() <= one.until:
                return {"number": one.number, "date": one.dated}
        raise Locked(f"{period.text} is locked from {locked_from} on, and no decision opens it on {on}")


class SubmissionLock(Aggregate):
    """What was decided about one cell's locked period, whether or not the cell ever submitted for it."""

    TOPIC = "assessment.SubmissionLock"

    # -- State
    organization: str
    period: str
    reopened: tuple[SubmissionLock.Reopened, ...] = ()

    # -- Facts
    class Event(Fact):
        """A fact about one cell's locked period."""

    class Begun(FirstFact):
        TOPIC = "assessment.SubmissionLock.Begun"
        organization: str
        period: str

    class Reopened(Event):
        """`number` and `dated` name the decision, which opens the period to the end of `until`."""

        TOPIC = "assessment.SubmissionLock.Reopened"
        organization: str
        period: str
        reopened_by: str
        number: str
        dated: str
        reason: str
        until: str
        rules: str

        def apply(self, lock: SubmissionLock) -> None:
            """Remember from when to when it is open."""
            lock.reopened = (*lock.reopened, self)

    # -- Decisions
    @staticmethod
    def id_for(organization: str, period: str) -> str:
        """Return `submission-lock-<organization>-<period>`."""
        return f"submission-lock-{organization}-{period}"

    @classmethod
    def begin(cls, organization: str, period: str, *, at: datetime) -> SubmissionLock:
        """Return the lock that nobody has opened yet."""
        id = cls.id_for(organization, period)
        return cls._create(cls.Begun, id=id, organization=organization, period=period, timestamp=at)

    def reopen(
        self,
        cell: Organization,
        superior: Organization,
        *,
        number: str,
        dated: date,
        reason: str,
        until: date,
        rules: SubmissionRules,
        at: datetime,
    ) -> None:
        """Open the period to `cell` from `dated` to the end of `until`, by decision of `superior`.

        Raises NotACell, NotASuperior, InTheFuture, NotLocked, AlreadyReopened.
        """
        cell.require_cell()
        cell.require_beneath(superior)
        if dated > day_of(at):
            raise InTheFuture(f"{dated} is after today, {day_of(at)}")
        if until < max(dated, locked_from := rules.locked_from(Period(self.period))):
            raise NotLocked(
                f"{self.period} is locked from {locked_from} on: {dated} to {until} opens nothing"
            )
        decision = superior.code, number, dated.isoformat()
        if decision in [(one.reopened_by, one.number, one.dated) for one in self.reopened]:
            raise AlreadyReopened(f"{self.period} by {number} of {dated}")
        self.trigger_event(
            self.Reopened,
            organization=self.organization,
            period=self.period,
            reopened_by=superior.code,
            number=number,
            dated=dated.isoformat(),
            reason=reason,
            until=until.isoformat(),
            rules=rules.name,
            timestamp=at,
        )
