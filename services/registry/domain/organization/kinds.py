"""What organizations there are, and which may stand under which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.registry.domain.organization.refusals import CannotKeepMembers, ParentCannotHold


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

KEEPS_MEMBERS = frozenset({Kind.GRASSROOTS_CELL, Kind.SUBORDINATE_CELL, Kind.GRASSROOTS_COMMITTEE})
"""Members are at cells, or at a grassroots committee whose cells a source does not tell."""


@dataclass(frozen=True)
class Occupants:
    """Who stands at an organization: codes of members, and the kind of each that is directly beneath it.

    `left_on` is the last day on which somebody left it.
    """

    members: Sequence[str] = ()
    children: Mapping[str, Kind] = field(default_factory=dict)
    left_on: date | None = None

    @property
    def codes(self) -> list[str]:
        """Return the codes of all of them."""
        return sorted([*self.children, *self.members])

    def may_go_to(self, code: str, kind: Kind) -> None:
        """Raise ParentCannotHold or CannotKeepMembers unless `code` may hold all of them."""
        for child in self.children.values():
            may_hold(code, kind, child)
        if self.members and kind not in KEEPS_MEMBERS:
            raise CannotKeepMembers(f"{code} is a {kind}; {len(self.members)} members would come to it")


def may_hold(parent: str | None, of: Kind | None, kind: Kind) -> None:
    """Raise ParentCannotHold unless a `kind` may stand under `parent`, which is `of` a kind."""
    if of not in PARENTS_OF[kind]:
        place = f"under {parent}, a {of}" if parent else "without a parent"
        allowed = ", ".join(sorted(k or "none" for k in PARENTS_OF[kind]))
        raise ParentCannotHold(f"a {kind} cannot stand {place}; it can under: {allowed}")
