"""Scoring packs: what a meeting is scored by, in points or from its own record, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.assessment.domain.criteria import Threshold
from services.assessment.domain.figures import percent
from services.assessment.domain.minutes import Minuting
from services.chassis.aggregate import Fact
from services.chassis.errors import Refused


class BadPack(Refused):
    """The maxima of a sheet add up to 100, its bands cover 0 to 100 once, each row is known (house rule)."""


class KindNotScored(Refused):
    """A pack scores the kinds of meetings it was made for: 08-QĐ/TU Nghệ An, regular and thematic ones."""


class NotOnTheSheet(Refused):
    """A sheet has its components, each filled in once, and none else (house rule)."""


class NotFilledIn(Refused):
    """Every component of a sheet is given its points, be it none (house rule)."""


class OverTheMaximum(Refused):
    """A component has a maximum that its pack states."""


class AlreadyScored(Refused):
    """A sheet is filled in once at one moment; a later one replaces it (house rule)."""


class NoPoints(Refused):
    """12-HD/BTCTW (2018) gives no points: it is judged by what is on record."""


@dataclass(frozen=True)
class Sheet:
    """Points by component: filled in by the committee `superior` above, or by the cell where that is None."""

    points: tuple[tuple[str, Decimal], ...]
    scored_at: datetime
    superior: str | None = None

    def stored(self) -> dict[str, Any]:
        """Return it as a fact keeps it."""
        points = [{"component": component, "points": points} for component, points in self.points]
        return vars(self) | {"points": points, "scored_at": self.scored_at.astimezone(UTC)}


class Scoring(Fact):
    """What a fact keeps of a sheet. `pack` is {name, version}, each of `points` {component, points}."""

    meeting: str
    organization: str
    pack: dict[str, str]
    points: list[dict[str, Any]]
    scored_at: datetime
    superior: str | None
    total: Decimal
    level: str


@dataclass(frozen=True)
class Component:
    """A line of a sheet, and the most it is worth."""

    component: str
    points_max: Decimal


@dataclass(frozen=True)
class Band:
    """A level: from so many points on, up to but not including `below`, and some lines in full."""

    level: str
    points_min: Decimal
    below: Decimal | None = None
    full_marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A criterion that the record itself answers: `measured_by` one of `MEASURED_OF_ONE`."""

    criterion: str
    measured_by: str
    test: Threshold


@dataclass(frozen=True)
class ScoringPack:
    """A sheet of components and bands, or criteria that the record answers: one of the two."""

    name: str
    version: str
    kinds: tuple[str, ...]
    components: tuple[Component, ...] = ()
    bands: tuple[Band, ...] = ()
    criteria: tuple[Judged, ...] = ()

    @property
    def id(self) -> str:
        """Return what a command calls it."""
        return f"{self.name} {self.version}"

    def score(self, kind: str, points: Sequence[tuple[str, Decimal]]) -> tuple[Decimal, str]:
        """Return the total and the level of a sheet for a meeting of `kind`.

        Raises NoPoints, KindNotScored, NotOnTheSheet, NotFilledIn, OverTheMaximum.
        """
        if self.criteria:
            raise NoPoints(self.id)
        if kind not in self.kinds:
            raise KindNotScored(f"{self.id} is for {', '.join(self.kinds)}, not for {kind}")
        maxima = {one.component: one.points_max for one in self.components}
        given = dict(points)
        names = [component for component, _ in points]
        if strange := [name for name in names if name not in maxima or names.count(name) > 1]:
            raise NotOnTheSheet(f"{strange[0]}; the lines of {self.id} are {', '.join(maxima)}")
        if missing := maxima.keys() - given.keys():
            raise NotFilledIn(min(missing))
        if over := [name for name in names if given[name] > maxima[name]]:
            raise OverTheMaximum(f"{over[0]}: {given[over[0]]} of at most {maxima[over[0]]}")
        total = sum(given.values(), Decimal(0))
        full = {name for name in maxima if given[name] == maxima[name]}
        return total, self.level(total, full)

    def level(self, total: Decimal, full: Iterable[str]) -> str:
        """Return the highest level whose points are reached and whose lines are in `full`."""
        reached = sorted((b for b in self.bands if total >= b.points_min), key=lambda b: -b.points_min)
        return next(band.level for band in reached if set(band.full_marks) <= set(full))

    def judge(self, measured: Mapping[str, Decimal | None]) -> tuple[dict[str, bool | None], bool | None]:
        """Return which criteria the record meets, and whether all; None where it cannot be told."""
        met = {one.criterion: _passes(one.test, measured[one.measured_by]) for one in self.criteria}
        verdict = False if False in met.values() else None if None in met.values() else True
        return met, verdict


MEASURED_OF_ONE = (
    "ATTENDANCE_PCT",
    "DURATION_MIN",
    "UNEXCUSED_ABSENCES",
    "EXCUSED_RUNNING",
    "CONCLUSIONS",
)
"""What the record says of one meeting: what `of_one` returns."""


def of_one(held: Minuting, running: Mapping[str, Sequence[str]]) -> dict[str, Decimal | None]:
    """Return what a meeting's minutes measure. `running` has the meetings missed in a row by who is excused.

    EXCUSED_RUNNING is the longest of these rows; None where somebody excused is not named.
    """
    excused = {absence["member"] for absence in held.absences if absence["excused"]}
    rows = [len(missed) for member, missed in running.items() if member in excused]
    return {
        "ATTENDANCE_PCT": percent(held.present, held.summoned_full + held.summoned_probationary),
        "DURATION_MIN": Decimal(held.duration_min),
        "UNEXCUSED_ABSENCES": Decimal(held.unexcused),
        "EXCUSED_RUNNING": Decimal(max(rows, default=0)) if len(excused) == held.excused else None,
        "CONCLUSIONS": Decimal(bool(held.resolution) + len(held.tasks)),
    }


def _passes(test: Threshold, value: Decimal | None) -> bool | None:
    return None if value is None else test.passes(value)
