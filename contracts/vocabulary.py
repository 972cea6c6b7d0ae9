"""The small words events are made of: texts, counts, periods and documents, each with its bounds.

Bounds are wide for honest use and narrow enough that no single event can hurt a reader.
"""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from contracts.message import Code, DayOn, Value

FIGURE = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?")


def _written_figure(value: object) -> object:
    """Return `value` unless it is true, false or an odd spelling, which Decimal would read as a number."""
    if isinstance(value, bool) or (isinstance(value, str) and not FIGURE.fullmatch(value)):
        raise ValueError("a figure is written 95 or 95.45")
    return value


Line = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", max_length=200)]
"""One line of words: a name or a title."""

Text = Annotated[str, Field(pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$", max_length=2000)]
"""Some sentences, never about a person: tabs and line ends are the only control characters."""

LegalTag = Literal["LEGAL_MANDATORY", "LOCAL_POLICY", "LEGAL_REVIEW_REQUIRED"]
"""How far a rule is law."""

Flag = Annotated[bool, Strict()]
"""true or false, and nothing that merely looks like it."""

Headcount = Annotated[int, Strict(), Field(ge=0, le=100_000)]
"""A number of people."""

Figure = Annotated[
    Decimal,
    BeforeValidator(_written_figure),
    Field(max_digits=18, decimal_places=4),
    WithJsonSchema({"type": ["string", "number"], "pattern": f"^{FIGURE.pattern}$"}),
]
"""A measured figure, exact; written as a JSON string so that no reader rounds it."""

Score = Annotated[
    Decimal,
    BeforeValidator(_written_figure),
    Field(ge=0, le=100, max_digits=5, decimal_places=2),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?$",
            "minimum": 0,
            "maximum": 100,
        }
    ),
]
"""Points of 100, with at most two decimals; written as a JSON string."""

Percent = Score
"""A share in percent, 0 to 100, with at most two decimals; written as a JSON string."""

Word = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$", examples=["CELL_BELOW_MINIMUM"])]
"""A word of a list that may grow: a rule, a role, a channel, a duty."""

Year = Annotated[str, Field(pattern=r"^(19[3-9][0-9]|20[0-9][0-9])$", examples=["2024"])]
"""A calendar year."""

Month = Annotated[str, Field(pattern=r"^(19[3-9][0-9]|20[0-9][0-9])-(0[1-9]|1[0-2])$", examples=["2024-11"])]
"""A calendar month."""

Period = Annotated[
    str,
    Field(pattern=r"^(19[3-9][0-9]|20[0-9][0-9])(-(0[1-9]|1[0-2]))?$", examples=["2024-11", "2024"]),
]
"""A month (`2024-11`) or a year (`2024`), as the framework in force asks."""

DocumentNumber = Annotated[
    str,
    Field(pattern=r"^[^\s\x00-\x1f\x7f]+( [^\s\x00-\x1f\x7f]+)*$", max_length=64, examples=["05-HD/BTCTU"]),
]
"""The number a document carries on its first page."""


ExternalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$", examples=["CSDL3:0042"])]
"""The name that another system gave it, such as the national database of members; kept, not judged."""


class Document(Value):
    """A document by number and date: two different ones are numbered 12-HD/BTCTW (2018 and 2022)."""

    number: DocumentNumber
    date: DayOn


class Going(Value):
    """A member of what is split, and with which successor it goes."""

    member: Code
    to: Code


Voters = Annotated[int, Strict(), Field(ge=1, le=100_000)]
"""How many were summoned to a vote: at least one."""


class Vote(Value):
    """A cell's vote, counted against all full members summoned, present or not (294-QĐ/TW 9.3.2).

    But for those `away` for a while, and those exempted who are absent.
    """

    summoned: Voters
    in_favour: Headcount
    away: Headcount = 0
    exempted_absent: Headcount = 0
