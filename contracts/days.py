"""Where a day begins: in the province, not in UTC. Nothing of ours or of others stands beneath this."""

from datetime import date, datetime, timedelta, timezone

PROVINCE_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam keeps one offset all year."""


def day_of(instant: datetime) -> date:
    """Return the day that `instant` falls on in the province."""
    return instant.astimezone(PROVINCE_TIME).date()
