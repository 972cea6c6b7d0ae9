"""The person behind a code: corrected, forgotten when they ask, and not used while they restrict it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from services.chassis.errors import Refused
from services.registry.domain.words import happened

if TYPE_CHECKING:
    from services.registry.domain.member.member import Member

# -- Refusals: the docstring is the rule and its source, or that it is ours


class NobodyToForget(Refused):
    """Only who was recorded can be forgotten, and only once (house rule)."""


class PersonErased(Refused):
    """Who was erased is not recorded again: erasure is for good (Law 91/2025/QH15; house rule)."""


class NothingCorrected(Refused):
    """A correction says something that is not recorded so already (house rule)."""


class UseRestricted(Refused):
    """Whose data may not be used is not newly recorded (Law 91/2025/QH15; packs/restriction.json)."""


class NotRestricted(Refused):
    """Only a restriction that stands is lifted, and not before the day it began (house rule)."""


class Recorded(StrEnum):
    """Whether something is recorded of a member whose data may not be used, or only if they ask for it."""

    YES = "YES"
    NO = "NO"
    ON_REQUEST = "ON_REQUEST"


@dataclass(frozen=True)
class RestrictionRules:
    """What the pack on restriction states of each command about a member; facts pin its name and version."""

    name: str
    commands: Mapping[str, Recorded]

    def judge(self, member: Member, command: str, *, on_request: bool = False) -> None:
        """Refuse what is not recorded while a member's data may not be used. Raises UseRestricted."""
        recorded = self.commands[command]
        if recorded is Recorded.YES or (on_request and recorded is Recorded.ON_REQUEST):
            return
        if member.restricted_on:
            raise UseRestricted(f"{member.code} since {member.restricted_on}: {command}")


def correct(member: Member, sealed: str, corrected: Sequence[str]) -> dict[str, Any]:
    """Return what is recorded of a correction: the person, sealed, and the names of the fields that changed.

    The age is not judged again: a person may have wrong data corrected whatever follows from it.
    Raises PersonErased, NothingCorrected.
    """
    if member.person_erased:
        raise PersonErased(member.code)
    if not corrected:
        raise NothingCorrected(member.code)
    return {"person": sealed, "corrected": " ".join(corrected)}


def forget(member: Member) -> None:
    """Refuse where nothing lies sealed: no person, and no ground of an exemption. Raises NobodyToForget."""
    if member.person is None and member.ground is None:
        raise NobodyToForget(member.code)


def restrict(member: Member, request: str, on: date, rules: RestrictionRules) -> dict[str, Any]:
    """Return what is recorded when the use of the member's data ends for now, as `request` asked."""
    return {
        "organization": member.organization,
        "restricted_on": on.isoformat(),
        "request": request,
        "rules": rules.name,
    }


def lift(member: Member, on: date, at: datetime) -> dict[str, Any]:
    """Return what is recorded when their data may be used again. Raises DateInFuture, NotRestricted."""
    happened("the restriction was lifted", on, at=at)
    if member.restricted_on is None or on < date.fromisoformat(member.restricted_on):
        raise NotRestricted(member.code)
    return {"organization": member.organization, "lifted_on": on.isoformat()}
