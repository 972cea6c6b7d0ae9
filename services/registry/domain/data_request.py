"""What a person asks about their own data, and by when it is answered and done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused
from services.chassis.working_days import WorkingDays
from services.registry.domain.words import Decision, happened

# -- Refusals: the docstring is the rule and its source, or that it is ours


class RequestSettled(Refused):
    """A request that was done or declined is over; who asks again makes a new one (house rule)."""


class AnsweredAlready(Refused):
    """A request is answered once, within 2 working days (356/2025/NĐ-CP; domain.md section 10.3)."""


class BeforeReceived(Refused):
    """Nothing is done about a request before the day it is received (house rule)."""


class NotExtendable(Refused):
    """356/2025/NĐ-CP: the time to do it is extended once, where it may be at all, and by 15 days at most."""


class NotErasedYet(Refused):
    """A request for erasure is done once the person is erased (house rule)."""


class RequestKind(StrEnum):
    """Law 91/2025/QH15: what a person may ask for."""

    ACCESS = "ACCESS"
    CORRECTION = "CORRECTION"
    ERASURE = "ERASURE"
    RESTRICTION = "RESTRICTION"


@dataclass(frozen=True)
class Clocks:
    """By when requests are answered and done, as a document states it; the fact pins which one."""

    document: Decision
    answer_working_days: int
    done_days: Mapping[str, int]
    extension_days_max: Mapping[str, int]
    working_days: WorkingDays


class DataRequest(Aggregate):
    """One request of one person. Private: that somebody asks is between them and who keeps the files."""

    TOPIC = "registry.DataRequest"

    # -- State

    code: str
    member: str
    kind: str
    received_on: str
    answer_due_on: str
    done_due_on: str
    answered_on: str | None = None
    completed_on: str | None = None
    declined_on: str | None = None
    extended: bool = False

    # -- Facts

    class Event(Fact):
        """A fact about one request."""

    class Received(FirstFact):
        TOPIC = "registry.DataRequest.Received"
        code: str
        member: str
        kind: str
        received_on: str
        answer_due_on: str
        done_due_on: str
        rule: str  # the document that gives the days
        calendar: str  # the calendar that counted the working ones

    class Answered(Event):
        TOPIC = "registry.DataRequest.Answered"
        answered_on: str

        def apply(self, request: DataRequest) -> None:
            """Stop the first clock."""
            request.answered_on = self.answered_on

    class Extended(Event):
        TOPIC = "registry.DataRequest.Extended"
        extended_on: str
        done_due_on: str

        def apply(self, request: DataRequest) -> None:
            """Set the second clock later, once."""
            request.done_due_on = self.done_due_on
            request.extended = True

    class Completed(Event):
        TOPIC = "registry.DataRequest.Completed"
        completed_on: str

        def apply(self, request: DataRequest) -> None:
            """Stop both clocks: what was done was answered."""
            request.completed_on = self.completed_on
            request.answered_on = request.answered_on or self.completed_on

    class Declined(Event):
        TOPIC = "registry.DataRequest.Declined"
        declined_on: str
        ground_number: str
        ground_dated: str

        def apply(self, request: DataRequest) -> None:
            """Stop both clocks: no is an answer."""
            request.declined_on = self.declined_on
            request.answered_on = request.answered_on or self.declined_on

    # -- Decisions

    @staticmethod
    def id_for(code: str) -> str:
        """One code, one id."""
        return f"data-request-{code}"

    @classmethod
    def receive(
        cls, code: str, *, member: str, kind: RequestKind, received_on: date, clocks: Clocks, at: datetime
    ) -> DataRequest:
        """Receive a request; its clocks run from that day on. Raises DateInFuture."""
        happened("the request was received", received_on, at=at)
        return cls._create(
            cls.Received,
            id=cls.id_for(code),
            code=code,
            member=member,
            kind=kind.value,
            received_on=received_on.isoformat(),
            answer_due_on=clocks.working_days.after(received_on, clocks.answer_working_days).isoformat(),
            done_due_on=(received_on + timedelta(days=clocks.done_days[kind])).isoformat(),
            rule=clocks.document.name,
            calendar=clocks.working_days.name,
            timestamp=at,
        )

    def answer(self, *, answered_on: date, at: datetime) -> None:
        """Tell the person how their request is dealt with.

        Raises RequestSettled, AnsweredAlready, BeforeReceived, DateInFuture.
        """
        self._goes_on("the request was answered", answered_on, at=at)
        if self.answered_on:
            raise AnsweredAlready(f"{self.code} was answered on {self.answered_on}")
        self.trigger_event(self.Answered, answered_on=answered_on.isoformat(), timestamp=at)

    def extend(self, *, days: int, extended_on: date, clocks: Clocks, at: datetime) -> None:
        """Take `days` longer to do it. Raises RequestSettled, NotExtendable, BeforeReceived, DateInFuture."""
        self._goes_on("the request was extended", extended_on, at=at)
        longest = clocks.extension_days_max.get(self.kind, 0)
        if self.extended or days > longest:
            before = " and was extended before" if self.extended else ""
            raise NotExtendable(f"{self.code} ({self.kind}) may take {longest} days longer at most{before}")
        done_due_on = date.fromisoformat(self.done_due_on) + timedelta(days=days)
        self.trigger_event(
            self.Extended,
            extended_on=extended_on.isoformat(),
            done_due_on=done_due_on.isoformat(),
            timestamp=at,
        )

    def complete(self, *, completed_on: date, erased: bool, at: datetime) -> None:
        """Have done what was asked. `erased` says whether the person is.

        Raises RequestSettled, NotErasedYet, BeforeReceived, DateInFuture.
        """
        self._goes_on("the request was done", completed_on, at=at)
        if self.kind == RequestKind.ERASURE and not erased:
            raise NotErasedYet(f"{self.code}: {self.member} is not erased")
        self.trigger_event(self.Completed, completed_on=completed_on.isoformat(), timestamp=at)

    def decline(self, *, declined_on: date, ground: Decision, at: datetime) -> None:
        """Say no, by a document that says so. Raises RequestSettled, BeforeReceived, DateInFuture."""
        self._goes_on("the request was declined", declined_on, at=at)
        self.trigger_event(
            self.Declined,
            declined_on=declined_on.isoformat(),
            ground_number=ground.number,
            ground_dated=ground.dated.isoformat(),
            timestamp=at,
        )

    def _goes_on(self, what: str, on: date, *, at: datetime) -> None:
        """Refuse a step after the last, before the first, or not yet taken."""
        settled_on = self.completed_on or self.declined_on
        if settled_on:
            raise RequestSettled(f"{self.code} was settled on {settled_on}")
        happened(what, on, at=at)
        if on < date.fromisoformat(self.received_on):
            raise BeforeReceived(f"{what} on {on}, received only on {self.received_on}")
