"""What the registry hears: districts' events, each applied as the command HTTP would be.

It follows its own stream as well: what it published is what everyone else knows too. When somebody left a
cell, it looks who is left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.registry import (
    MemberAdmitted,
    MemberRecognized,
    MembershipEnded,
    MemberTransferred,
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationSplit,
)
from services.chassis.delivery import Delivery
from services.chassis.districts.deciding import Check, Handler, stated
from services.chassis.edge.rights import NotYours
from services.chassis.eventlog.store import Origin, Receipt
from services.chassis.eventlog.writer import Pool
from services.chassis.views.policy import Policy
from services.registry.application import (
    AdmitMember,
    AppointOfficial,
    ClosePeriod,
    DissolveOrganization,
    EndMembership,
    ExemptMember,
    FoundOrganization,
    MergeOrganization,
    MoveOrganization,
    RecognizeMember,
    RecordFailedVote,
    Registry,
    ReinstateMember,
    ReleaseMember,
    RelieveOfficial,
    RenameOrganization,
    SetAdmissionTarget,
    SetTarget,
    Shortages,
    SplitOrganization,
    TransferMember,
)

BEGINS = {"MemberAdmitted": "member"}
"""Events that begin something of their own, by the field that names it: they need not wait for each other."""


def handlers(registry: Registry) -> Mapping[str, Handler]:
    """Return what is done with each event a district may publish here, by its name."""
    organizations, officials = registry.organizations, registry.officials
    of = registry.memberships

    async def admit(event: MemberAdmitted, origin: Origin) -> Receipt:
        # Without a dump, which would take as long as all the rest: districts send this by the ten thousand.
        return await registry.members.admit(AdmitMember.model_validate(vars(event)), origin)

    return {
        "OrganizationFounded": stated(FoundOrganization, organizations.found),
        "OrganizationRenamed": stated(RenameOrganization, organizations.rename),
        "OrganizationMoved": stated(MoveOrganization, organizations.move),
        "OrganizationDissolved": stated(DissolveOrganization, organizations.dissolve),
        "OrganizationMerged": stated(MergeOrganization, organizations.merge),
        "OrganizationSplit": stated(SplitOrganization, organizations.split),
        "MemberAdmitted": admit,
        "MemberRecognized": stated(RecognizeMember, of.recognize),
        "RecognitionVoteFailed": stated(RecordFailedVote, of.fail_vote),
        "MemberReleased": stated(ReleaseMember, of.release),
        "MemberTransferred": stated(TransferMember, of.transfer, but=SAID_HERE),
        "MemberExempted": stated(ExemptMember, of.exempt),
        "MemberReinstated": stated(ReinstateMember, of.reinstate),
        "MembershipEnded": stated(EndMembership, of.end, but=SAID_HERE),
        "OfficialAppointed": stated(AppointOfficial, officials.appoint),
        "OfficialRelieved": stated(RelieveOfficial, officials.relieve, but=SAID_HERE),
        "AdmissionTargetSet": stated(SetAdmissionTarget, registry.targets.set_admissions),
        "TargetSet": stated(SetTarget, registry.targets.set_share),
        "PeriodClosed": stated(ClosePeriod, registry.closings.close),
    }


SAID_HERE = {"standing", "caused_by"}
"""What only the registry says of members and officials, whatever a district says."""


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
    """Return the organizations that an event concerns, or is decided by, beside the one it is about."""
    match event:
        case OrganizationMoved():
            return (event.parent,)
        case OrganizationMerged():
            return (event.into,)
        case OrganizationSplit():
            return event.into
        case MemberRecognized(decided_by=str(superior)):
            return (superior,)
        case _:
            return ()


class OnLeft(Policy):
    """Whenever a full member left a cell, note it if too few are left: it is told, and the superior is."""

    name = "on_left"
    hears = frozenset({MemberTransferred.type, MembershipEnded.type})

    def __init__(self, pool: Pool, shortages: Shortages) -> None:
        super().__init__(pool)
        self.shortages = shortages

    async def react(self, delivery: Delivery) -> None:
        """Look who is left, by the log: it holds whatever came after this as well."""
        message = delivery.message
        why = Origin("registry", message.correlationid, f"{message.source}:{message.id}")
        match delivery.event:
            case MemberTransferred(standing="FULL") as event:
                await self.shortages.note(event.origin, event.transferred_on, why)
            case MembershipEnded(standing="FULL") as event:
                await self.shortages.note(event.organization, event.ended_on, why)
