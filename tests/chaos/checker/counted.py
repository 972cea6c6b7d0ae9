"""How many members each organization has after every day on which that changed, counted one by one."""

from collections import Counter
from typing import Any


def running(counted: Counter[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """Return the rows of `headcount.running` from the members by organization, day and standing."""

    def until(code: str, day: str, standing: str) -> int:
        return sum(n for (one, on, as_), n in counted.items() if (one, as_) == (code, standing) and on <= day)

    days = {code: sorted({day for one, day, _ in counted if one == code}) for code, _, _ in counted}
    return [
        {
            "code": code,
            "days": of,
            "full_members": [until(code, day, "FULL") for day in of],
            "probationary": [until(code, day, "PROBATIONARY") for day in of],
        }
        for code, of in days.items()
    ]
