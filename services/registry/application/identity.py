"""What is stated of a person, whoever asks for what: each field with its bounds, none shown in a log line."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, Strict

from contracts.vocabulary import ExternalId, Line
from services.chassis.stated import Command


def _day(value: object) -> object:
    """Return a written day as a date. What it does not know how to read it does not repeat."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("a day is written 1990-05-31") from None


BornOn = Annotated[date, Strict(), BeforeValidator(_day), Field(ge=date(1850, 1, 1), le=date(2100, 12, 31))]
"""A day of birth. It may lie before the founding of the Party, where `DayOn` begins."""


Phone = Annotated[str, Field(pattern=r"^\+?[0-9]([ .-]?[0-9]){5,17}$", max_length=36)]
"""A telephone number as it is dialled."""

Mail = Annotated[
    str, Field(pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}$", max_length=254)
]
"""A mail address (RFC 5321: 254 characters at most)."""


class PersonStated(Command):
    """A command that states who somebody is, or part of it."""

    name: Line | None = Field(default=None, repr=False)
    born_on: BornOn | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)
    mail: Mail | None = Field(default=None, repr=False)
    address: Line | None = Field(default=None, repr=False)
    external_id: ExternalId | None = Field(default=None, repr=False)
