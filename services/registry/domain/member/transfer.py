"""Transfer: a cell releases a member, the other accepts; until then the member stays where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from services.chassis.errors import NotYetKnown, Refused
from services.registry.domain.member.admission import keeps_members
from services.registry.domain.member.recognition import MembershipRules
from services.registry.domain.member.standing import at_place, in_order
from services.registry.domain.organization import Organization
from services.registry.domain.words import Decision, written

if TYPE_CHECKING:
    from services.registry.domain.member.member import Member

# -- Refusals: the docstring is the rule and its source, or that it is ours


class AlreadyReleased(Refused):
    """A member is released to one cell at a time: never in zero or two cells (house rule)."""


class ReleasedToItself(Refused):
    """A member is released to another cell than their own (house rule)."""


class AwayForAWhile(Refused):
    """Who is away for a while returns to the own cell before going elsewhere (house rule)."""


class DestinationNotFounded(Refused):
    """A member goes to a cell that exists on that day (house rule)."""


class DeadlineOutOfRange(Refused):
    """The last day to accept lies between the release and the longest time the pack allows (house rule)."""


class NotReleased(NotYetKnown):
    """A cell accepts whom another has released to it (house rule: a transfer has two sides)."""


class ReleaseLapsed(Refused):
    """A release that nobody accepted by its last day has lapsed; the cell releases anew (house rule)."""


class NotAsReleased(Refused):
    """A cell accepts on the terms of the release: from that cell, for good or for a while (house rule)."""


class NotAway(Refused):
    """Only who is away for a while returns, and to the cell that let them go (house rule)."""


class OnlyInASplit(Refused):
    """Only the split of an organization, told as one, takes members along without release (house rule)."""


class TransferKind(StrEnum):
    """Whether a member goes for good, or for a while and stays on the list of the cell that let them go."""

    OFFICIAL = "OFFICIAL"
    TEMPORARY = "TEMPORARY"


class TransferReason(StrEnum):
    """Why a member came."""

    TRANSFER = "TRANSFER"
    SPLIT = "SPLIT"
    RETURN = "RETURN"


@dataclass(frozen=True)
class Release:
    """A release that waits to be accepted, or has lapsed."""

    to: str
    kind: str
    on: date
    accept_by: date

    def waits_on(self, day: date) -> bool:
        """Return whether it can be accepted on `day`. It lapses by itself: no fact is needed."""
        return day <= self.accept_by


@dataclass(frozen=True)
class Leave:
    """What the cell at `place` says when it lets a member go. Without `accept_by` the pack gives it."""

    place: str
    kind: TransferKind
    on: date
    decision: Decision
    accept_by: date | None = None


@dataclass(frozen=True)
class Arrival:
    """What a cell says when it takes a member in. `origin` and `kind` are those of the release, if stated."""

    on: date
    decision: Decision
    reason: TransferReason = TransferReason.TRANSFER
    origin: str | None = None
    kind: TransferKind | None = None
    split_of: str | None = None
    """The organization of whose split this is a part: it needs no release."""


def release(
    member: Member, to: Organization, paper: Leave, rules: MembershipRules, at: datetime
) -> dict[str, Any]:
    """Return what is recorded of a release. The member stays where they are until somebody accepts.

    Raises DateInFuture, NoLongerMember, Overtaken, NotAtThisCell, AlreadyReleased, AwayForAWhile,
    ReleasedToItself, NotACell, DestinationNotFounded, DeadlineOutOfRange.
    """
    in_order(member, "release", paper.on, at)
    at_place(member, paper.place)
    if member.released and member.released.waits_on(paper.on):
        raise AlreadyReleased(f"{member.code} on {member.released.on}, until {member.released.accept_by}")
    if member.home:
        raise AwayForAWhile(member.code)
    if to.code == member.organization:
        raise ReleasedToItself(f"{member.code} to {to.code}")
    may_receive(to, paper.on)
    return {
        "organization": paper.place,
        "to": to.code,
        "kind": paper.kind.value,
        "released_on": paper.on.isoformat(),
        "accept_by": last_day(paper.on, paper.accept_by, rules).isoformat(),
        **written(paper.decision),
        "rules": rules.name,
    }


def arrive(member: Member, cell: Organization, paper: Arrival, at: datetime) -> dict[str, Any]:
    """Return what is recorded when a member comes to `cell`.

    Raises DateInFuture, NoLongerMember, Overtaken, NotReleased, ReleaseLapsed, NotAway, OnlyInASplit,
    NotAtThisCell, NotAsReleased, NotACell, DestinationNotFounded.
    """
    in_order(member, "transfer", paper.on, at)
    kind = _kind_of(member, cell, paper)
    if paper.origin not in {None, member.organization} or paper.kind not in {None, kind}:
        raise NotAsReleased(f"{member.code} to {cell.code}: {kind}")
    may_receive(cell, paper.on)
    return {
        "organization": cell.code,
        "came_from": member.organization,
        "kind": kind.value,
        "standing": member.standing,
        "transferred_on": paper.on.isoformat(),
        **written(paper.decision),
        "reason": paper.reason.value,
    }


def _kind_of(member: Member, cell: Organization, paper: Arrival) -> TransferKind:
    """Return the kind of a transfer that may be: it has its release, its home or its split behind it."""
    if paper.reason is TransferReason.SPLIT:
        if not paper.split_of:
            raise OnlyInASplit(member.code)
        at_place(member, paper.split_of)
        return TransferKind.TEMPORARY if member.home else TransferKind.OFFICIAL
    if paper.reason is TransferReason.RETURN:
        if member.home != cell.code:
            raise NotAway(f"{member.code} from {cell.code}")
        return TransferKind.TEMPORARY
    if member.released is None or member.released.to != cell.code:
        raise NotReleased(f"{member.code} to {cell.code}")
    if not member.released.waits_on(paper.on):
        raise ReleaseLapsed(f"{member.code}: to be accepted by {member.released.accept_by}")
    return TransferKind(member.released.kind)


def move(member: Member, organization: str, on: str) -> None:
    """Let the member stand at another place from `on` on: for facts to apply, decides nothing."""
    member.places = (*member.places, (organization, on))
    member.organization, member.changed_on = organization, on
    _settle(member)


def follow(member: Member, merged: str, into: str, on: str) -> None:
    """Put what a place, a home or a destination was merged into where it stood: for facts to apply."""
    if member.home == merged:
        member.home = into
    if member.released and member.released.to == merged:
        member.released = replace(member.released, to=into)
    if member.organization == merged:
        move(member, into, max(on, member.changed_on))
    _settle(member)


def _settle(member: Member) -> None:
    """Wait neither to come nor to return to where the member now is."""
    if member.home == member.organization:
        member.home = None
    if member.released and member.released.to == member.organization:
        member.released = None


def last_day(released_on: date, stated: date | None, rules: MembershipRules) -> date:
    """Return until when to accept: as stated, or the longest there is. Raises DeadlineOutOfRange."""
    longest = released_on + timedelta(days=rules.transfer_accept_days)
    if stated and not released_on <= stated <= longest:
        raise DeadlineOutOfRange(f"{stated}: released on {released_on}, at most until {longest}")
    return stated or longest


def may_receive(organization: Organization, on: date) -> None:
    """Refuse a destination that keeps no members, or not yet. Raises NotACell, DestinationNotFounded."""
    keeps_members(organization)
    organization.exists_on(on, DestinationNotFounded)
