"""Obligations: what a cell owed in a month, as it was opened, ended and excused; judged in `obligation`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

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
            Duty.SELF_ASSESSMENT: {month.text, *([month.text[:4]] if month.ends_year else ())},
        }
        if self.subject not in fits.get(self.duty, {self.subject}):
            raise NotOfThatMonth(f"{self.duty} of {self.subject} in {month.text}")


Key = tuple[str, str]


@dataclass(frozen=True)
class Changes:
    """How what was judged differs from what stands."""

    opening: list[Obligation]
    ending: list[Obligation]

    @classmethod
    def between(
        cls, stands: Mapping[Key, Obligation], judged: Iterable[Obligation], hidden: Collection[str]
    ) -> Self:
        """Return what opens and what ended in another way. What is no longer asked is excused.

        What was done in time stays so. Of members in `hidden` nothing changes: who had the use of their data
        restricted is not written about (domain.md section 10).
        """
        asked = {one.key: one for one in judged if one.member not in hidden}
        opening = [one for one in asked.values() if _opens(stands.get(one.key), one)]
        opened = {one.key for one in opening}
        ending = [
            one
            for key, one in asked.items()
            if one.outcome and (key in opened or _verdict(one) != _verdict(stands[key]))
        ]
        dropped = [
            one.excused(Because.NOT_ASKED)
            for key, one in stands.items()
            if key not in asked and one.owed and one.member not in hidden
        ]
        return cls(opening, [*ending, *dropped])

    def __bool__(self) -> bool:
        return bool(self.opening or self.ending)


class Obligations(Aggregate):
    """All that one cell owes in one month."""

    TOPIC = "assessment.Obligations"

    # -- State, by duty and subject
    organization: str
    period: str
    stands: dict[Key, Obligation] = field(default_factory=dict, init=False)
    rules: dict[str, Any] = field(default_factory=dict, init=False)
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
            opened = {one.key: one for one in map(_read, self.obligations)}
            obligations.stands = obligations.stands | opened
            obligations.rules = self.rules

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
            key = self.duty, self.subject
            became = replace(
                obligations.stands[key],
                outcome=Outcome(self.outcome),
                because=Because(self.because) if self.because else None,
                done_on=date.fromisoformat(self.done_on) if self.done_on else None,
                rests_on=tuple(self.rests_on),
            )
            obligations.stands = obligations.stands | {key: became}

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
        judged: Iterable[Obligation],
        rules: DutyRules,
        *,
        hidden: Collection[str] = frozenset(),
        at: datetime,
    ) -> None:
        """Record how what was judged by `rules` differs from what stands here. See `Changes.between`."""
        pinned = {"name": rules.name, "version": rules.version}
        changes = Changes.between(self.stands, map(self._exempted, judged), hidden)
        if changes.opening:
            self.trigger_event(
                self.Opened,
                organization=self.organization,
                period=self.period,
                opened_on=day_of(at).isoformat(),
                rules=pinned,
                obligations=[_written(one) for one in changes.opening],
                timestamp=at,
            )
        for one in changes.ending:
            self._end(one, pinned, at)

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
        if (one := self.stands.get(key)) and one.owed:
            self._end(one.excused(Because.DECISION), self.rules, at)

    def _exempted(self, one: Obligation) -> Obligation:
        """Return it as excused if a decision says so that whoever judged did not know."""
        if one.outcome == Outcome.MET or one.key not in self.exempt:
            return one
        return one.excused(Because.DECISION)

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


def _opens(before: Obligation | None, one: Obligation) -> bool:
    """Return whether it is new, has another last day, or may be done still though it had ended."""
    if before is None or before.due_on != one.due_on:
        return True
    return one.outcome is None and before.outcome is not None


def _verdict(one: Obligation) -> tuple[object, ...]:
    return one.outcome, one.because, one.done_on, one.rests_on


def _written(one: Obligation) -> dict[str, Any]:
    days = {"opens_on": one.opens_on.isoformat(), "due_on": one.due_on.isoformat()}
    return {"duty": one.duty.value, "subject": one.subject, "owed_by": one.owed_by, **days}


def _read(opened: dict[str, Any]) -> Obligation:
    days = date.fromisoformat(opened["opens_on"]), date.fromisoformat(opened["due_on"])
    return Obligation(Duty(opened["duty"]), opened["subject"], opened["owed_by"], *days)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
