"""Registrations: which cell undertook to build the model in which year, and on which resolution."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.calendar import Period
from services.assessment.domain.framework import CriteriaFramework
from services.assessment.domain.judging import NotInForce
from services.assessment.domain.meeting import Meeting, UnknownMeeting
from services.assessment.domain.organization import Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused


class AlreadyRegistered(Refused):
    """A cell registers once for a year (house rule)."""


class NotItsMeeting(Refused):
    """S000: the members of the cell discuss it, so the meeting is the cell's own."""


class NoResolution(Refused):
    """S000: a registration rests on a resolution that the meeting issued."""


class RegisteredBeforeMeeting(Refused):
    """S000: the members discuss first; the cell registers on the day of the meeting or later."""


class NotTheYear(Refused):
    """A cell registers for the year that it is, or the next one (house rule)."""


class Registration(Aggregate):
    """One cell's registration for one year."""

    TOPIC = "assessment.Registration"

    # -- Facts
    class Event(Fact):
        """A fact about one registration."""

    class Registered(FirstFact):
        """`resolution` is {number, title}; `framework` {issuer, number, dated} or None."""

        TOPIC = "assessment.Registration.Registered"
        organization: str
        year: str
        meeting: str
        resolution: dict[str, Any]
        framework: dict[str, Any] | None
        registered_on: str

    # -- Decisions
    @staticmethod
    def id_for(organization: str, year: str) -> str:
        """Return `registration-<organization>-<year>`."""
        return f"registration-{organization}-{year}"

    @classmethod
    def register(
        cls,
        cell: Organization,
        year: Period,
        meeting: Meeting,
        framework: CriteriaFramework | None,
        *,
        registered_on: date,
        at: datetime,
    ) -> Registration:
        """Record that `cell` registered for `year`, as `meeting` resolved, by `framework` if it names one.

        Raises NotACell, InTheFuture, BeforeFounding, OrganizationEnded, NotTheYear, NotItsMeeting,
        UnknownMeeting, NoResolution, RegisteredBeforeMeeting, NotInForce.
        """
        cell.require_cell()
        cell.require_past(registered_on, at=at)
        if year.first_day.year - registered_on.year not in (0, 1):
            raise NotTheYear(f"{year.text}, on {registered_on}")
        if meeting.organization != cell.code:
            raise NotItsMeeting(f"{meeting.code} is not of {cell.code}")
        if (held := meeting.minutes) is None:
            raise UnknownMeeting(f"{meeting.code} was called, but no minutes of it are recorded")
        if held.resolution is None:
            raise NoResolution(f"{meeting.code} resolved nothing")
        if registered_on < day_of(held.held_at):
            raise RegisteredBeforeMeeting(f"{meeting.code} was held on {day_of(held.held_at)}")
        if framework and date.fromisoformat(framework.effective_on) > year.last_day:
            raise NotInForce(f"{framework.number} applies from {framework.effective_on}, after {year.text}")
        return cls._create(
            cls.Registered,
            id=cls.id_for(cell.code, year.text),
            organization=cell.code,
            year=year.text,
            meeting=meeting.code,
            resolution=held.resolution,
            framework=_named(framework) if framework else None,
            registered_on=registered_on.isoformat(),
            timestamp=at,
        )


def _named(framework: CriteriaFramework) -> dict[str, Any]:
    return {"issuer": framework.organization, "number": framework.number, "dated": framework.dated}
