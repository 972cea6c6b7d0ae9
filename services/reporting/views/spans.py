"""What holds of a member from a day until another: stays, exemptions and releases, one after the other."""

from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncCursor

from services.chassis.views.fold import load

UNTIL = 2


class Spans:
    """Rows of a table (member, from_on, until_on, …), folded: of each member one is open at most."""

    def __init__(self, table: str, said: str = "") -> None:
        self.table = table
        self.columns = ", ".join(("member, from_on, until_on", *([said] if said else [])))
        self._begun: list[list[Any]] = []
        self._open: dict[str, list[Any]] = {}
        self._ended: dict[str, date] = {}
        """By member, when the one ended that was open before anything was taken in here."""

    def first(self, member: str, day: date, *said: object) -> None:
        """Begin one for a member who had none before."""
        row = [member, day, None, *said]
        self._begun.append(row)
        self._open[member] = row

    def begin(self, member: str, day: date, *said: object) -> None:
        """Begin one where the one before ends, if that is still open."""
        self.end(member, day)
        self.first(member, day, *said)

    def end(self, member: str, day: date) -> None:
        """End the one that is open, if any."""
        if row := self._open.pop(member, None):
            row[UNTIL] = day
        else:
            self._ended.setdefault(member, day)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """End what was open before, then add what began."""
        if self._ended:
            await cursor.execute(
                f"UPDATE {self.table} SET until_on = told.day::date"
                " FROM json_each_text(%s::json) AS told (member, day)"
                f" WHERE {self.table}.member = told.member AND until_on IS NULL",
                (msgspec.json.encode(self._ended).decode(),),
            )
        await load(cursor, self.table, self.columns, [tuple(row) for row in self._begun])
