"""What the views of supervision, of visits and of homes hold, row by row."""

from collections.abc import Iterable
from typing import Any

SUPERVISION = {
    "SupervisionAssigned": (
        "assignment",
        ("organization", "supervisor", "year", "superior", "assigned_on", "minimum"),
    ),
    "SupervisionEnded": ("ending", ("organization", "supervisor", "year", "ended_on", "replaced_by")),
}
VISIT = ("meeting", "supervisor")
VISITS = {
    "SupervisorAttended": ("visit", (*VISIT, "organization", "attended_on")),
    "VisitPlanned": ("plan", ("organization", "supervisor", "planned_for", "registered_on")),
    "VisitConfirmed": ("word", (*VISIT, "side", "attended")),
    "VisitMismatchNoted": ("mismatch", (*VISIT, "organization", "superior", "denied_by", "noted_on")),
    "VisitMismatchSettled": ("settling", VISIT),
    "VisitReported": ("report", (*VISIT, "reported_on")),
}
PLACED = "VisitMismatchNoted", "VisitMismatchSettled"
HOMES = {"MemberAdmitted": "ceremony_on", "MemberTransferred": "transferred_on"}

Told = Iterable[tuple[str, dict[str, Any]]]


def supervision(told: Told) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    rows: dict[str, list[dict[str, Any]]] = {f"supervision.{table}": [] for table, _ in SUPERVISION.values()}
    for name, said in told:
        table, columns = SUPERVISION[name]
        rows[f"supervision.{table}"].append({column: said[column] for column in columns})
    return rows


def visits(messages: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the same of visits, from their messages: some rows keep their place in the log."""
    rows: dict[str, list[dict[str, Any]]] = {f"visits.{table}": [] for table, _ in VISITS.values()}
    for message in messages:
        name = message["type"].split(".")[1]
        if name in VISITS:
            table, columns = VISITS[name]
            place = {"position": message["sequence"]} if name in PLACED else {}
            rows[f"visits.{table}"].append({column: message["data"][column] for column in columns} | place)
    return rows


def homes(told: Told) -> dict[str, list[dict[str, Any]]]:
    """Return the same of where members arrived, each once."""
    arrived = {(said["member"], said[HOMES[name]], said["organization"], _keeps(said)) for name, said in told}
    return {
        "homes.home": [
            {"member": member, "from_on": day, "organization": organization, "keeps": keeps}
            for member, day, organization, keeps in arrived
        ]
    }


def _keeps(said: dict[str, Any]) -> str | None:
    """Return the cell a member belongs to besides, while they are elsewhere for a while."""
    away = said.get("kind") == "TEMPORARY" and said.get("reason") != "RETURN"
    return str(said["origin"]) if away else None
