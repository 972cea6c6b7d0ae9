"""What the address of a page asks for."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError

from services.reporting.console.pages import Asked
from services.reporting.views.subtree import Structure


async def asked(  # noqa: PLR0917 - an address has as many parameters as it has
    year: Annotated[int | None, Query(ge=1930, le=2100)] = None,
    on: str = "",
    day: Annotated[int | None, Query(ge=0, le=100_000)] = None,
    shown: str = "",
    q: Annotated[str, Query(max_length=100)] = "",
    order: str = "code",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    type: str = "",
    leaf: Annotated[int, Query(ge=1, le=10_000)] = 1,
    structure: Structure = "then",
) -> Asked:
    """Return what an address asks for. Raises RequestValidationError for a value that does not fit."""
    return Asked(year, _day(on, "on"), day, _day(shown, "shown"), q, order, page, type, leaf, structure)


def _day(written: str, name: str) -> date | None:
    """Return a day a form wrote; a date field left empty writes nothing."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise RequestValidationError([{"loc": ("query", name), "msg": str(error), "type": "date"}]) from error


Wish = Annotated[Asked, Depends(asked)]
"""What an address asks for, as a page takes it."""
