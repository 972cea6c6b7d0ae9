"""What the views of supervision and of homes hold, row by row."""

from collections.abc import Iterable
from typing import Any

SUPERVISION = {
    "SupervisionAssigned": (
        "assignment",
        ("organization", "supervisor", "year", "superior", "assigned_on", "minimum"),
    ),
    "SupervisionEnded": ("ending", ("organization", "supervisor", "year", "ended_on", "replaced_by")),
    "SupervisorAttended": ("visit", ("meeting", "supervisor", "organization", "attended_on")),
}
HOMES = {"MemberAdmitted": "ceremony_on", "MemberTransferred": "transferred_on"}

Told = Iterable[tuple[str, dict[str, Any]]]


def supervision(told: Told) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    rows: dict[str, list[dict[str, Any]]] = {f"supervision.{table}": [] for table, _ in SUPERVISION.values()}
    for name, said in told:
        table, columns = SUPERVISION[name]
        rows[f"supervision.{table}"].append({column: said[column] for column in columns})
    return rows


def homes(told: Told) -> dict[str, list[dict[str, Any]]]:
    """Return the same of where members arrived, each once."""
    arrived = {(said["member"], said[HOMES[name]], said["organization"]) for name, said in told}
    return {
        "homes.home": [
            {"member": member, "from_on": day, "organization": organization}
            for member, day, organization in arrived
        ]
    }
