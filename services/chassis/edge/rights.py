"""What a caller may do, and where: by the roles of their token, and by the offices they hold today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from contracts.days import day_of
from services.chassis.clock import Clock, utc_now
from services.chassis.edge.after import AT_ONCE, After
from services.chassis.edge.auth import EVERYWHERE, Caller, Role
from services.chassis.errors import Forbidden, Refused, UnknownOrganization
from services.chassis.sizes import CELLS
from services.chassis.stated import Parameters
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Node, Tree

READERS: tuple[Role, ...] = ("officer", "secretary", "auditor")
"""Who reads about organizations and their members: not those who run the machines."""

OF_FIGURES: tuple[Role, ...] = (*READERS, "operator")
"""Who reads figures: those who run the machines as well."""

PACK = Path(__file__).parent.parent / "packs" / "rights-by-office.json"


class NotYours(Refused):
    """A district may speak only of the organization it is named for and of those beneath it."""


@dataclass(frozen=True)
class Right:
    """A role over an organization and all that is beneath it."""

    role: str
    over: str


def roles_by_office(pack: Path = PACK) -> Mapping[tuple[str, bool], str]:
    """Return by position, and whether it is one in a cell, the role that goes with it: as `pack` states.

    That a cell's secretary and deputy keep its papers has a source (12-HD/BTCTW); which role that is here,
    and all that officials of committees may do, is a province's to set. Raises ValueError for another role.
    """
    roles = Parameters.read(pack).values()
    if unknown := set(roles.values()) - set(get_args(Role)):
        raise ValueError(f"{pack.name}: no such role: {unknown}")
    offices = {}
    for office, role in roles.items():
        place, _, position = office.partition("_")
        offices[position.upper(), place == "cell"] = role
    return offices


class Rights:
    """Where a caller or a district may act, by the organization tree and who holds which office today.

    A role and its place go together: the secretary of a cell who sits on the committee above it is the
    secretary of that cell alone, and of the others a reader.
    """

    def __init__(self, tree: Tree, officials: Officials, clock: Clock = utc_now) -> None:
        self.tree = tree
        self.officials = officials
        self._clock = clock
        self._roles = roles_by_office()

    async def require(
        self, by: Caller, *roles: Role, over: Sequence[str] = (), after: After = AT_ONCE
    ) -> None:
        """Require one of `roles` over each of `over`, or anywhere if that is empty.

        As things stand once what they follow from was read up to `after`. Offices are only looked up for a
        member whose token does not suffice. Raises Forbidden, NotYetRead.
        """
        if by.member is None:
            by.require(*roles)
        await after.wait(self.tree)
        left = over
        if not by.roles.isdisjoint(roles):
            mine = by.subtree
            left = [
                one for one in over if mine not in (EVERYWHERE, one) and not await self.tree.within(one, mine)
            ]
            if not left:
                return
        if by.member is None:
            raise Forbidden(f"{left[0]} is not beneath {by.subtree}")
        await after.wait(self.officials)
        held = await self.by_office(by.member)
        enough = {one.over for one in held if one.role in roles}
        left = [one for one in left if enough.isdisjoint(await self._path(one))]
        if left or not enough:
            raise Forbidden(_lacking(by, roles, left, held))

    async def allow(self, by: Caller, *roles: Role, over: Sequence[str] = ()) -> bool:
        """Return whether `require` would pass."""
        try:
            await self.require(by, *roles, over=over)
        except Forbidden:
            return False
        return True

    async def reach(self, by: Caller, *roles: Role) -> frozenset[str]:
        """Return the organizations at and beneath which the caller has one of `roles`, or EVERYWHERE."""
        held = await self.by_office(by.member) if by.member else []
        mine = {one.over for one in held if one.role in roles}
        return frozenset(mine if by.roles.isdisjoint(roles) else {*mine, by.subtree} - {""})

    async def tops(self, by: Caller, *roles: Role) -> list[Node]:
        """Return where the parts of the tree begin in which the caller has one of `roles`, by code."""
        reach = await self.reach(by, *roles)
        if EVERYWHERE in reach:
            return await self.tree.roots()
        found = [await self.tree.find(code) for code in sorted(reach)]
        return [one for one in found if one and len(reach.intersection(one.path)) == 1]

    async def at(self, by: Caller, organization: str) -> Caller:
        """Return the caller as they are at an organization: with the roles they have over it."""
        path = await self._path(organization)
        held = await self.by_office(by.member) if by.member else []
        roles = {one.role for one in held if one.over in path}
        if by.subtree in (EVERYWHERE, organization, *path):
            roles |= by.roles
        return replace(by, roles=frozenset(roles), subtree=organization)

    async def by_office(self, member: str) -> list[Right]:
        """Return what a member may do by the offices they hold today, in organizations that stand."""
        held = await self.officials.held_today(member, day_of(self._clock()))
        found = [(one.position, await self.tree.find(one.organization)) for one in held]
        return [
            Right(self._roles[position, node.kind in CELLS], node.code)
            for position, node in found
            if node and node.ended_on is None
        ]

    async def _path(self, organization: str) -> Sequence[str]:
        node = await self.tree.find(organization)
        return node.path if node else ()

    async def check_district(self, district: str, organization: str) -> None:
        """Raise NotYours unless `organization` lies beneath `district`, UnknownOrganization if it is new."""
        if organization == district:
            return
        node = await self.tree.find(organization)
        if node is None:
            raise UnknownOrganization(f"no organization {organization} is known here")
        if district not in node.path:
            raise NotYours(f"{organization} is not beneath {district}")


def _lacking(by: Caller, roles: Sequence[Role], left: Sequence[str], held: Sequence[Right]) -> str:
    """Return what a member lacks, beside what they have."""
    there = f" over {left[0]}" if left else ""
    token = [f"{role} over {by.subtree}" for role in sorted(by.roles)]
    office = [f"{one.role} over {one.over}" for one in held]
    mine = f"you are {', '.join(token + office)}" if token + office else "you hold no office"
    return f"this needs the role {' or '.join(roles)}{there}; today {mine}"
