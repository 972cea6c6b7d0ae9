"""What the address of a page asks for."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError

from services.reporting.console.pages import Asked
from services.reporting.views.subtree import Structure


async def known_day(known_on: str = "") -> date | None:
    """Return the day of which an address asks what was known. Raises RequestValidationError."""
    return _day(known_on, "known_on")


KnownOn = Annotated[date | None, Depends(known_day)]
"""The day of which a page is asked what was known, as a page takes it."""


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
    first: str = "",
) -> Asked:
    """Return what an address asks for. Raises RequestValidationError for a value that does not fit."""
    slid_from = _day(first, "first")
    return Asked(
        year, _day(on, "on"), day, _day(shown, "shown"), q, order, page, type, leaf, structure, slid_from
    )


def _day(written: str, name: str) -> date | None:
    """Return a day a form wrote; a date field left empty writes nothing."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise RequestValidationError([{"loc": ("query", name), "msg": str(error), "type": "date"}]) from error


Wish = Annotated[Asked, Depends(asked)]
"""What an address asks for, as a page takes it."""
