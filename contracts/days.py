"""Where a day begins: in the province, not in UTC. Nothing of ours or of others stands beneath this."""

from calendar import monthrange
from datetime import date, datetime, timedelta, timezone

PROVINCE_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam keeps one offset all year."""


def day_of(instant: datetime) -> date:
    """Return the day that `instant` falls on in the province."""
    return instant.astimezone(PROVINCE_TIME).date()


def month_of(instant: datetime) -> str:
    """Return the month that `instant` falls in in the province: `2024-11`."""
    return instant.astimezone(PROVINCE_TIME).isoformat()[:7]


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later: the last of its month where that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
