"""Obligations: what a cell owed in a month, as it was opened, ended and excused; judged in `obligation`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.calendar import Period
from services.assessment.domain.obligation import (
    Because,
    Duty,
    DutyRules,
    Obligation,
    Outcome,
    quarter_of,
)
from services.assessment.domain.organization import InTheFuture, Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused


class NotOfThatMonth(Refused):
    """What is owed belongs to one month: a meeting to its own, what is of a quarter or year to its last."""


class AlreadyExcused(Refused):
    """A cell is excused once from one thing (house rule)."""


@dataclass(frozen=True)
class Excuse:
    """A superior's decision that a cell need not do something."""

    duty: Duty
    subject: str
    number: str
    dated: date
    reason: str

    def require_of(self, month: Period) -> None:
        """Raise NotOfThatMonth if its subject is of another month."""
        fits = {
            Duty.MEETING: {month.text},
            Duty.THEMATIC_MEETING: {quarter_of(month)} if month.ends_quarter else set(),
            Duty.SELF_ASSESSMENT: {month.text, *([month.text[:4]] if month.text.endswith("-12") else ())},
        }
        if self.subject not in fits.get(self.duty, {self.subject}):
            raise NotOfThatMonth(f"{self.duty} of {self.subject} in {month.text}")


Key = tuple[str, str]


class Obligations(Aggregate):
    """All that one cell owes in one month."""

    TOPIC = "assessment.Obligations"

    # -- State, by duty and subject
    organization: str
    period: str
    opened: dict[Key, dict[str, Any]] = field(default_factory=dict, init=False)
    ended: dict[Key, Obligations.Ended] = field(default_factory=dict, init=False)
    exempt: frozenset[Key] = field(default=frozenset(), init=False)

    # -- Facts
    class Event(Fact):
        """A fact about what a cell owes."""

    class Begun(FirstFact):
        TOPIC = "assessment.Obligations.Begun"
        organization: str
        period: str

    class Opened(Event):
        """`obligations` are {duty, subject, owed_by, opens_on, due_on}; what was ended is open again."""

        TOPIC = "assessment.Obligations.Opened"
        organization: str
        period: str
        opened_on: str
        rules: dict[str, Any]
        obligations: list[dict[str, Any]]

        def apply(self, obligations: Obligations) -> None:
            """Remember what is owed."""
            opened = {(one["duty"], one["subject"]): one | {"rules": self.rules} for one in self.obligations}
            obligations.opened = obligations.opened | opened
            obligations.ended = {key: one for key, one in obligations.ended.items() if key not in opened}

    class Ended(Event):
        """`outcome` and `because` are of `obligation`; `done_on` is the day stated, `rests_on` codes."""

        TOPIC = "assessment.Obligations.Ended"
        organization: str
        period: str
        duty: str
        subject: str
        owed_by: str
        due_on: str
        judged_on: str
        outcome: str
        done_on: str | None
        rests_on: list[str]
        because: str | None
        rules: dict[str, Any]

        def apply(self, obligations: Obligations) -> None:
            """Remember what became of it."""
            obligations.ended = obligations.ended | {(self.duty, self.subject): self}

    class Excused(Event):
        """`number` and `dated` name the decision."""

        TOPIC = "assessment.Obligations.Excused"
        organization: str
        period: str
        duty: str
        subject: str
        excused_by: str
        number: str
        dated: str
        reason: str

        def apply(self, obligations: Obligations) -> None:
            """Remember that it need not be done."""
            obligations.exempt = obligations.exempt | {(self.duty, self.subject)}

    # -- Decisions
    @staticmethod
    def id_for(organization: str, period: str) -> str:
        """Return `obligations-<organization>-<period>`."""
        return f"obligations-{organization}-{period}"

    @classmethod
    def begin(cls, organization: str, period: str, *, at: datetime) -> Obligations:
        """Return those of a cell and month of which nothing is recorded yet."""
        id = cls.id_for(organization, period)
        return cls._create(cls.Begun, id=id, organization=organization, period=period, timestamp=at)

    def settle(
        self,
        judged: Sequence[Obligation],
        rules: DutyRules,
        *,
        hidden: Collection[str] = frozenset(),
        at: datetime,
    ) -> None:
        """Record how what was judged differs from what stands here: what opens, what ended in another way.

        What is no longer asked is excused. Of members in `hidden` nothing is recorded.
        """
        pinned = {"name": rules.name, "version": rules.version}
        asked = {one.key: self._exempted(one) for one in judged if not _hides(one.key, hidden)}
        if opening := [one for one in asked.values() if self._opens(one)]:
            self.trigger_event(
                self.Opened,
                organization=self.organization,
                period=self.period,
                opened_on=day_of(at).isoformat(),
                rules=pinned,
                obligations=[_written(one) for one in opening],
                timestamp=at,
            )
        for one in asked.values():
            if one.outcome and self._differs(one):
                self._end(one, pinned, at)
        for key, before in self.opened.items():
            if key not in asked and not _hides(key, hidden):
                self._drop(_read(before).excused(Because.NOT_ASKED), pinned, at)

    def excuse(self, excuse: Excuse, cell: Organization, superior: Organization, *, at: datetime) -> None:
        """Record that `superior` decided that `cell` need not do something, before or after it is due.

        What was done in time stays so. Raises NotACell, NotASuperior, InTheFuture, NotOfThatMonth,
        AlreadyExcused.
        """
        cell.require_cell()
        cell.require_beneath(superior)
        if excuse.dated > day_of(at):
            raise InTheFuture(f"{excuse.dated} is after today, {day_of(at)}")
        excuse.require_of(Period(self.period))
        key = excuse.duty.value, excuse.subject
        if key in self.exempt:
            raise AlreadyExcused(f"{excuse.duty} of {excuse.subject} in {self.period}")
        self.trigger_event(
            self.Excused,
            organization=self.organization,
            period=self.period,
            duty=excuse.duty.value,
            subject=excuse.subject,
            excused_by=superior.code,
            number=excuse.number,
            dated=excuse.dated.isoformat(),
            reason=excuse.reason,
            timestamp=at,
        )
        if opened := self.opened.get(key):
            self._drop(_read(opened).excused(Because.DECISION), opened["rules"], at)

    def _exempted(self, one: Obligation) -> Obligation:
        """Return it as excused if a decision says so that whoever judged did not know."""
        if one.outcome == Outcome.MET or one.key not in self.exempt:
            return one
        return one.excused(Because.DECISION)

    def _opens(self, one: Obligation) -> bool:
        before = self.opened.get(one.key)
        if before is None or before["due_on"] != one.due_on.isoformat():
            return True
        return one.outcome is None and one.key in self.ended

    def _differs(self, one: Obligation) -> bool:
        before = self.ended.get(one.key)
        if before is None:
            return True
        stands = before.outcome, before.because, before.done_on, tuple(before.rests_on)
        return stands != (one.outcome, one.because, _day(one.done_on), one.rests_on)

    def _drop(self, one: Obligation, rules: dict[str, Any], at: datetime) -> None:
        """Record that it is owed no more, unless it was done in time or is excused already."""
        before = self.ended.get(one.key)
        if before is None or before.outcome not in (Outcome.MET, Outcome.EXCUSED):
            self._end(one, rules, at)

    def _end(self, one: Obligation, rules: dict[str, Any], at: datetime) -> None:
        self.trigger_event(
            self.Ended,
            organization=self.organization,
            period=self.period,
            duty=one.duty.value,
            subject=one.subject,
            owed_by=one.owed_by,
            due_on=one.due_on.isoformat(),
            judged_on=day_of(at).isoformat(),
            outcome=str(one.outcome),
            done_on=_day(one.done_on),
            rests_on=list(one.rests_on),
            because=one.because and one.because.value,
            rules=rules,
            timestamp=at,
        )


def _hides(key: Key, hidden: Collection[str]) -> bool:
    """A member who had the use of their data restricted is not written about (domain.md section 10)."""
    duty, subject = key
    return duty in (Duty.RECOGNITION, Duty.VISIT) and subject in hidden


def _written(one: Obligation) -> dict[str, Any]:
    days = {"opens_on": one.opens_on.isoformat(), "due_on": one.due_on.isoformat()}
    return {"duty": one.duty.value, "subject": one.subject, "owed_by": one.owed_by, **days}


def _read(opened: dict[str, Any]) -> Obligation:
    days = date.fromisoformat(opened["opens_on"]), date.fromisoformat(opened["due_on"])
    return Obligation(Duty(opened["duty"]), opened["subject"], opened["owed_by"], *days)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
