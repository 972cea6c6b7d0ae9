"""What notification's view of calls and of who follows which cell holds, row by row."""

from collections.abc import Iterable
from typing import Any

FOLLOWED = ("organization", "supervisor", "year")
CALLS = {
    "MeetingScheduled": ("call", ("meeting",)),
    "SupervisionAssigned": ("assignment", (*FOLLOWED, "superior", "assigned_on")),
    "SupervisionEnded": ("ending", (*FOLLOWED, "ended_on")),
}


def calls(told: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    rows: dict[str, list[dict[str, Any]]] = {f"calls.{table}": [] for table, _ in CALLS.values()}
    for name, said in told:
        table, columns = CALLS[name]
        rows[f"calls.{table}"].append({column: said[column] for column in columns})
    return rows
