"""What the view of duties holds, row by row."""

from collections.abc import Iterable
from typing import Any

DUTIES = (
    *("ObligationsOpened", "ObligationEnded", "ObligationExcused", "SelfAssessmentSubmitted"),
    *("MemberAdmitted", "MemberRecognized", "MembershipEnded"),
)
NAMED = ("organization", "period", "duty", "subject")
OPEN = {"outcome": None, "done_on": None, "rests_on": [], "because": None}

Told = Iterable[tuple[str, dict[str, Any]]]


def duties(told: Told) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event."""
    owed: dict[tuple[str, ...], dict[str, Any]] = {}
    excused: set[tuple[str, ...]] = set()
    submitted: dict[tuple[str, str], str] = {}
    probation: dict[str, dict[str, Any]] = {}
    for name, said in told:
        if name == "ObligationsOpened":
            for one in said["obligations"]:
                row = {"organization": said["organization"], "period": said["period"], **one, **OPEN}
                owed[tuple(row[column] for column in NAMED)] = row
        elif name == "ObligationEnded":
            row = owed[tuple(said[column] for column in NAMED)]
            row |= {column: said[column] for column in OPEN}
        elif name == "ObligationExcused":
            excused.add(tuple(said[column] for column in NAMED))
        elif name == "SelfAssessmentSubmitted":
            submitted.setdefault((said["organization"], said["period"]), said["submitted_on"])
        else:
            _on_probation(probation, name, said)
    return {
        "duties.obligation": list(owed.values()),
        "duties.excuse": [dict(zip(NAMED, one, strict=True)) for one in excused],
        "duties.submission": [
            {"organization": cell, "period": period, "submitted_on": on}
            for (cell, period), on in submitted.items()
        ],
        "duties.probation": list(probation.values()),
    }


def _on_probation(rows: dict[str, dict[str, Any]], name: str, said: dict[str, Any]) -> None:
    if name == "MemberAdmitted" and said["standing"] == "PROBATIONARY":
        begun = {"member": said["member"], "ceremony_on": said["ceremony_on"]}
        rows[said["member"]] = begun | {"recognized_on": None, "ended_on": None}
    elif row := rows.get(said["member"]):
        if name == "MemberRecognized":
            row["recognized_on"] = said["decision"]["date"]
        elif name == "MembershipEnded":
            row["ended_on"] = said["ended_on"]
