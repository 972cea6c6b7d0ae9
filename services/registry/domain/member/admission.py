"""Admission: where a person may be admitted, when, and at what age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.chassis.errors import NotYetKnown, Refused
from services.registry.domain.organization import KEEPS_MEMBERS, Kind, Organization
from services.registry.domain.words import Decision, happened, written

# -- Refusals: the docstring is the rule and its source, or that it is ours


class CellNotFounded(NotYetKnown):
    """A member is admitted or sent to an organization that is founded (house rule)."""


class NotACell(Refused):
    """Members are kept at cells, or at a grassroots committee whose cells are not recorded (house rule)."""


class AdmittedBeforeFounding(Refused):
    """A cell admits nobody before the day it is founded (house rule)."""


class CeremonyBeforeDecision(Refused):
    """The ceremony follows the decision: the cell holds it after receiving one (294-QĐ/TW)."""


class TooYoung(Refused):
    """294-QĐ/TW of 26 May 2025, art. 1: admission from 18 years of age, counted by month."""


class TooOld(Refused):
    """294-QĐ/TW of 26 May 2025, art. 1: to 60 years; beyond, a committee under the Centre decides."""


class Standing(StrEnum):
    """Charter arts. 3-5: a probationary member may neither vote nor stand."""

    FULL = "FULL"
    PROBATIONARY = "PROBATIONARY"


def keeps_members(organization: Organization) -> None:
    """Refuse an organization that is no more or keeps no members. Raises OrganizationEnded, NotACell."""
    organization.still_stands()
    if Kind(organization.kind) not in KEEPS_MEMBERS:
        raise NotACell(f"{organization.code} is a {organization.kind}")


def judge(
    organization: Organization, decision: Decision, ceremony_on: date, standing: Standing, at: datetime
) -> dict[str, Any]:
    """Return what is recorded of where and when somebody is admitted.

    Raises OrganizationEnded, NotACell, DateInFuture, CeremonyBeforeDecision, AdmittedBeforeFounding.
    """
    keeps_members(organization)
    happened("ceremony", ceremony_on, at=at)
    if ceremony_on < decision.dated:
        raise CeremonyBeforeDecision(f"ceremony on {ceremony_on}, decision only on {decision.dated}")
    organization.exists_on(decision.dated, AdmittedBeforeFounding)
    return {
        "organization": organization.code,
        **written(decision),
        "ceremony_on": ceremony_on.isoformat(),
        "standing": standing.value,
    }


@dataclass(frozen=True)
class AdmissionAges:
    """A rule on ages as a document states it; the fact pins which one judged."""

    document: Decision
    years_min: int
    years_max: int

    def judge(self, member: str, *, born_on: date, decided_on: date) -> str:
        """Return the document that has judged the age, counted by month: the day within it does not matter.

        Raises TooYoung, TooOld.
        """
        age_months = (decided_on.year - born_on.year) * 12 + decided_on.month - born_on.month
        if age_months < self.years_min * 12:
            raise TooYoung(f"{member} is not yet {self.years_min} on {decided_on}")
        if age_months > self.years_max * 12:
            raise TooOld(f"{member} is past {self.years_max} on {decided_on}")
        return self.document.name
