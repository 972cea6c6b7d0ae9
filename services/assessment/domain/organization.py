"""What every decision here has to know of an organization, and the refusals all of them share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from contracts.days import day_of
from services.chassis.errors import Refused

CELLS = frozenset({"GRASSROOTS_CELL", "SUBORDINATE_CELL"})


class NotACell(Refused):
    """Charter art. 24: cells meet, assess themselves and become models; a committee does none of it."""


class NotACommittee(Refused):
    """S004: committees launch the movement, each in its own subtree; a cell registers for it."""


class NotASuperior(Refused):
    """Only a committee above a cell selects, supervises or hears it or decides on what it submits.

    A launch follows one from above.

    776-QĐ/TU Kon Tum (2023-01-16): attending one's own cell does not count as a visit.
    """


class InTheFuture(Refused):
    """What has not happened yet is not recorded as a fact (house rule)."""


class BeforeFounding(Refused):
    """Nothing happens in an organization before its founding (house rule)."""


class OrganizationEnded(Refused):
    """Nothing happens in an organization from the day on which it ended (house rule)."""


@dataclass(frozen=True)
class Organization:
    """One organization as the registry's tree knows it. `path` leads from its root down to itself.

    `ended_on` is known where it was asked for as of a day, by which it had ended.
    """

    code: str
    kind: str
    founded_on: date
    path: tuple[str, ...]
    ended_on: date | None = None
    sector: str | None = None

    def is_of(self, kinds: Collection[str]) -> bool:
        """Return whether its kind or its sector is among `kinds`; so is every one, where none is named."""
        return not kinds or self.kind in kinds or self.sector in kinds

    def require_cell(self) -> None:
        """Raise NotACell if it is a committee."""
        if self.kind not in CELLS:
            raise NotACell(f"{self.code} is a {self.kind}")

    def require_committee(self) -> None:
        """Raise NotACommittee if it is a cell."""
        if self.kind in CELLS:
            raise NotACommittee(f"{self.code} is a {self.kind}")

    def require_superior(self, committee: str) -> None:
        """Raise NotASuperior unless `committee` stands above it."""
        if committee not in self.path[:-1]:
            raise NotASuperior(f"{committee} is not above {self.code}")

    def require_beneath(self, superior: Organization) -> None:
        """Raise NotASuperior unless the committee `superior` stands above it, or above what took it in."""
        self.require_superior(superior.code)
        if superior.kind in CELLS:
            raise NotASuperior(f"{superior.code} is a {superior.kind}")

    def require_past(self, on: date, *, at: datetime) -> None:
        """Raise InTheFuture, BeforeFounding or OrganizationEnded unless `on` lies in its life so far."""
        if on > day_of(at):
            raise InTheFuture(f"{on} is after today, {day_of(at)}")
        if self.ended_on and on >= self.ended_on:
            raise OrganizationEnded(f"{on}: {self.code} ended on {self.ended_on}")
        if on < self.founded_on:
            raise BeforeFounding(f"{on}: {self.code} was founded on {self.founded_on}")

    def require_happened(self, instant: datetime, *, at: datetime) -> None:
        """Raise the same unless `instant` lies in its life so far."""
        self.require_past(day_of(instant), at=at)
        if instant > at:
            raise InTheFuture(f"{instant} is still to come")
