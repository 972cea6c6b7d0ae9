"""Which criteria frameworks bind whom, as any view keeps them: what was issued, adopted and amended.

A framework binds what lies beneath its issuer from its day on, until another of that issuer that amends it
applies: each month, or each quarter's last; all cells, or those of some kinds and sectors. One that requires
adoption asks a cell for the periods whose last day is on or after the day it first adopted it itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncCursor

from contracts.assessment import CriteriaFrameworkIssued
from contracts.assessment_frameworks import CriteriaFrameworkAdopted, CriteriaFrameworkIssuedV2
from services.chassis.views.fold import load
from services.chassis.views.places import Seen

MONTHS_IN_QUARTER = 3


class Document(msgspec.Struct, frozen=True):
    """A document by number and date."""

    number: str
    date: date


class Framework(Seen, frozen=True):
    """What a framework says of whom it binds, in either version."""

    framework: Document
    period: str
    effective_on: date
    kinds: tuple[str, ...] = ()
    amends: Document | None = None
    requires_adoption: bool = False

    def is_for(self, kind: str, sector: str | None) -> bool:
        """Return whether a cell of that kind and sector is bound."""
        return not self.kinds or kind in self.kinds or sector in self.kinds

    def ended_by(self, others: Collection["Framework"], day: date) -> bool:
        """Return whether one of `others` amends it and applied on `day`."""
        return any(
            other.organization == self.organization
            and other.amends == self.framework
            and other.effective_on <= day
            for other in others
        )

    def row(self) -> tuple[object, ...]:
        """Return it by COLUMNS."""
        named = self.organization, self.framework.number, self.framework.date
        amends = (self.amends.number, self.amends.date) if self.amends else (None, None)
        return (*named, self.effective_on, self.period, list(self.kinds), *amends, self.requires_adoption)


class Adoption(Seen, frozen=True):
    """That an organization took over a framework from above."""

    framework: Document
    issuer: str
    adopted_on: date


class Adoptions:
    """The fold of adoptions: on which day who first adopted what."""

    def __init__(self) -> None:
        self.first: dict[tuple[object, ...], date] = {}

    def take(self, event: Adoption) -> None:
        """Remember it, unless it repeats an earlier one."""
        key = event.organization, event.issuer, event.framework.number, event.framework.date
        self.first[key] = min(event.adopted_on, self.first.get(key, event.adopted_on))

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Add them; of what is told of one organization and framework the earliest day stays."""
        await load(
            cursor,
            "adoption",
            "code, issuer, number, issued_on, adopted_on",
            ((*key, adopted_on) for key, adopted_on in self.first.items()),
            "ON CONFLICT (code, issuer, number, issued_on)"
            " DO UPDATE SET adopted_on = excluded.adopted_on WHERE excluded.adopted_on < before.adopted_on",
        )


ISSUED: tuple[str, ...] = (CriteriaFrameworkIssued.type, CriteriaFrameworkIssuedV2.type)
"""The types of the events."""

ADOPTED: str = CriteriaFrameworkAdopted.type

COLUMNS = (
    "issuer, number, issued_on, effective_on, period, kinds, amends_number, amends_on, requires_adoption"
)

DEFINED = """
    issuer            text NOT NULL,
    number            text NOT NULL,
    issued_on         date NOT NULL,
    effective_on      date NOT NULL,
    period            text NOT NULL,
    kinds             text[] NOT NULL,
    amends_number     text,
    amends_on         date,
    requires_adoption boolean NOT NULL
"""

FRAMEWORKS = f"""
    CREATE TABLE framework ({DEFINED}, PRIMARY KEY (issuer, number, issued_on));
"""

ADOPTIONS = """
    CREATE TABLE adoption (
        code       text NOT NULL,
        issuer     text NOT NULL,
        number     text NOT NULL,
        issued_on  date NOT NULL,
        adopted_on date NOT NULL,
        PRIMARY KEY (code, issuer, number, issued_on)
    );
"""

ADOPTING = "LEFT JOIN {schema}.adoption USING (code, issuer, number, issued_on)"
"""To frameworks and organizations: when the one adopted the other itself. IS_FOR and SINCE need it."""

IS_FOR = """(kinds = '{}' OR kinds && ARRAY[kind, sector])
    AND (adopted_on IS NOT NULL OR issuer = code OR NOT requires_adoption)"""
"""Of a framework and an organization: that it is for such as that, and adopted if it has to be."""

SINCE = "CASE WHEN requires_adoption THEN greatest(effective_on, adopted_on) ELSE effective_on END"
"""Since when one that is for an organization asks it. Who issued one need not adopt it."""


def binding(schema: str) -> str:
    """Return the query for all frameworks of a view; `until` is the first day of what amends one, or null."""
    return f"""
        SELECT one.*, period = 'QUARTER' AS quarterly, (
            SELECT min(later.effective_on) FROM {schema}.framework AS later
            WHERE later.issuer = one.issuer
              AND (later.amends_number, later.amends_on) = (one.number, one.issued_on)
        ) AS until
        FROM {schema}.framework AS one
    """


@dataclass(frozen=True)
class Bound:
    """Since when a framework asks something by the month, until when, and whether by the quarter only."""

    since: date
    until: date | None = None
    quarterly: bool = False

    def asks(self, end: date) -> bool:
        """Return whether it asks something in the month that ends on `end`."""
        lasts = self.since <= end and (self.until is None or end < self.until)
        return lasts and not (self.quarterly and end.month % MONTHS_IN_QUARTER)
