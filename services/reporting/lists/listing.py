"""What every list has in common: how it is asked for, and one page of it by keyset.

A page begins after the last row of the one before, named by its values, not by its number: rows that come
or go meanwhile are neither shown twice nor passed over, and the last page is found as quickly as the first.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_type_hints

import msgspec
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from contracts.message import DayOn, Instant
from contracts.vocabulary import FIGURE
from services.chassis.views.view import View
from services.reporting.known import KNOWN_AT
from services.reporting.views.subtree import Structure

R = TypeVar("R")

ROWS_DEFAULT = 100
ROWS_MAX = 1_000
"""Rows on one page."""

Cursor = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]+$",
        max_length=1_000,
        description="`next` of the page before; same sort, order, known_at",
    ),
]


class Asked(BaseModel):
    """What every list may be asked: as of which day, in which order, how much and from where.

    Each list adds what it can be sorted and filtered by. What it does not know is refused, not ignored.
    """

    model_config = ConfigDict(extra="forbid")

    after: list[str] | None = Field(
        default=None, description="<service>:<position> of a receipt", examples=[["registry:123"]]
    )
    as_of: DayOn | None = Field(default=None, description="the day asked about; today if none is named")
    on: DayOn | None = Field(default=None, description="the same, by its other name")
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    sort: str
    order: Literal["asc", "desc"] = "asc"
    limit: int = Field(default=ROWS_DEFAULT, ge=1, le=ROWS_MAX)
    cursor: Cursor | None = None
    format: Literal["json", "csv", "xlsx"] = Field(
        default="json", description="a file holds the whole list from `cursor` on, whatever `limit` says"
    )

    def day(self, today: date) -> date:
        """Return the day it is asked of."""
        return self.as_of or self.on or today


class OverTree(Asked):
    """What a list may be asked whose rows lie in one tree or the other."""

    structure: Structure = Field(
        default="then", description="by the tree of that day (`then`), or of today (`now`)"
    )


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a list. `next` is the `cursor` of the rest, if there is more."""

    items: Sequence[R]
    next: str | None


@dataclass(frozen=True)
class Listing(Generic[R]):
    """A list whose rows are of the dataclass `row`: its fields are the columns, in their order.

    `key` are the columns (never null) that tell any two rows apart. `filters` names, for each field of the
    query model that it can be filtered by, the condition of a row that passes.
    """

    row: type[R]
    key: tuple[str, ...]
    filters: Mapping[str, str]

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        """Return the type of each column, by name."""
        return get_type_hints(self.row)

    async def page(self, view: View, select: str, asked: Asked, **parameters: object) -> Page[R]:
        """Return the page that is asked for of the rows that `select` finds.

        Raises RequestValidationError for a cursor that is none of this list in this order.
        """
        last = self._read(asked.cursor, asked) if asked.cursor else ()
        rows = await view.rows(
            f"{self.query(select, asked, last)} LIMIT %(limit)s",
            **parameters,
            **{name: getattr(asked, name) for name in self.filters},
            **{f"last_{number}": value for number, value in enumerate(last)},
            limit=asked.limit + 1,
        )
        items = [self.row(**row) for row in rows[: asked.limit]]
        more = len(rows) > asked.limit
        return Page(items, self._written(items[-1], asked) if more else None)

    def query(self, select: str, asked: Asked, last: Sequence[Any] = ()) -> str:
        """Return the query for all rows that the filters let pass, in the order that is asked for."""
        passing = [passes for name, passes in self.filters.items() if getattr(asked, name) is not None]
        if last:
            passing.append(self._beyond(asked, last))
        first = "" if self._by_key(asked) else f"{asked.sort} {asked.order} NULLS LAST, "
        return (
            f"SELECT {', '.join(self.columns)} FROM ({select}) AS listed"
            f" WHERE {' AND '.join(passing) or 'true'} ORDER BY {first}{', '.join(self.key)}"
        )

    def _by_key(self, asked: Asked) -> bool:
        return asked.sort == self.key[0] and asked.order == "asc"

    def _beyond(self, asked: Asked, last: Sequence[Any]) -> str:
        """Return the condition for rows after the last one of the page before. Nulls come last."""
        names = [f"%(last_{number})s" for number in range(len(last))]
        rest = f"({', '.join(self.key)}) > ({', '.join(names[1:])})"
        if self._by_key(asked):
            return rest
        if last[0] is None:
            return f"({asked.sort} IS NULL AND {rest})"
        sign = ">" if asked.order == "asc" else "<"
        also = f" OR {asked.sort} IS NULL" if type(None) in get_args(self.columns[asked.sort]) else ""
        return f"({asked.sort} {sign} {names[0]} OR ({asked.sort} = {names[0]} AND {rest}){also})"

    def _written(self, row: R, asked: Asked) -> str:
        values = [getattr(row, name) for name in (asked.sort, *self.key)]
        told = msgspec.json.encode([asked.sort, asked.order, *values, *_instant(asked)])
        return urlsafe_b64encode(told).decode().rstrip("=")

    def _read(self, cursor: str, asked: Asked) -> Sequence[Any]:
        """Return the values of the sorted column and the key in the row that the cursor names."""
        values: list[Any]
        kinds = tuple(self.columns[name] for name in (asked.sort, *self.key))
        try:
            told = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            parts: Any = (str, str, *kinds, *(str for _ in _instant(asked)))
            sort, order, *rest = msgspec.json.decode(told, type=tuple[parts])
            values, known_at = rest[: len(kinds)], rest[len(kinds) :]
        except (ValueError, msgspec.MsgspecError):
            sort, order, values, known_at = "", "", [], []
        fits = (sort, order, known_at) == (asked.sort, asked.order, _instant(asked))
        if not fits or not all(map(_storable, values)):
            said = f"is no `next` of this list by {asked.sort} {asked.order}"
            problem = {"loc": ("query", "cursor"), "msg": said, "type": "cursor", "input": cursor}
            raise RequestValidationError([problem])
        return values


def _instant(asked: Asked) -> list[str]:
    """Return what a cursor says of what was known: its rows are those of no other instant."""
    return [asked.known_at.isoformat()] if asked.known_at else []


def _storable(value: object) -> bool:
    """Return whether the database can compare with a value of a cursor, which anybody may have written."""
    if isinstance(value, Decimal):
        return FIGURE.fullmatch(str(value)) is not None
    return "\x00" not in str(value)
