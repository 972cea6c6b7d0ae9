"""What the view of meetings holds, row by row."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

PROVINCE = timezone(timedelta(hours=7))
MEETINGS = "MeetingHeld", "MinutesCorrected", "MeetingScheduled", "MeetingCancelled"
COUNTS = ("duration_min", "present", "excused", "unexcused", "discusses_solutions")


def meetings(told: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    counting: dict[str, dict[str, Any]] = {}
    calls: dict[str, dict[str, Any]] = {}
    off: list[dict[str, Any]] = []
    for name, said in told:
        if name == "MeetingCancelled":
            off.append({"meeting": said["meeting"]})
            continue
        if name == "MeetingScheduled":
            before = calls.get(said["meeting"])
            if before is None or said["announced_at"] > before["announced_at"]:
                calls[said["meeting"]] = said
            continue
        earlier = counting.get(said["meeting"])
        if earlier is None or said.get("corrected_at", "") > earlier.get("corrected_at", ""):
            counting[said["meeting"]] = said
    rows = []
    for said in counting.values():
        held_on = _on(said["held_at"])
        row = {key: said[key] for key in ("meeting", "organization", "kind", *COUNTS)}
        summoned = said["summoned"]["full"] + said["summoned"]["probationary"]
        excused = [absence["member"] for absence in said.get("absences", ()) if absence["excused"]]
        guests = list(said.get("supervisors", ()))
        named = {"excused_named": excused, "guests": guests}
        rows.append({**row, "held_on": held_on, "summoned": summoned, **named})
    called = [
        {
            **{key: said[key] for key in ("meeting", "organization", "kind")},
            "scheduled_on": _on(said["scheduled_for"]),
        }
        for said in calls.values()
    ]
    return {"meetings.meeting": rows, "meetings.call": called, "meetings.calling_off": off}


def _on(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(PROVINCE).date().isoformat()
