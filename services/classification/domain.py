"""What classification decides, and when it refuses.

Top to bottom: the refusals, what the rules made of a year, then the aggregate: its state, its
facts, its decisions. No I/O, no clock, no randomness: the same calls always give the same facts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import Refused

EVENTS_MAX = 1500
"""How many events one decision can name: a cell's year has some hundred."""


class AlreadyDecided(Refused):
    """An organization has one class for a year; who disagrees appeals, and does not decide again."""


class NotSuperior(Refused):
    """43-HD/BTCTW: the superior decides the class, so never the organization itself or a stranger."""


class YearNotOver(Refused):
    """A year is classified at its end, not before; the rule pack says from which day on."""


class DecidedInFuture(Refused):
    """A decision is recorded on its day or later, never ahead of it."""


class PackNotInForce(Refused):
    """A decision follows the rules in force on its day."""


class EvidenceMismatch(Refused):
    """The digest of a decision is that of the events it names, or something was put in or left out."""


class DossierTooLarge(Refused):
    """A decision names every event it rests on, and it can name 1,500."""


@dataclass(frozen=True)
class Ruling:
    """What the rules make of a year: the level, whether the cell is four-good, and each reason in words."""

    level: str
    four_good: bool
    score: Decimal
    reasons: list[str]


@dataclass(frozen=True)
class Earlier:
    """A decision made before this system, as it was published. 124-QĐ/TW has no 100 points, so no score."""

    level: str
    four_good: bool
    score: Decimal | None
    reasons: list[str]
    events: list[str]
    evidence: str


@dataclass(frozen=True)
class Pack:
    """The rules a decision followed: the document's number, the version of our reading, and from when."""

    name: str
    version: str
    effective_on: date
    earliest_on: date
    """The first day on which the year in question may be decided."""


@dataclass(frozen=True)
class Case:
    """What is to be decided: an organization's year, with the committees above it and the province's day."""

    organization: str
    year: int
    superiors: Collection[str]
    present_day: date

    def __str__(self) -> str:
        return f"{self.organization} {self.year}"


@dataclass(frozen=True)
class Decider:
    """Which committee decided, and when."""

    code: str
    on: date


class Verdict(FirstFact):
    """What both ways of coming by a decision have in common."""

    organization: str
    year: int
    level: str
    four_good: bool
    score: Decimal | None
    decided_by: str
    decided_on: str
    pack: str
    pack_version: str
    reasons: list[str]
    events: list[str]
    evidence: str


class Classification(Aggregate):
    """The class of one organization for one year."""

    TOPIC = "classification.Classification"

    # -- State: the decision as it stands ------------------------------------------------------

    organization: str
    year: int
    level: str
    four_good: bool
    score: Decimal | None
    decided_by: str
    decided_on: str
    pack: str
    pack_version: str
    reasons: list[str]
    events: list[str]
    evidence: str

    # -- Facts: stored for ever, so primitive fields and a fixed TOPIC -------------------------

    class Event(Fact):
        """A fact about one classification."""

    class Decided(Verdict):
        """Decided here, by the rules: `report` is what the superior had stated."""

        TOPIC = "classification.Classification.Decided"
        report: dict[str, Any]

    class Imported(Verdict):
        """Decided elsewhere and earlier, and taken over as it was published."""

        TOPIC = "classification.Classification.Imported"

    # -- Decisions: check the rules, then state a fact -----------------------------------------

    @staticmethod
    def id_for(organization: str, year: int) -> str:
        """One organization, one year, one id: deciding twice collides in the store."""
        return f"classification-{organization}-{year}"

    @classmethod
    def decide(
        cls,
        case: Case,
        ruling: Ruling,
        *,
        by: Decider,
        pack: Pack,
        events: Sequence[str],
        report: dict[str, Any],
        at: datetime,
    ) -> Classification:
        """Record what follows from `pack`. `events` are the ids of what the ruling rests on.

        Raises NotSuperior, DecidedInFuture, YearNotOver, PackNotInForce, DossierTooLarge.
        """
        _check_decider(case, by)
        if by.on < pack.earliest_on:
            raise YearNotOver(f"{case}: may be decided from {pack.earliest_on}, not on {by.on}")
        if by.on < pack.effective_on:
            raise PackNotInForce(f"{pack.name} is in force from {pack.effective_on}, not on {by.on}")
        if len(events) > EVENTS_MAX:
            raise DossierTooLarge(f"{case}: {len(events)} events")
        return cls._create(
            cls.Decided,
            id=cls.id_for(case.organization, case.year),
            organization=case.organization,
            year=case.year,
            **asdict(ruling),
            decided_by=by.code,
            decided_on=by.on.isoformat(),
            pack=pack.name,
            pack_version=pack.version,
            events=sorted(events),
            evidence=digest_of(events),
            report=report,
            timestamp=at,
        )

    @classmethod
    def import_decision(
        cls, case: Case, earlier: Earlier, *, by: Decider, pack: str, pack_version: str, at: datetime
    ) -> Classification:
        """Take over a decision made elsewhere, as it was published; its own rules were applied there.

        Raises NotSuperior, DecidedInFuture, YearNotOver, EvidenceMismatch.
        """
        _check_decider(case, by)
        if by.on.year < case.year:
            raise YearNotOver(f"{case}: cannot have been decided on {by.on}")
        if earlier.events and earlier.evidence != digest_of(earlier.events):
            raise EvidenceMismatch(
                f"{case}: the digest is not that of the {len(earlier.events)} events named"
            )
        return cls._create(
            cls.Imported,
            id=cls.id_for(case.organization, case.year),
            organization=case.organization,
            year=case.year,
            **asdict(earlier),
            decided_by=by.code,
            decided_on=by.on.isoformat(),
            pack=pack,
            pack_version=pack_version,
            timestamp=at,
        )


def digest_of(events: Sequence[str]) -> str:
    """Return the SHA-256, in hex, of the sorted ids, each followed by a line end."""
    return sha256("".join(f"{event}\n" for event in sorted(events)).encode()).hexdigest()


def _check_decider(case: Case, by: Decider) -> None:
    if by.code not in case.superiors:
        raise NotSuperior(f"{by.code} is not above {case.organization}")
    if by.on > case.present_day:
        raise DecidedInFuture(f"{by.on} is after today, {case.present_day}")
