"""What the registry hears: districts' events, each applied as the command HTTP would be.

Its one view, the tree, follows its own stream: what it published is what everyone else knows too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.message import Event
from contracts.registry import (
    AdmissionTargetSet,
    MemberAdmitted,
    OfficialAppointed,
    OfficialRelieved,
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRenamed,
    OrganizationSplit,
    TargetSet,
)
from services.chassis.districts.intake import Check, Handler
from services.chassis.edge.auth import NotYours
from services.chassis.eventlog.store import Origin, Receipt
from services.registry.application import (
    AdmitMember,
    AppointOfficial,
    DissolveOrganization,
    FoundOrganization,
    MergeOrganization,
    MoveOrganization,
    Registry,
    RelieveOfficial,
    RenameOrganization,
    SetAdmissionTarget,
    SetTarget,
    SplitOrganization,
)

BEGINS = {"MemberAdmitted": "member"}
"""Events that begin something of their own, by the field that names it: they need not wait for each other."""


def handlers(registry: Registry) -> Mapping[str, Handler]:
    """Return what is done with each event a district may publish here, by its name."""

    async def found(event: OrganizationFounded, origin: Origin) -> Receipt:
        return await registry.organizations.found(FoundOrganization.model_validate(_stated(event)), origin)

    async def rename(event: OrganizationRenamed, origin: Origin) -> Receipt:
        return await registry.organizations.rename(RenameOrganization.model_validate(_stated(event)), origin)

    async def move(event: OrganizationMoved, origin: Origin) -> Receipt:
        return await registry.organizations.move(MoveOrganization.model_validate(_stated(event)), origin)

    async def dissolve(event: OrganizationDissolved, origin: Origin) -> Receipt:
        command = DissolveOrganization.model_validate(_stated(event))
        return await registry.organizations.dissolve(command, origin)

    async def merge(event: OrganizationMerged, origin: Origin) -> Receipt:
        return await registry.organizations.merge(MergeOrganization.model_validate(_stated(event)), origin)

    async def split(event: OrganizationSplit, origin: Origin) -> Receipt:
        return await registry.organizations.split(SplitOrganization.model_validate(_stated(event)), origin)

    async def admit(event: MemberAdmitted, origin: Origin) -> Receipt:
        # Without a dump, which would take as long as all the rest: districts send this by the ten thousand.
        return await registry.members.admit(AdmitMember.model_validate(vars(event)), origin)

    async def appoint(event: OfficialAppointed, origin: Origin) -> Receipt:
        return await registry.officials.appoint(AppointOfficial.model_validate(_stated(event)), origin)

    async def relieve(event: OfficialRelieved, origin: Origin) -> Receipt:
        return await registry.officials.relieve(RelieveOfficial.model_validate(_stated(event)), origin)

    async def set_admission_target(event: AdmissionTargetSet, origin: Origin) -> Receipt:
        return await registry.admission_targets.set(SetAdmissionTarget.model_validate(_stated(event)), origin)

    async def set_target(event: TargetSet, origin: Origin) -> Receipt:
        return await registry.targets.set(SetTarget.model_validate(_stated(event)), origin)

    return {
        "OrganizationFounded": found,
        "OrganizationRenamed": rename,
        "OrganizationMoved": move,
        "OrganizationDissolved": dissolve,
        "OrganizationMerged": merge,
        "OrganizationSplit": split,
        "MemberAdmitted": admit,
        "OfficialAppointed": appoint,
        "OfficialRelieved": relieve,
        "AdmissionTargetSet": set_admission_target,
        "TargetSet": set_target,
    }


def check(registry: Registry) -> Check:
    """Return the rule on who may speak of what: a district of itself, and of what it founds beneath."""

    async def may_speak(district: str, event: Any) -> None:
        founding = isinstance(event, OrganizationFounded) and event.organization != district
        place = event.parent if founding else event.organization
        if place is None:
            raise NotYours(f"{event.organization} would stand beside {district}, not beneath it")
        if place == district and isinstance(event, NOT_OF_ITSELF):
            raise NotYours(f"where {district} stands and whether it goes on is decided above it")
        for named in (place, *_also_named(event)):
            if named != district and not await registry.organizations.stands_beneath(named, district):
                raise NotYours(f"{named} is not beneath {district}")

    return may_speak


NOT_OF_ITSELF = (OrganizationMoved, OrganizationDissolved, OrganizationMerged)
"""What a district may tell of those beneath it only."""


def _also_named(event: Any) -> Sequence[str]:
    """Return the organizations that an event concerns beside the one it is about."""
    match event:
        case OrganizationMoved():
            return (event.parent,)
        case OrganizationMerged():
            return (event.into,)
        case OrganizationSplit():
            return event.into
        case _:
            return ()


def _stated(event: Event) -> dict[str, Any]:
    """Return what an event states, as the fields of its command."""
    return event.model_dump()
