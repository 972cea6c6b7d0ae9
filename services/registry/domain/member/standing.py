"""Standing: exempted, reinstated, and no member any more; and that changes come in their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from services.chassis.errors import Refused
from services.registry.domain.member.admission import Standing
from services.registry.domain.words import Decision, follows, happened, written

if TYPE_CHECKING:
    from services.registry.domain.member.member import Member

# -- Refusals: the docstring is the rule and its source, or that it is ours


class NoLongerMember(Refused):
    """Nothing changes of a membership that has ended (house rule); who is admitted again has a new code."""


class NotAtThisCell(Refused):
    """Only the cell a member is at speaks of them (house rule)."""


class AlreadyExempted(Refused):
    """Who is exempted is not exempted again before being reinstated (house rule)."""


class NotExempted(Refused):
    """Only who is exempted is reinstated (house rule)."""


class EndedWithoutDecision(Refused):
    """Removal from the list and expulsion are decided by document (29-QĐ/TW 8.1; 296-QĐ/TW)."""


class ProbationaryNotExpelled(Refused):
    """296-QĐ/TW of 30 May 2025: probationary members are reprimanded or warned; only full ones expelled."""


class ExemptionGround(StrEnum):
    """12-HD/BTCTW (2022) IV.1.2, beside old age and weak health."""

    AGE_OR_HEALTH = "AGE_OR_HEALTH"
    LONG_TREATMENT = "LONG_TREATMENT"
    ABROAD = "ABROAD"
    MOBILE_WORK = "MOBILE_WORK"
    MATERNITY = "MATERNITY"


class EndReason(StrEnum):
    """Why a membership ended."""

    LEFT = "LEFT"
    REMOVED = "REMOVED"
    EXPELLED = "EXPELLED"
    DECEASED = "DECEASED"


DECIDED = frozenset({EndReason.REMOVED, EndReason.EXPELLED})
"""Ends that need a document."""


@dataclass(frozen=True)
class Paper:
    """What a paper says of a change: its day, and the decision if there is one."""

    on: date
    decision: Decision | None


def in_order(member: Member, what: str, on: date, at: datetime) -> None:
    """Refuse a change out of its order. Raises DateInFuture, NoLongerMember, Overtaken."""
    happened(what, on, at=at)
    if member.ended_on:
        raise NoLongerMember(f"{member.code} since {member.ended_on}")
    follows(f"{member.code}: {what}", on, member.changed_on)


def at_place(member: Member, place: str) -> None:
    """Refuse a cell the member is not at. Raises NotAtThisCell."""
    if place != member.organization:
        raise NotAtThisCell(f"{member.code} is not at {place}")


def is_full(member: Member, first: date, end: date) -> bool:
    """Return whether the member is a full one on every day from `first` until before `end`, as known."""
    since, until = member.full_from or member.ceremony_on, member.ended_on
    return (
        member.standing == Standing.FULL
        and date.fromisoformat(since) <= first
        and (until is None or end <= date.fromisoformat(until))
    )


def exempt(member: Member, place: str, paper: Paper, ground: str | None, at: datetime) -> dict[str, Any]:
    """Return what is recorded of an exemption, its ground sealed or not at all.

    Raises DateInFuture, NoLongerMember, Overtaken, NotAtThisCell, AlreadyExempted.
    """
    in_order(member, "exemption", paper.on, at)
    at_place(member, place)
    if member.exempted_on:
        raise AlreadyExempted(f"{member.code} since {member.exempted_on}")
    day = {"exempted_on": paper.on.isoformat()}
    return {"organization": place, **day, "ground": ground, **written(paper.decision)}


def reinstate(member: Member, place: str, paper: Paper, at: datetime) -> dict[str, Any]:
    """Return what is recorded when an exemption ends.

    Raises DateInFuture, NoLongerMember, Overtaken, NotAtThisCell, NotExempted.
    """
    in_order(member, "reinstatement", paper.on, at)
    at_place(member, place)
    if not member.exempted_on:
        raise NotExempted(member.code)
    return {"organization": place, "reinstated_on": paper.on.isoformat(), **written(paper.decision)}


def end(member: Member, place: str, reason: EndReason, paper: Paper, at: datetime) -> dict[str, Any]:
    """Return what is recorded when a membership ends.

    Raises DateInFuture, NoLongerMember, Overtaken, NotAtThisCell, EndedWithoutDecision,
    ProbationaryNotExpelled.
    """
    in_order(member, "end", paper.on, at)
    at_place(member, place)
    if reason in DECIDED and paper.decision is None:
        raise EndedWithoutDecision(f"{member.code} {reason}")
    if reason is EndReason.EXPELLED and member.standing == Standing.PROBATIONARY:
        raise ProbationaryNotExpelled(member.code)
    return {
        "organization": place,
        "standing": member.standing,
        "ended_on": paper.on.isoformat(),
        "reason": reason.value,
        **written(paper.decision),
    }
