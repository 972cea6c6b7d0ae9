"""What the view of meetings holds, row by row."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

PROVINCE = timezone(timedelta(hours=7))
COUNTS = ("duration_min", "present", "excused", "unexcused", "discusses_solutions")


def meetings(told: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    rows = []
    for _, said in told:
        held_on = datetime.fromisoformat(said["held_at"]).astimezone(PROVINCE).date().isoformat()
        row = {key: said[key] for key in ("meeting", "organization", "kind", *COUNTS)}
        summoned = said["summoned"]["full"] + said["summoned"]["probationary"]
        rows.append({**row, "held_on": held_on, "summoned": summoned})
    return {"meetings.meeting": rows}
