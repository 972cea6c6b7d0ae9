"""The calendar of working days, as data: the registry and assessment count by it."""

import datetime as dt
from pathlib import Path

from services.chassis.stated import Rule
from services.chassis.working_days import WorkingDays

PACK = Path(__file__).parent / "packs" / "working-days.json"


class _Calendar(Rule):
    number: str
    date: dt.date
    article: str
    version: str
    note: str
    holidays: dict[dt.date, str]
    worked: list[dt.date]


def working_days(pack: Path = PACK) -> WorkingDays:
    """Return the working days that `pack` leaves."""
    stated = _Calendar.model_validate_json(pack.read_bytes())
    return WorkingDays(
        name=f"{stated.number} {stated.date} {stated.version}",
        holidays=frozenset(stated.holidays),
        worked=frozenset(stated.worked),
    )
