"""Which criteria frameworks bind whom, as any view keeps them: what was issued, and what ended it.

A framework binds what lies beneath its issuer from its day on, until another of that issuer that amends it
applies: each month, or each quarter's last; all cells, or those of some kinds and sectors.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import msgspec

from contracts.assessment import CriteriaFrameworkIssued
from contracts.assessment_frameworks import CriteriaFrameworkIssuedV2
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
        return (*named, self.effective_on, self.period, list(self.kinds), *amends)


ISSUED: tuple[str, ...] = (CriteriaFrameworkIssued.type, CriteriaFrameworkIssuedV2.type)
"""The types of the events."""

COLUMNS = "issuer, number, issued_on, effective_on, period, kinds, amends_number, amends_on"

DEFINED = """
    issuer        text NOT NULL,
    number        text NOT NULL,
    issued_on     date NOT NULL,
    effective_on  date NOT NULL,
    period        text NOT NULL,
    kinds         text[] NOT NULL,
    amends_number text,
    amends_on     date
"""

FRAMEWORKS = f"""
    CREATE TABLE framework ({DEFINED}, PRIMARY KEY (issuer, number, issued_on));
"""

IS_FOR = "(kinds = '{}' OR kinds && ARRAY[kind, sector])"
"""Of a framework and an organization: that it is for such as that."""


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
