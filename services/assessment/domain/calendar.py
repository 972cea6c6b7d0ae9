"""Days and periods as the province counts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_IN_QUARTER = 3
MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class Period:
    """A month (`2024-11`) or a year (`2024`), as it is written."""

    text: str

    @property
    def is_year(self) -> bool:
        """Return whether it is a year rather than a month."""
        return len(self.text) == len("2024")

    @property
    def first_day(self) -> date:
        """Return the day it begins."""
        return date.fromisoformat(f"{self.text}-01-01" if self.is_year else f"{self.text}-01")

    @property
    def last_day(self) -> date:
        """Return the day it ends."""
        last_month = self.first_day.replace(month=12) if self.is_year else self.first_day
        return (last_month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)

    @property
    def longest(self) -> str:
        """Return the longest period that ends with it: MONTH, QUARTER or YEAR, which only a year does."""
        return "YEAR" if self.is_year else "QUARTER" if self.ends_quarter else "MONTH"

    @property
    def ends_quarter(self) -> bool:
        """Return whether a quarter of the year ends with it."""
        return self.last_day.month % MONTHS_IN_QUARTER == 0

    @property
    def ends_year(self) -> bool:
        """Return whether a year ends with it."""
        return self.last_day.month == MONTHS_IN_YEAR
