"""The person behind a code: what is known of them corrected, and forgotten when they ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services.chassis.errors import Refused

if TYPE_CHECKING:
    from services.registry.domain.member.member import Member

# -- Refusals: the docstring is the rule and its source, or that it is ours


class NobodyToForget(Refused):
    """Only who was recorded can be forgotten, and only once (house rule)."""


class PersonErased(Refused):
    """Who was erased is not recorded again: erasure is for good (Law 91/2025/QH15; house rule)."""


class NothingCorrected(Refused):
    """A correction says something that is not recorded so already (house rule)."""


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
