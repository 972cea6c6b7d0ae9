"""Supervision: who from a committee above follows which cell in a year, and how often they visit at least."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contracts.days import day_of
from services.assessment.domain.calendar import Period
from services.assessment.domain.organization import InTheFuture, Organization
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused

LEVELS = {
    "PROVINCIAL_COMMITTEE": "province",
    "DISTRICT_COMMITTEE": "district",
    "SUPERIOR_COMMITTEE": "district",
    "GRASSROOTS_COMMITTEE": "commune",
}
"""776-QĐ/TU (Kon Tum, 2023-01-16): committees of a province, a district or city, a commune or ward."""


class AlreadyAssigned(Refused):
    """A member is assigned to a cell once a year (house rule)."""


class OwnCell(Refused):
    """776-QĐ/TU (Kon Tum, 2023-01-16): who belongs to a cell is assigned another; theirs they just attend."""


class NoMinimum(Refused):
    """Rules name a number for the level of the committee that assigns, or are not its rules."""


class NotOfTheYear(Refused):
    """S002: assignments are made every year; in the year or in the one before it (house rule)."""


class NotAssigned(NotYetKnown):
    """Only who is assigned to a cell is replaced there; the news of it may be on its way (S002)."""


class EndedAlready(Refused):
    """An assignment ends once (house rule)."""


class EndedBeforeAssigned(Refused):
    """An assignment ends on its first day at the earliest (house rule)."""


class ReplacedByThemselves(Refused):
    """Who replaces a member is another one (house rule)."""


@dataclass(frozen=True)
class Minimums:
    """How many visits a year some rules ask, by level, and which rules."""

    name: str
    version: str
    by_level: dict[str, int]

    def of(self, committee: Organization) -> int:
        """Return how many are asked of a member of `committee`. Raises NotACommittee, NoMinimum."""
        committee.require_committee()
        level = LEVELS.get(committee.kind)
        if level not in self.by_level:
            raise NoMinimum(f"{self.name} {self.version} asks nothing of a {committee.kind}")
        return self.by_level[level]


class Supervision(Aggregate):
    """One member's assignment to one cell in one year."""

    TOPIC = "assessment.Supervision"

    # -- State
    organization: str
    supervisor: str
    year: str
    assigned_on: date = field(init=False)
    ended_on: date | None = field(default=None, init=False)

    # -- Facts
    class Event(Fact):
        """A fact about one assignment."""

    class Assigned(FirstFact):
        """`rules` is {name, version}; `minimum` what they ask a year; `assigned_on` an ISO date."""

        TOPIC = "assessment.Supervision.Assigned"
        organization: str
        supervisor: str
        year: str
        superior: str
        assigned_on: str
        rules: dict[str, Any]
        minimum: int

        def apply(self, supervision: Supervision) -> None:
            """Remember since when."""
            supervision.assigned_on = date.fromisoformat(self.assigned_on)

    class Ended(Event):
        """`ended_on` is the first day without."""

        TOPIC = "assessment.Supervision.Ended"
        organization: str
        supervisor: str
        year: str
        superior: str
        ended_on: str
        reason: str
        replaced_by: str | None

        def apply(self, supervision: Supervision) -> None:
            """Remember until when."""
            supervision.ended_on = date.fromisoformat(self.ended_on)

    # -- Decisions
    @staticmethod
    def id_for(organization: str, year: str, supervisor: str) -> str:
        """Return `supervision-<organization>-<year>-<supervisor>`."""
        return f"supervision-{organization}-{year}-{supervisor}"

    @classmethod
    def assign(
        cls,
        cell: Organization,
        committee: Organization,
        supervisor: str,
        year: Period,
        *,
        belongs: bool,
        minimums: Minimums,
        assigned_on: date,
        at: datetime,
    ) -> Supervision:
        """Record that `committee` assigned `supervisor`, who `belongs` to the cell or not, to it for `year`.

        Raises NotACell, NotASuperior, InTheFuture, BeforeFounding, OrganizationEnded, NotOfTheYear, OwnCell,
        NotACommittee, NoMinimum.
        """
        cell.require_cell()
        cell.require_superior(committee.code)
        cell.require_past(assigned_on, at=at)
        if year.first_day.year - assigned_on.year not in (0, 1):
            raise NotOfTheYear(f"{year.text}, on {assigned_on}")
        if belongs:
            raise OwnCell(f"{supervisor} belongs to {cell.code}")
        return cls._create(
            cls.Assigned,
            id=cls.id_for(cell.code, year.text, supervisor),
            organization=cell.code,
            supervisor=supervisor,
            year=year.text,
            superior=committee.code,
            assigned_on=assigned_on.isoformat(),
            rules={"name": minimums.name, "version": minimums.version},
            minimum=minimums.of(committee),
            timestamp=at,
        )

    def lasts(self, on: date) -> bool:
        """Return whether the member follows the cell on a day."""
        return self.assigned_on <= on < (self.ended_on or date.max)

    def end(
        self,
        cell: Organization,
        superior: str,
        *,
        ended_on: date,
        reason: str,
        replaced_by: str | None,
        at: datetime,
    ) -> None:
        """Record that the member no longer follows `cell`, as a committee above it decided.

        Raises NotASuperior, InTheFuture, EndedBeforeAssigned, ReplacedByThemselves, EndedAlready.
        """
        cell.require_superior(superior)
        if ended_on > day_of(at):
            raise InTheFuture(f"{ended_on} is after today, {day_of(at)}")
        if ended_on < self.assigned_on:
            raise EndedBeforeAssigned(f"{self.supervisor} was assigned on {self.assigned_on}")
        if replaced_by == self.supervisor:
            raise ReplacedByThemselves(f"{replaced_by} in {self.organization}")
        if self.ended_on:
            raise EndedAlready(f"{self.supervisor} in {self.organization} on {self.ended_on}")
        self.trigger_event(
            self.Ended,
            organization=self.organization,
            supervisor=self.supervisor,
            year=self.year,
            superior=superior,
            ended_on=ended_on.isoformat(),
            reason=reason,
            replaced_by=replaced_by,
            timestamp=at,
        )
