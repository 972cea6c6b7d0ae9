"""What holds of every target: by whom it is set for a year, and when it is set anew."""

from __future__ import annotations

from datetime import date, datetime

from services.chassis.errors import Refused
from services.registry.domain.organization import Organization
from services.registry.domain.words import happened

# -- Refusals: the docstring is the rule and its source, or that it is ours


class TargetBeforeFounding(Refused):
    """A committee sets no target before the day it is founded (house rule)."""


class TargetUnchanged(Refused):
    """A target already set so is not set again (house rule)."""


class TargetOvertaken(Refused):
    """A target set on an earlier day does not replace one that was set later (house rule)."""


def may_set(organization: Organization, set_on: date, at: datetime) -> None:
    """Refuse a first target on a day that cannot be. Raises DateInFuture, TargetBeforeFounding."""
    happened("the target was set", set_on, at=at)
    organization.exists_on(set_on, TargetBeforeFounding)


def may_reset(named: str, before: object, since: str, *, now: object, set_on: date, at: datetime) -> None:
    """Refuse to put `now` in the place of what stands `before` it, set on the day `since`.

    Raises DateInFuture, TargetUnchanged, TargetOvertaken.
    """
    happened("the target was set", set_on, at=at)
    if now == before:
        raise TargetUnchanged(f"{named}: {now} since {since}")
    if set_on < date.fromisoformat(since):
        raise TargetOvertaken(f"{named}: set to {before} on {since}")
