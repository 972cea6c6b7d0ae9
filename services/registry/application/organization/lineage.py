"""Where organizations stand by the log itself: up through parents and mergers, and who stands at one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence, Set
from datetime import date, datetime
from itertools import pairwise
from typing import TypeVar

from services.chassis.errors import NotYetKnown
from services.chassis.eventlog.mentions import Silence
from services.chassis.eventlog.store import Store
from services.registry.domain.member import CellNotFounded, Member
from services.registry.domain.organization import Kind, Occupants, Organization, UnknownParent

Find = Callable[[str, type[NotYetKnown]], Awaitable[Organization]]
"""Returns an organization by its code, or raises what it is given."""

A = TypeVar("A", Organization, Member)

TOGETHER = 1_000
"""Aggregates looked up at the same moment."""


async def line(code: str, find: Find, otherwise: type[NotYetKnown]) -> list[Organization]:
    """Return the organization and all above it, nearest first, with those merged into others on the way.

    Raises `otherwise`.
    """
    found = [await find(code, otherwise)]
    while above := found[-1].merged_into or found[-1].parent:
        found.append(await find(above, UnknownParent))
    return found


async def ancestry(code: str, find: Find, otherwise: type[NotYetKnown], *, since: date) -> list[Organization]:
    """Return the organization, then all that it has stood beneath on any day from `since` on.

    Where it stands today is not enough: what is moved on a day in the past would close a ring with what
    stood beneath it then and was taken out later. Raises `otherwise`.
    """
    found: dict[str, Organization] = {}
    asked = [code]
    while asked:
        one = await find(asked.pop(), UnknownParent if found else otherwise)
        found[one.code] = one
        now = one.merged_into or one.parent
        then = [parent for parent, until in one.left.items() if date.fromisoformat(until) > since]
        asked += {*then, *([now] if now else [])} - found.keys() - set(asked)
    return list(found.values())


async def follow(member: Member, find: Find, *, at: datetime) -> list[Organization]:
    """Let the member go where mergers took what it is bound to. Return all that this rests on.

    Raises CellNotFounded.
    """
    followed: list[Organization] = []
    bound = [member.organization, member.home, member.released.to if member.released else None]
    for code in dict.fromkeys(one for one in bound if one):
        one = await find(code, CellNotFounded)
        followed.append(one)
        while one.merged_into and one.ended_on:
            member.follow(one.code, one.merged_into, date.fromisoformat(one.ended_on), at=at)
            one = await find(one.merged_into, CellNotFounded)
            followed.append(one)
    return followed


async def occupants(store: Store, organization: Organization) -> tuple[Occupants, Silence]:
    """Return who stands at an organization, also by mergers into it, and the silence that keeps this true."""
    codes, before = {organization.code}, 0
    while len(codes) > before:
        before = len(codes)
        ids, silence = await store.speaking_of(codes)
        organizations = await _all(store, Organization, ids)
        codes |= {one.code for one in organizations if one.merged_into in codes}
    children: dict[str, Kind] = {}
    left_on: set[str] = set()
    for one in organizations:
        if one.parent in codes and one.code not in codes and one.ended_on is None:
            children[one.code] = Kind(one.kind)
        if one.ended_on and (one.merged_into in codes or (one.parent in codes and one.code not in codes)):
            left_on.add(one.ended_on)
        left_on |= {on for parent, on in one.left.items() if parent in codes}
    here = await _all(store, Member, ids)
    members = [one.code for one in here if one.organization in codes and one.ended_on is None]
    left_on |= {on for one in here for on in _left(one, codes)}
    last = date.fromisoformat(max(left_on)) if left_on else None
    return Occupants(members, children, last), silence


def _left(member: Member, codes: Set[str]) -> list[str]:
    """Return the days on which a member left any of these organizations."""
    days = [on for (was, _), (now, on) in pairwise(member.places) if was in codes and now not in codes]
    return [*days, member.ended_on] if member.ended_on and member.organization in codes else days


async def _all(store: Store, kind: type[A], ids: Sequence[str]) -> list[A]:
    """Return all of a kind among `ids`."""
    mine = [id for id in ids if id.startswith(kind.id_for(""))]
    found: list[A | None] = []
    for start in range(0, len(mine), TOGETHER):
        found += await asyncio.gather(*(store.look_up(kind, id) for id in mine[start : start + TOGETHER]))
    return [one for one in found if one is not None]
