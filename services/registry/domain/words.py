"""What the aggregates share: the document behind a decision, and the day it can be no later than."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from contracts.days import day_of
from services.chassis.errors import Refused


class CodeTaken(Refused):
    """A code names one organization or one member for ever; it is never given a second time (house rule)."""


class DateInFuture(Refused):
    """What has not happened yet is not recorded as a fact (house rule)."""


class Overtaken(Refused):
    """What changes of one organization or one member comes in the order of its days (house rule)."""


@dataclass(frozen=True)
class Decision:
    """The document by which something was decided: a number alone is not unique."""

    number: str
    dated: date

    @property
    def name(self) -> str:
        """Return how a fact pins it."""
        return f"{self.number} {self.dated}"


def happened(what: str, on: date, *, at: datetime) -> None:
    """Refuse a day later than the province's calendar shows at `at`. Raises DateInFuture."""
    today = day_of(at)
    if on > today:
        raise DateInFuture(f"{what} on {on} is after today, {today}")


def follows(what: str, on: date, last: str | None) -> None:
    """Refuse a change on a day before the `last` one. Raises Overtaken."""
    if last and on < date.fromisoformat(last):
        raise Overtaken(f"{what} on {on}, but something changed on {last}")


def written(decision: Decision | None) -> dict[str, str | None]:
    """Return the fields by which a fact names its decision."""
    return {
        "decision_number": decision.number if decision else None,
        "decision_dated": decision.dated.isoformat() if decision else None,
    }
