"""What the view of concerns must show: each concern as the ledger tells it, event by event."""

from collections.abc import Iterable
from typing import Any

STATES = {
    "Answered": ("ANSWERED_LOCALLY", "answered_on"),
    "Escalated": ("ESCALATED", "escalated_on"),
    "Heard": ("HEARD", "heard_on"),
    "Assigned": ("ASSIGNED", "assigned_on"),
    "Resolved": ("RESOLVED", "resolved_on"),
    "ConfirmedToCell": ("CONFIRMED_TO_CELL", "confirmed_on"),
    "Reopened": ("REOPENED", "reopened_on"),
}

RAISED = (
    "concern",
    "organization",
    "meeting",
    "raised_on",
    "matter",
    "category",
    "hot_spot_risk",
    "acknowledge_by",
)


def concerns(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the concerns that were raised."""
    rows: dict[str, dict[str, Any]] = {}
    for message in messages:
        name, said = str(message["type"].split(".")[1]), message["data"]
        became = name.removeprefix("Concern")
        if became == name:
            continue
        if became == "Raised":
            rows[said["concern"]] = {column: said[column] for column in RAISED} | {
                "position": message["sequence"],
                "acknowledged_on": None,
                "state": "RAISED",
                "since_on": said["raised_on"],
                "holder": said["raised_to"],
                "agency": None,
                "due_on": None,
                "resolved_on": None,
            }
            continue
        row = rows[said["concern"]]
        if became == "Acknowledged":
            row["acknowledged_on"] = said["acknowledged_on"]
            continue
        row["state"], row["since_on"] = STATES[became][0], said[STATES[became][1]]
        row["holder"] = said.get("to", row["holder"])
        if became in ("Escalated", "Reopened"):
            row["agency"] = row["due_on"] = row["resolved_on"] = None
        if became == "Assigned":
            row["agency"], row["due_on"] = said["agency"], said["due_on"]
        if became == "Resolved":
            row["resolved_on"] = said["resolved_on"]
    return list(rows.values())
