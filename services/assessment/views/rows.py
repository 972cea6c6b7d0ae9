"""The fold of a view that keeps what was told as it was told: each event a row of its table."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from psycopg import AsyncCursor

from services.chassis.views.fold import Told, load


class Placed(Told, frozen=True):
    """What was told, and its place in the log."""

    sequence: int


class Rows:
    """Events as rows of `tables`, column by field; those of `placed` keep their place in the log besides."""

    def __init__(
        self, tables: Mapping[type[msgspec.Struct], str], placed: Collection[type[msgspec.Struct]] = ()
    ) -> None:
        self._tables = tables
        self._placed = placed
        self._rows: dict[type[msgspec.Struct], list[tuple[object, ...]]] = defaultdict(list)

    def add(self, told: Iterable[Any]) -> None:
        """Take them in."""
        for one in told:
            event, row = type(one.data), msgspec.structs.astuple(one.data)
            self._rows[event].append((*row, one.sequence) if event in self._placed else row)

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add the rows."""
        for event, rows in self._rows.items():
            place = ("position",) if event in self._placed else ()
            await load(cursor, self._tables[event], ", ".join((*event.__struct_fields__, *place)), rows)
