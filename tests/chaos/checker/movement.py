"""What the view of the movement holds, row by row."""

from collections.abc import Iterable
from typing import Any

MOVEMENT = {
    "EmulationAgreementSigned": (
        "signature",
        ("agreement", "organization", "partner", "agreed", "signed_on"),
    ),
    "CellRegistered": ("registration", ("organization", "year", "meeting", "registered_on")),
    "ModelCellSelected": ("selection", ("organization", "role", "selected_on", "selected_by")),
    "ModelReplicated": ("replication", ("replication", "organization", "model", "practice", "replicated_on")),
}


def movement(told: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    rows: dict[str, list[dict[str, Any]]] = {"movement.launch": []}
    rows |= {f"movement.{table}": [] for table, _ in MOVEMENT.values()}
    for name, said in told:
        if name == "MovementLaunched":
            above = said["follows"] or {"organization": None, "document": {"number": None, "date": None}}
            rows["movement.launch"].append(
                {column: said[column] for column in ("organization", "title", "launched_on")}
                | {"number": said["document"]["number"], "dated": said["document"]["date"]}
                | {"above": above["organization"], "above_number": above["document"]["number"]}
                | {"above_dated": above["document"]["date"]}
            )
        elif name in MOVEMENT:
            table, columns = MOVEMENT[name]
            rows[f"movement.{table}"].append({column: said[column] for column in columns})
    return rows
