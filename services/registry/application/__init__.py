"""The registry's use cases: one command, one method, one transaction. A file for each aggregate."""

from dataclasses import dataclass
from typing import Self

from services.chassis.eventlog.store import Store
from services.registry.application.admission_target import AdmissionTargets, SetAdmissionTarget
from services.registry.application.member import AdmitMember, ForgetPerson, Members, admission_ages
from services.registry.application.organization import FoundOrganization, Organizations
from services.registry.domain.member import AdmissionAges
from services.registry.persons import Persons

__all__ = [
    "AdmissionTargets",
    "AdmitMember",
    "ForgetPerson",
    "FoundOrganization",
    "Members",
    "Organizations",
    "Registry",
    "SetAdmissionTarget",
    "admission_ages",
]


@dataclass(frozen=True)
class Registry:
    """Who exists."""

    organizations: Organizations
    members: Members
    admission_targets: AdmissionTargets

    @classmethod
    def on(cls, store: Store, persons: Persons, ages: AdmissionAges) -> Self:
        """Return the registry that decides by what `store` holds."""
        organizations = Organizations(store)
        return cls(
            organizations,
            Members(store, organizations, persons, ages),
            AdmissionTargets(store, organizations),
        )
