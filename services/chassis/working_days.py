"""Working days, by a calendar that is data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5


@dataclass(frozen=True)
class WorkingDays:
    """Monday to Friday but for `holidays`, and the days of a weekend exchanged for one (`worked`)."""

    name: str
    holidays: frozenset[date]
    worked: frozenset[date]

    def is_one(self, day: date) -> bool:
        """Return whether `day` is worked. Past the calendar's end only weekends are not."""
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.holidays)

    def after(self, day: date, number: int) -> date:
        """Return the working day that is `number` (at least 1) of them after `day`, which does not count."""
        while number > 0:
            day += timedelta(days=1)
            number -= self.is_one(day)
        return day
