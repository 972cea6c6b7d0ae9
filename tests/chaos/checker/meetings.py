"""What the view of meetings holds, row by row."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

PROVINCE = timezone(timedelta(hours=7))
COUNTS = ("duration_min", "present", "excused", "unexcused", "discusses_solutions")


def meetings(told: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    counting: dict[str, dict[str, Any]] = {}
    for _, said in told:
        earlier = counting.get(said["meeting"])
        if earlier is None or said.get("corrected_at", "") > earlier.get("corrected_at", ""):
            counting[said["meeting"]] = said
    rows = []
    for said in counting.values():
        held_on = datetime.fromisoformat(said["held_at"]).astimezone(PROVINCE).date().isoformat()
        row = {key: said[key] for key in ("meeting", "organization", "kind", *COUNTS)}
        summoned = said["summoned"]["full"] + said["summoned"]["probationary"]
        excused = [absence["member"] for absence in said.get("absences", ()) if absence["excused"]]
        guests = list(said.get("supervisors", ()))
        named = {"excused_named": excused, "guests": guests}
        rows.append({**row, "held_on": held_on, "summoned": summoned, **named})
    return {"meetings.meeting": rows}
