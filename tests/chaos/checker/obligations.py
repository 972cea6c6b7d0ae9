"""What reporting's view of obligations holds, row by row: of each the last that was told."""

from collections.abc import Iterable
from typing import Any

OBLIGATIONS = ("ObligationsOpened", "ObligationEnded", "ObligationExcused")

ENDED = ("owed_by", "due_on", "outcome", "done_on", "because", "rests_on")

Told = Iterable[tuple[str, dict[str, Any]]]


def obligations(told: Told) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of its tables, from (name, data) of each event in their order."""
    duties: dict[tuple[str, ...], dict[str, Any]] = {}
    excuses: dict[tuple[str, ...], dict[str, Any]] = {}
    for name, said in told:
        for one in said["obligations"] if name == "ObligationsOpened" else [said]:
            key = {"period": said["period"], "code": said["organization"]}
            key |= {"duty": one["duty"], "subject": one["subject"]}
            place = tuple(key.values())
            if name == "ObligationExcused":
                decided = {"decision": said["decision"]["number"], "decided_on": said["decision"]["date"]}
                excuses[place] = {
                    **key,
                    "excused_by": said["excused_by"],
                    "reason": said["reason"],
                    **decided,
                }
            elif name == "ObligationEnded":
                duties[place] |= {column: said[column] for column in ENDED}
            else:
                days = {"opens_on": one["opens_on"], "due_on": one["due_on"]}
                open_still = {"outcome": None, "done_on": None, "because": None, "rests_on": []}
                duties[place] = {**key, "owed_by": one["owed_by"], **days, **open_still}
    return {"obligations.duty": list(duties.values()), "obligations.excuse": list(excuses.values())}
