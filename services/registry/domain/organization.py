"""An organization: where it may stand in the tree."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from services.chassis.aggregate import Aggregate, Fact, FirstFact
from services.chassis.errors import NotYetKnown, Refused
from services.registry.domain.words import Decision, happened

# -- Refusals: the docstring is the rule and its source, or that it is ours


class UnknownParent(NotYetKnown):
    """An organization is founded under one that is already founded (house rule)."""


class ParentCannotHold(Refused):
    """Each kind of organization stands under certain kinds only (Charter arts. 10, 21, 24; 298-QĐ/TW)."""


class FoundedBeforeParent(Refused):
    """An organization is founded no earlier than its parent: no spell in the tree hangs free (house rule)."""


class Kind(StrEnum):
    """What an organization is. Levels are kinds, not depth: the district level ended on 2025-07-01."""

    PROVINCIAL_COMMITTEE = "PROVINCIAL_COMMITTEE"
    DISTRICT_COMMITTEE = "DISTRICT_COMMITTEE"
    SUPERIOR_COMMITTEE = "SUPERIOR_COMMITTEE"
    GRASSROOTS_COMMITTEE = "GRASSROOTS_COMMITTEE"
    SUB_COMMITTEE = "SUB_COMMITTEE"
    GRASSROOTS_CELL = "GRASSROOTS_CELL"
    SUBORDINATE_CELL = "SUBORDINATE_CELL"


class Sector(StrEnum):
    """What kind of place an organization works in."""

    RESIDENTIAL = "RESIDENTIAL"
    AGENCY = "AGENCY"
    PUBLIC_UNIT = "PUBLIC_UNIT"
    SCHOOL = "SCHOOL"
    MILITARY = "MILITARY"
    POLICE = "POLICE"
    ENTERPRISE = "ENTERPRISE"
    MASS_ORGANIZATION = "MASS_ORGANIZATION"
    COMMUNE = "COMMUNE"
    OTHER = "OTHER"


ABOVE_GRASSROOTS = frozenset({Kind.PROVINCIAL_COMMITTEE, Kind.DISTRICT_COMMITTEE, Kind.SUPERIOR_COMMITTEE})

PARENTS_OF: dict[Kind, frozenset[Kind | None]] = {
    Kind.PROVINCIAL_COMMITTEE: frozenset({None}),  # the root here; several may share a deployment (ours)
    Kind.DISTRICT_COMMITTEE: frozenset({Kind.PROVINCIAL_COMMITTEE}),  # Charter art. 10, until 2025-06-30
    Kind.SUPERIOR_COMMITTEE: frozenset({Kind.PROVINCIAL_COMMITTEE}),  # 298-QĐ/TW; agencies, army, police
    Kind.GRASSROOTS_COMMITTEE: ABOVE_GRASSROOTS,  # Charter art. 21; 298-QĐ/TW; under a province (ours)
    Kind.GRASSROOTS_CELL: ABOVE_GRASSROOTS,  # Charter art. 21; under a province (ours)
    Kind.SUB_COMMITTEE: frozenset({Kind.GRASSROOTS_COMMITTEE}),  # Charter art. 24
    Kind.SUBORDINATE_CELL: frozenset({Kind.GRASSROOTS_COMMITTEE, Kind.SUB_COMMITTEE}),  # Charter art. 24
}


class Organization(Aggregate):
    """A committee or a cell, from its founding on."""

    TOPIC = "registry.Organization"

    # -- State: only what decisions need

    code: str
    kind: str
    parent: str | None
    founded_on: str

    # -- Facts

    class Event(Fact):
        """A fact about one organization."""

    class Founded(FirstFact):
        TOPIC = "registry.Organization.Founded"
        code: str
        name: str
        kind: str
        parent: str | None
        sector: str | None
        founded_on: str  # ISO 8601 date, as are all days here
        decision_number: str | None
        decision_dated: str | None
        external_id: str | None = None  # foundings before imports have none

    # -- Decisions

    @staticmethod
    def id_for(code: str) -> str:
        """One code, one id: giving a code twice collides in the store."""
        return f"organization-{code}"

    @classmethod
    def found(
        cls,
        code: str,
        *,
        name: str,
        kind: Kind,
        parent: Organization | None,
        sector: Sector | None,
        founded_on: date,
        decision: Decision | None,
        external_id: str | None = None,
        at: datetime,
    ) -> Organization:
        """Found one under `parent`. Raises DateInFuture, ParentCannotHold, FoundedBeforeParent."""
        happened("founding", founded_on, at=at)
        if (Kind(parent.kind) if parent else None) not in PARENTS_OF[kind]:
            raise ParentCannotHold(_placement(kind, parent))
        if parent and founded_on < date.fromisoformat(parent.founded_on):
            raise FoundedBeforeParent(f"{code} on {founded_on}, {parent.code} only on {parent.founded_on}")
        return cls._create(
            cls.Founded,
            id=cls.id_for(code),
            code=code,
            name=name,
            kind=kind.value,
            parent=parent.code if parent else None,
            sector=sector.value if sector else None,
            founded_on=founded_on.isoformat(),
            decision_number=decision.number if decision else None,
            decision_dated=decision.dated.isoformat() if decision else None,
            external_id=external_id,
            timestamp=at,
        )


def _placement(kind: Kind, parent: Organization | None) -> str:
    place = f"under {parent.code}, a {parent.kind}" if parent else "without a parent"
    allowed = ", ".join(sorted(k or "none" for k in PARENTS_OF[kind]))
    return f"a {kind} cannot stand {place}; it can under: {allowed}"
