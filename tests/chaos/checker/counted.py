"""How many members each organization has after every day on which that changed, counted one by one."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

Counted = Counter[tuple[str, str, str]]
"""Members by organization, day and standing."""


def counted(told: Iterable[tuple[str, dict[str, Any]]]) -> tuple[Counted, Counted]:
    """Return who was admitted, and by how much that changed, from (name, what it says) of each event."""
    lives: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for name, said in told:
        lives[said["member"]].append((name, said))
    admitted: Counted = Counter()
    changed: Counted = Counter()
    for life in lives.values():
        full_from = dict(life).get("MemberRecognized", {}).get("full_from", "9999")
        for name, said in life:
            cell, standing = said["organization"], said.get("standing")
            if name == "MemberAdmitted":
                admitted[cell, said["ceremony_on"], standing] += 1
            elif name == "MemberRecognized":
                changed[cell, full_from, "FULL"] += 1
                changed[cell, full_from, "PROBATIONARY"] -= 1
            elif name == "MemberTransferred":
                day = said["transferred_on"]
                standing = "FULL" if full_from < day else standing
                changed[said["origin"], day, standing] -= 1
                changed[cell, day, standing] += 1
            elif name == "MembershipEnded":
                changed[cell, said["ended_on"], standing] -= 1
    return admitted, Counter({key: members for key, members in changed.items() if members})


def running(*counts: Counted) -> list[dict[str, Any]]:
    """Return the rows of `headcount.running` from the members by organization, day and standing."""
    rows = [(*key, members) for counted in counts for key, members in counted.items()]

    def until(code: str, day: str, standing: str) -> int:
        return sum(n for one, on, as_, n in rows if (one, as_) == (code, standing) and on <= day)

    days = {code: sorted({day for one, day, *_ in rows if one == code}) for code, *_ in rows}
    return [
        {
            "code": code,
            "days": of,
            "full_members": [until(code, day, "FULL") for day in of],
            "probationary": [until(code, day, "PROBATIONARY") for day in of],
        }
        for code, of in days.items()
    ]
