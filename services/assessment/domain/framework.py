"""Criteria frameworks: what a committee asks the cells beneath it, from when on, and what it replaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from unicodedata import normalize

from services.assessment.domain.calendar import Period
from services.assessment.domain.criteria import Good
from services.assessment.domain.organization import Organization
from services.assessment.domain.soundness import Band, require_sound
from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused


class AlreadyIssued(Refused):
    """A committee issues a document once; a change has a number or a date of its own (house rule)."""


class EffectiveBeforeIssued(Refused):
    """Criteria do not reach back before their document: nobody knew them then (house rule)."""


class AmendsLater(Refused):
    """What is amended is older, and replaced on the day from which it applies or later (house rule)."""


class BasedOnLater(Refused):
    """Each document carries out the one before it, so none is older than that (161-KH/HU Than Uyên, S001)."""


@dataclass(frozen=True)
class Terms:
    """What a framework says besides its goods: whom it binds, and which documents it rests on.

    `kinds` are kinds of cells and sectors, none: all; `based_on` {number, dated}, oldest first.
    """

    bands: Sequence[Band] = ()
    kinds: Sequence[str] = ()
    amends: CriteriaFramework | None = None
    requires_adoption: bool = False
    based_on: Sequence[dict[str, str]] = ()


PLAIN = Terms()
"""A framework for all cells beneath, whether they adopt it or not."""


class CriteriaFramework(Aggregate):
    """A committee's criteria, by document: number and date are needed, 12-HD/BTCTW is two of them.

    Numbers are the issuer's own: two districts may each have a 01-HD/HU of the same day.
    """

    TOPIC = "assessment.CriteriaFramework"

    # -- State: what self-assessments are judged by
    organization: str
    number: str
    dated: str
    period: str
    effective_on: str
    requires_adoption: bool = False
    asks: tuple[Good, ...] = field(init=False)
    bands: tuple[Band, ...] = field(init=False)
    kinds: tuple[str, ...] = field(init=False)

    # -- Facts
    class Event(Fact):
        """A fact about one framework."""

    class Issued(FirstFact):
        """`dated` and `effective_on` are ISO dates; `pack` names the data the goods came from, if any.

        What is new has a default: older facts lack it. `amends` and each of `based_on` are {number, dated}.
        """

        TOPIC = "assessment.CriteriaFramework.Issued"
        organization: str
        number: str
        dated: str
        title: str
        period: str
        effective_on: str
        goods: list[dict[str, Any]]
        pack: str | None
        bands: list[dict[str, Any]] | None = None
        kinds: list[str] | None = None
        amends: dict[str, str] | None = None
        requires_adoption: bool = False
        based_on: list[dict[str, str]] | None = None

        def apply(self, framework: CriteriaFramework) -> None:
            """Read the goods once, however often they are asked."""
            framework.asks = tuple(Good.of(good) for good in self.goods)
            framework.bands = tuple(Band(**band) for band in self.bands or ())
            framework.kinds = tuple(self.kinds or ())

    # -- Decisions
    @staticmethod
    def id_for(issuer: str, number: str, dated: date) -> str:
        """Return `framework-<issuer>-<number>-<date>`, one for every way to encode the number's accents."""
        return f"framework-{issuer}-{normalize('NFC', number)}-{dated}"

    @classmethod
    def issue(
        cls,
        issuer: Organization,
        goods: Sequence[Good],
        *,
        number: str,
        dated: date,
        title: str,
        period: str,
        effective_on: date,
        pack: str | None,
        terms: Terms = PLAIN,
        at: datetime,
    ) -> CriteriaFramework:
        """Issue criteria to the whole subtree of `issuer`. `period` is MONTH, QUARTER or YEAR.

        Raises InTheFuture, BeforeFounding, EffectiveBeforeIssued, AmendsLater, BasedOnLater and what
        `require_sound` raises.
        """
        issuer.require_past(dated, at=at)
        if effective_on < dated:
            raise EffectiveBeforeIssued(f"{number} of {dated} cannot apply from {effective_on}")
        if terms.amends:
            terms.amends.require_older(dated, effective_on)
        _require_order([*(one["dated"] for one in terms.based_on), dated.isoformat()])
        require_sound(goods, terms.bands)
        amends = terms.amends
        return cls._create(
            cls.Issued,
            id=cls.id_for(issuer.code, number, dated),
            organization=issuer.code,
            number=number,
            dated=dated.isoformat(),
            title=title,
            period=period,
            effective_on=effective_on.isoformat(),
            goods=[good.stored() for good in goods],
            pack=pack,
            bands=[band.stored() for band in terms.bands],
            kinds=list(terms.kinds),
            amends={"number": amends.number, "dated": amends.dated} if amends else None,
            requires_adoption=terms.requires_adoption,
            based_on=list(terms.based_on),
            timestamp=at,
        )

    def require_older(self, dated: date, effective_on: date) -> None:
        """Raise AmendsLater unless a document of `dated` can replace it from `effective_on` on."""
        if dated.isoformat() < self.dated or effective_on.isoformat() < self.effective_on:
            raise AmendsLater(f"{self.number} is of {self.dated} and applies from {self.effective_on}")

    # -- What follows from it
    def answered_in(self, period: Period) -> bool:
        """Return whether it is answered in `period`: by the month, in a quarter's last month, by the year.

        A year is asked of every framework.
        """
        return period.is_year or self.period in {"MONTH", period.longest}

    def level_of(self, points: Decimal) -> str:
        """Return the level of all points together."""
        reached = [band for band in self.bands if band.points_min <= points]
        return max(reached, key=lambda band: band.points_min).level


def _require_order(days: Sequence[str]) -> None:
    for earlier, later in pairwise(days):
        if earlier > later:
            raise BasedOnLater(f"{later} is before {earlier}, which it carries out")
