"""What the registry hears: districts' events, each applied as the command HTTP would be.

Its one view, the tree, follows its own stream: what it published is what everyone else knows too.
"""

from collections.abc import Mapping
from typing import Any

from contracts.registry import AdmissionTargetSet, MemberAdmitted, OrganizationFounded
from services.chassis.auth import NotYours, Rights
from services.chassis.intake import Check, Handler
from services.chassis.store import Origin, Receipt
from services.registry.application import AdmitMember, FoundOrganization, Registry, SetAdmissionTarget


def handlers(registry: Registry) -> Mapping[str, Handler]:
    """Return what is done with each event a district may publish here, by its name."""

    async def found(event: OrganizationFounded, origin: Origin) -> Receipt:
        return await registry.found_organization(FoundOrganization.model_validate(_stated(event)), origin)

    async def admit(event: MemberAdmitted, origin: Origin) -> Receipt:
        return await registry.admit_member(AdmitMember.model_validate(_stated(event)), origin)

    async def set_target(event: AdmissionTargetSet, origin: Origin) -> Receipt:
        return await registry.set_admission_target(SetAdmissionTarget.model_validate(_stated(event)), origin)

    return {"OrganizationFounded": found, "MemberAdmitted": admit, "AdmissionTargetSet": set_target}


def check(rights: Rights) -> Check:
    """Return the rule on who may speak of what: a district of itself, and of what it founds beneath."""

    async def may_speak(district: str, event: Any) -> None:
        if not isinstance(event, OrganizationFounded) or event.organization == district:
            await rights.check_district(district, event.organization)
        elif event.parent is None:
            raise NotYours(f"{event.organization} would stand beside {district}, not beneath it")
        else:
            await rights.check_district(district, event.parent)

    return may_speak


def _stated(event: OrganizationFounded | MemberAdmitted | AdmissionTargetSet) -> dict[str, Any]:
    """Return what an event states, as the fields of its command."""
    return event.model_dump()
