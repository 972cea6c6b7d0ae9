"""What a cell's meetings amount to in a period: the figures that measured criteria rest on.

12-HD/BTCTW (2018) names attendance, duration and absence; 08-QĐ/TU Nghệ An (2021) the thematic meeting of a
quarter; Than Uyên (2023) that half of the meetings discuss solutions. The thresholds are the framework's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.assessment.domain.calendar import MONTHS_IN_QUARTER, Period

UNPLANNED = "EXTRAORDINARY"
"""A meeting called for one urgent matter: how long it took says nothing about how a cell meets."""


@dataclass(frozen=True)
class Counted:
    """A meeting that was held, as far as it is counted; `held_on` is its day in the province."""

    meeting: str
    kind: str
    held_on: date
    duration_min: int
    summoned: int
    present: int
    excused: int
    unexcused: int
    discusses_solutions: bool


@dataclass(frozen=True)
class Measured:
    """A figure, exact, and the codes of the meetings it rests on. None: there was nothing to measure."""

    value: Decimal | None
    meetings: tuple[str, ...]


MEASURES = (
    "ATTENDANCE_PCT",
    "DURATION_MIN",
    "UNEXCUSED_ABSENCES",
    "REGULAR_MEETINGS",
    "THEMATIC_MEETINGS_IN_QUARTER",
    "SOLUTION_MEETINGS_PCT",
)
"""By what a criterion may be measured: what `figures` returns."""

QUARTERLY = "THEMATIC_MEETINGS_IN_QUARTER"
"""The one that is of a quarter also where a month is asked."""


NOTHING_MEASURED: Mapping[str, Measured] = {}
"""What there is to fill in where a framework measures nothing."""


def counted_from(period: Period) -> date:
    """Return the first day that figures of `period` look at: some are of the year to date."""
    return period.first_day.replace(month=1)


def figures(meetings: Iterable[Counted], period: Period) -> Mapping[str, Measured]:
    """Return every figure of `MEASURES` for `period`, from what was held since `counted_from` it.

    - ATTENDANCE_PCT: of everyone summoned in the period, two decimals, half up.
    - DURATION_MIN: the shortest in minutes, but for extraordinary meetings.
    - UNEXCUSED_ABSENCES, REGULAR_MEETINGS: how many in the period.
    - THEMATIC_MEETINGS_IN_QUARTER: in the quarter up to the period's end; for a year the fewest in a quarter.
    - SOLUTION_MEETINGS_PCT: of the year's meetings up to the period's end.
    """
    year = sorted(
        (one for one in meetings if counted_from(period) <= one.held_on <= period.last_day),
        key=lambda one: (one.held_on, one.meeting),
    )
    held = [one for one in year if one.held_on >= period.first_day]
    planned = [one for one in held if one.kind != UNPLANNED]
    regular = [one for one in held if one.kind == "REGULAR"]
    thematic = _fewest([one for one in year if one.kind == "THEMATIC"], period)
    present, summoned = sum(one.present for one in held), sum(one.summoned for one in held)
    solving = sum(one.discusses_solutions for one in year)
    return {
        "ATTENDANCE_PCT": _measured(percent(present, summoned), held),
        "DURATION_MIN": _measured(min((one.duration_min for one in planned), default=None), planned),
        "UNEXCUSED_ABSENCES": _measured(sum(one.unexcused for one in held) if held else None, held),
        "REGULAR_MEETINGS": _measured(len(regular), regular),
        "THEMATIC_MEETINGS_IN_QUARTER": _measured(len(thematic), thematic),
        "SOLUTION_MEETINGS_PCT": _measured(percent(solving, len(year)), year),
    }


def percent(part: int, whole: int) -> Decimal | None:
    """Return `part` of `whole` in percent, two decimals, half up; None where there is no whole.

    Rounding crosses no threshold in whole percents: of up to 5,000 a share is either on it or 0.02 away.
    """
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _fewest(thematic: Sequence[Counted], period: Period) -> list[Counted]:
    """Return the thematic meetings of the quarter in which `period` has the fewest."""
    last = _quarter(period.last_day)
    first = 0 if period.is_year else last
    by_quarter = [[one for one in thematic if _quarter(one.held_on) == q] for q in range(first, last + 1)]
    return min(by_quarter, key=len)


def _quarter(day: date) -> int:
    return (day.month - 1) // MONTHS_IN_QUARTER


def _measured(value: Decimal | int | None, meetings: Iterable[Counted]) -> Measured:
    return Measured(None if value is None else Decimal(value), tuple(one.meeting for one in meetings))


def running(year: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[str]]:
    """Return the meetings that each member has missed in a row, up to the last of `year`, with a reason.

    `year` has, for each meeting of a cell in a year, oldest first, its code and who was excused.
    12-HD/BTCTW (2018): nobody is away with reason more than three times running in the year.
    """
    rows: dict[str, list[str]] = {}
    for meeting, excused in year:
        rows = {member: [*rows.get(member, []), meeting] for member in excused}
    return rows
