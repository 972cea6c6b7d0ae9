"""Given/when/then for aggregates: facts in, one decision, facts or a refusal out.

    given = spec(Member)
    admitted = fact(Member.Admitted, code="M-0042", ...)

    given().when(Member.admit, **ADA).then(admitted)
    given(admitted).when(Member.suspend, "fees unpaid").then(suspended)
    given(taken(Member.admit, **ADA)).when(Member.suspend, "fees unpaid").then(suspended)
    given(admitted, suspended).when(Member.suspend, "again").refused(AlreadySuspended)

What happened before is stated as facts, or as decisions once taken where facts would be long.
Decisions are taken at NOW unless the scenario says `at=`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from eventsourcing.utils import get_topic

from services.chassis import aggregate as chassis
from services.chassis.eventlog.store import mapper

NOW = datetime(2024, 12, 31, 5, tzinfo=UTC)
"""When tests decide, unless they say otherwise: noon in the province, at the end of the sample's year."""

SUBJECT = "subject-1"
STAMPS = {"originator_id", "originator_version", "originator_topic", "timestamp"}


@dataclass(frozen=True)
class Stated:
    """A fact as a test states it: a class and its own fields, without the stamps."""

    kind: type[chassis.Fact]
    fields: dict[str, Any]

    def stamped(self, subject: Any, version: int, aggregate_class: type[chassis.Aggregate]) -> Any:
        stamps = {"originator_id": subject, "originator_version": version, "timestamp": NOW}
        if issubclass(self.kind, chassis.FirstFact):
            stamps["originator_topic"] = get_topic(aggregate_class)
        return self.kind(**stamps, **self.fields)


@dataclass(frozen=True)
class Decision:
    """A decision not taken yet. With no aggregate to ask, it is the one that begins it."""

    verb: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def take(self, aggregate: Any | None) -> Any:
        """Return the aggregate after this decision."""
        kwargs = {"at": NOW} | self.kwargs
        if aggregate is None:
            return self.verb(*self.args, **kwargs)
        self.verb(aggregate, *self.args, **kwargs)
        return aggregate


def fact(kind: Any, /, **fields: Any) -> Stated:
    """State a fact. `kind` is a fact class of an aggregate: `Member.Admitted`."""
    return Stated(kind, fields)


def taken(verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Decision:
    """State a decision that was taken before: `taken(Member.admit, **ADA)`."""
    return Decision(verb, args, kwargs)


def spec(aggregate_class: type[chassis.Aggregate]) -> Callable[..., Scenario]:
    """Return the `given` of one aggregate class: called with what happened before, it is a scenario."""

    def given(*history: Stated | Decision) -> Scenario:
        return Scenario(aggregate_class, history)

    return given


@dataclass(frozen=True)
class Scenario:
    aggregate_class: type[chassis.Aggregate]
    history: tuple[Stated | Decision, ...]
    decision: Decision | None = None

    def when(self, verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Scenario:
        """Name the decision; it is taken when the outcome is asserted."""
        return Scenario(self.aggregate_class, self.history, taken(verb, *args, **kwargs))

    def then(self, *expected: Stated) -> None:
        """Assert exactly these facts; none at all means that nothing was decided."""
        decided = self._decided().collect_events()
        assert list(expected) == [stated(event) for event in decided]

    def refused(self, why: type[Exception], saying: str = "") -> None:
        """Assert that the rule `why` refuses, with `saying` somewhere in its words."""
        aggregate = self.aggregate()
        with pytest.raises(why) as refusal:
            self._take(aggregate)
        assert type(refusal.value) is why
        assert saying in str(refusal.value)
        assert aggregate is None or [] == aggregate.collect_events()

    def aggregate(self) -> Any:
        """Return the aggregate as its history leaves it, or None if it has none yet."""
        aggregate: Any = None
        for past in self.history:
            if isinstance(past, Decision):
                aggregate = past.take(aggregate)
            else:
                subject, version = (aggregate.id, aggregate.version + 1) if aggregate else (SUBJECT, 1)
                aggregate = past.stamped(subject, version, self.aggregate_class).mutate(aggregate)
        if aggregate is not None:
            aggregate.collect_events()
        return aggregate

    def _decided(self) -> Any:
        return self._take(self.aggregate())

    def _take(self, aggregate: Any) -> Any:
        assert self.decision is not None, "say .when(...) first"
        return self.decision.take(aggregate)


# -- For test_facts: what every fact has to survive --------------------------------------------


def stated(event: Any) -> Stated:
    """Return `event` as a test would state it."""
    return Stated(type(event), {name: value for name, value in vars(event).items() if name not in STAMPS})


def stamped(
    past: Stated, aggregate_class: type[chassis.Aggregate], *, subject: str = SUBJECT, version: int = 1
) -> Any:
    """Return the event that `past` stands for, with id, version, time and topic filled in."""
    return past.stamped(subject, version, aggregate_class)


def facts_of(aggregate_class: type[chassis.Aggregate]) -> set[type[chassis.Fact]]:
    """Return every fact class the aggregate declares, whether or not anything uses it yet."""
    declared = vars(aggregate_class).items()
    return {
        kind
        for name, kind in declared
        if isinstance(kind, type) and issubclass(kind, chassis.Fact) and name != "Event"
    }


def stored_and_read(event: Any) -> Any:
    """Return `event` after a trip through the store's mapper: into bytes and back."""
    trip = mapper()
    return trip.to_domain_event(trip.to_stored_event(event))
