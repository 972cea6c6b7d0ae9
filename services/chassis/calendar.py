"""The calendar of working days, as data: the registry and assessment count by it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from services.chassis.errors import plainly
from services.chassis.stated import Rule
from services.chassis.working_days import SATURDAY, WorkingDays

PACK = Path(__file__).parent / "packs" / "working-days.json"


class BadCalendar(Exception):
    """A calendar has every statutory holiday of each of its years, and its years follow one another.

    The message names each wrong line, what is wrong with it, and the document that says so.
    """


class _Calendar(Rule):
    """`statutory` are the days of each holiday, by the first word of its name up to a comma.

    Of a year in `unannounced` a holiday may still have fewer; in each other of `years` it has them all.
    """

    number: str
    date: dt.date
    article: str
    version: str
    note: str
    years: list[int]
    unannounced: list[int]
    statutory: Mapping[str, int]
    holidays: Mapping[dt.date, str]
    worked: list[dt.date]

    def gaps(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with it: a word that stands in the line, and what."""
        if not self.years:
            yield '"years"', "there is no year"
        for year, following in pairwise(self.years):
            if following != year + 1:
                yield '"years"', f"{following} does not follow {year}"
        for year in self.years:
            yield from self._lacking(year)
        for day in self.holidays:
            if day.weekday() >= SATURDAY:
                yield f"{day}", f"{day} is a day of the weekend: it is made up on the next working day"
            if day.year not in self.years and (day.year - 1 not in self.years or day.month > 1):
                yield f"{day}", f"{day} is of none of the years listed"
        for day in self.worked:
            if day.weekday() < SATURDAY:
                yield f"{day}", f"{day} is worked anyway"

    def _lacking(self, year: int) -> Iterator[tuple[str, str]]:
        named = [name.partition(",")[0] for day, name in self.holidays.items() if day.year == year]
        for holiday, days in self.statutory.items():
            found = named.count(holiday)
            if found != days and not (year in self.unannounced and 0 < found < days):
                yield f'"{year}-', f"{year} has {found} days of {holiday}, not {days}"


def working_days(pack: Path = PACK) -> WorkingDays:
    """Return the working days that `pack` leaves. Raises BadCalendar."""
    text = pack.read_text(encoding="utf-8")
    try:
        stated = _Calendar.model_validate_json(text)
    except ValidationError as error:
        told = [f"{'.'.join(map(str, one['loc']))}: {plainly(one)}" for one in error.errors()]
        raise BadCalendar(f"{pack.name}: {'; '.join(told)}") from error
    rule = f"{stated.number}, {stated.date}, art. {stated.article}"
    if wrong := [f"line {_line(text, word)}: {what}" for word, what in stated.gaps()]:
        raise BadCalendar(f"{pack.name}: {'; '.join(wrong)} ({rule})")
    return WorkingDays(
        name=f"{stated.number} {stated.date} {stated.version}",
        holidays=frozenset(stated.holidays),
        worked=frozenset(stated.worked),
    )


def _line(text: str, word: str) -> int:
    """Return the first line in which `word` stands, from 1; where it stands nowhere, that of the holidays."""
    lines = text.splitlines()
    return next(at for wanted in (word, '"holidays"') for at, line in enumerate(lines, 1) if wanted in line)
