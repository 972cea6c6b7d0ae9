"""The registry's use cases: one command, one method, one transaction. A file for each aggregate."""

from dataclasses import dataclass
from typing import Self

from services.chassis.eventlog.store import Store
from services.chassis.sizes import cell_sizes
from services.registry.application.closing import ClosedPeriods, ClosePeriod, SigningKeys, signing_key
from services.registry.application.data_request import (
    AnswerDataRequest,
    CompleteDataRequest,
    DataRequests,
    DeclineDataRequest,
    ExtendDataRequest,
    ReceiveDataRequest,
    request_clocks,
)
from services.registry.application.deadline import Deadlines, deadline_rules
from services.registry.application.member import (
    AdmitMember,
    ForgetPerson,
    LiftRestriction,
    Members,
    admission_ages,
    restriction_rules,
)
from services.registry.application.membership import (
    EndMembership,
    ExemptMember,
    Memberships,
    RecognizeMember,
    RecordFailedVote,
    ReinstateMember,
    ReleaseMember,
    TransferMember,
    membership_rules,
)
from services.registry.application.official import (
    Appointment,
    Appointments,
    AppointOfficial,
    Relief,
    RelieveOfficial,
)
from services.registry.application.organization import (
    Dissolution,
    DissolveOrganization,
    FoundOrganization,
    MergeOrganization,
    Merger,
    Move,
    MoveOrganization,
    Organizations,
    RenameOrganization,
    Renaming,
    Split,
    SplitOrganization,
    Successor,
)
from services.registry.application.person import CorrectPerson, PersonExport, PersonFiles
from services.registry.application.shortage import Shortages
from services.registry.application.target import SetAdmissionTarget, SetTarget, Targets
from services.registry.domain.member import AdmissionAges
from services.registry.persons import Persons

__all__ = [
    "AdmitMember",
    "AnswerDataRequest",
    "AppointOfficial",
    "Appointment",
    "Appointments",
    "ClosePeriod",
    "ClosedPeriods",
    "CompleteDataRequest",
    "CorrectPerson",
    "DataRequests",
    "Deadlines",
    "DeclineDataRequest",
    "Dissolution",
    "DissolveOrganization",
    "EndMembership",
    "ExemptMember",
    "ExtendDataRequest",
    "ForgetPerson",
    "FoundOrganization",
    "LiftRestriction",
    "Members",
    "Memberships",
    "MergeOrganization",
    "Merger",
    "Move",
    "MoveOrganization",
    "Organizations",
    "PersonExport",
    "PersonFiles",
    "ReceiveDataRequest",
    "RecognizeMember",
    "RecordFailedVote",
    "Registry",
    "ReinstateMember",
    "ReleaseMember",
    "Relief",
    "RelieveOfficial",
    "RenameOrganization",
    "Renaming",
    "SetAdmissionTarget",
    "SetTarget",
    "Shortages",
    "SigningKeys",
    "Split",
    "SplitOrganization",
    "Successor",
    "Targets",
    "TransferMember",
    "admission_ages",
    "membership_rules",
    "request_clocks",
    "restriction_rules",
    "signing_key",
]


@dataclass(frozen=True)
class Registry:
    """Who exists."""

    organizations: Organizations
    members: Members
    officials: Appointments
    memberships: Memberships
    shortages: Shortages
    targets: Targets
    persons: PersonFiles
    data_requests: DataRequests
    deadlines: Deadlines
    closings: ClosedPeriods

    @classmethod
    def on(cls, store: Store, persons: Persons, ages: AdmissionAges, keys: SigningKeys) -> Self:
        """Return the registry that decides by what `store` holds."""
        organizations, rules = Organizations(store), membership_rules()
        members = Members(store, organizations, persons, ages, restriction_rules())
        shortages = Shortages(store, organizations, cell_sizes())
        requests = DataRequests(members, request_clocks())
        deadlines = deadline_rules(requests.clocks.working_days)
        return cls(
            organizations,
            members,
            Appointments(members),
            Memberships(members, shortages, rules),
            shortages,
            Targets(store, organizations),
            PersonFiles(members),
            requests,
            Deadlines(organizations, requests, rules, deadlines),
            ClosedPeriods(store, organizations, keys),
        )
