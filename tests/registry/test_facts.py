"""No fact is forgotten: each is stored faithfully, and each is published or kept private by choice."""

from typing import get_args

import pytest

from contracts import registry as public
from contracts.registry_closings import PeriodClosed
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
    ReinstateMember,
    ReleaseMember,
    RelieveOfficial,
    RenameOrganization,
    SetAdmissionTarget,
    SetTarget,
    SplitOrganization,
    TransferMember,
)
from services.registry.domain.admission_target import AdmissionTarget
from services.registry.domain.ballot import Ballot
from services.registry.domain.closings import Closings
from services.registry.domain.credentials import Credentials
from services.registry.domain.data_request import DataRequest
from services.registry.domain.deadline import Deadline
from services.registry.domain.member import (
    EndReason,
    Member,
    Standing,
    TransferKind,
    TransferReason,
)
from services.registry.domain.official import Officials
from services.registry.domain.organization import PARENTS_OF, Kind, Organization, Sector
from services.registry.domain.shortage import Shortage
from services.registry.domain.target import Target
from services.registry.publication import publish
from services.registry.reactions import SAID_HERE
from tests.registry.test_ballot import begun as begun_ballot
from tests.registry.test_ballot import failed
from tests.registry.test_closings import begun as begun_closings
from tests.registry.test_closings import closed
from tests.registry.test_deadlines import deadline_noted
from tests.registry.test_domain import (
    admitted,
    person_corrected,
    person_forgotten,
    school_founded,
    target_reset,
    target_set,
)
from tests.registry.test_domain_credentials import credentials_facts
from tests.registry.test_domain_data_request import answered, completed, declined, extended, received
from tests.registry.test_memberships import (
    ended,
    exempted,
    followed,
    recognized,
    reinstated,
    released,
    transferred,
)
from tests.registry.test_official import appointed, begun, relieved, took_office
from tests.registry.test_organization import dissolved, merged, moved, renamed, split
from tests.registry.test_restriction import lifted, restricted
from tests.registry.test_shortage import noted, noted_again
from tests.registry.test_target import share_reset, share_set
from tests.spec import facts_of, stamped, stored_and_read

EXAMPLES = [
    (Organization, school_founded),
    (Organization, renamed),
    (Organization, moved),
    (Organization, merged),
    (Organization, split),
    (Organization, dissolved),
    (Member, admitted),
    (Member, person_corrected),
    (Member, person_forgotten),
    (Member, recognized),
    (Member, released),
    (Member, transferred),
    (Member, followed),
    (Member, exempted),
    (Member, restricted),
    (Member, lifted),
    (Ballot, begun_ballot),
    (Ballot, failed),
    (Member, reinstated),
    (Member, took_office),
    (Member, ended),
    (DataRequest, received),
    (DataRequest, answered),
    (DataRequest, extended),
    (DataRequest, completed),
    (DataRequest, declined),
    (Officials, begun),
    (Officials, appointed),
    (Officials, relieved),
    (AdmissionTarget, target_set),
    (AdmissionTarget, target_reset),
    (Target, share_set),
    (Target, share_reset),
    (Shortage, noted),
    (Shortage, noted_again),
    (Deadline, deadline_noted),
    (Closings, begun_closings),
    (Closings, closed),
    *((Credentials, fact) for fact in credentials_facts),
]
CHANGED = {
    "organization": "TU-C-003",
    "effective_on": "2024-04-01",
    "decision": {"number": "9-QĐ/TU", "date": "2024-03-01"},
}
every_fact = pytest.mark.parametrize(
    ("kind", "fact"), EXAMPLES, ids=lambda value: getattr(value, "TOPIC", "")
)
every_aggregate = pytest.mark.parametrize(
    "kind",
    [
        Organization,
        Member,
        DataRequest,
        Officials,
        AdmissionTarget,
        Target,
        Shortage,
        Deadline,
        Closings,
        Credentials,
    ],
)


@every_aggregate
def test_every_fact_has_an_example(kind):
    assert facts_of(kind) == {fact.kind for owner, fact in EXAMPLES if owner is kind}


@every_fact
def test_every_fact_comes_back_from_the_store_as_it_went_in(kind, fact):
    event = stamped(fact, kind)

    assert event == stored_and_read(event)


@every_fact
def test_every_fact_has_a_topic_of_its_own_that_says_where_it_belongs(kind, fact):
    assert f"registry.{kind.__name__}.{fact.kind.__name__}" == fact.kind.TOPIC


@every_fact
def test_every_fact_is_published_or_kept_private_by_choice(kind, fact):
    # Raises LookupError if nobody has chosen; of a member's facts the id says whose they are.
    publish(stamped(fact, kind, subject=f"{kind.__name__.lower()}-M-0042"))


def test_a_fact_nobody_has_decided_about_stops_the_relay():
    with pytest.raises(LookupError):
        publish(object())


def test_a_founding_is_public_as_a_whole():
    assert public.OrganizationFounded(
        organization="TU-C-003",
        name="Chi bộ Trường Phổ thông Dân tộc nội trú",
        kind="GRASSROOTS_CELL",
        parent="THAN-UYEN",
        sector="SCHOOL",
        founded_on="2004-01-01",
        decision={"number": "12-QĐ/HU", "date": "2003-12-20"},
    ) == publish(stamped(school_founded, Organization))


@pytest.mark.parametrize(
    ("fact", "event"),
    [
        (renamed, public.OrganizationRenamed(name="Chi bộ Trường Nội trú", **CHANGED)),
        (moved, public.OrganizationMoved(parent="LAI-CHAU", **CHANGED)),
        (merged, public.OrganizationMerged(into="TU-C-001", **CHANGED)),
        (split, public.OrganizationSplit(into=("TU-C-001", "TU-C-004"), **CHANGED)),
        (dissolved, public.OrganizationDissolved(**CHANGED)),
    ],
)
def test_what_becomes_of_an_organization_is_public_as_a_whole(fact, event):
    assert event == publish(stamped(fact, Organization))


def test_an_admission_is_public_without_the_person():
    sealed = stamped(admitted, Member, subject="member-M-0042")
    vars(sealed).update(person="c2VhbGVk", age_rule="294-QĐ/TW 2025-05-26")

    assert {
        "organization": "TU-C-001",
        "member": "M-0042",
        "decision": {"number": "31-QĐ/HU", "date": "2024-11-04"},
        "ceremony_on": "2024-11-20",
        "standing": "PROBATIONARY",
    } == publish(sealed).model_dump(mode="json")


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        (Member, person_corrected),
        (Member, person_forgotten),
        (DataRequest, received),
        (DataRequest, declined),
        *((Credentials, fact) for fact in credentials_facts),
    ],
)
def test_what_concerns_a_person_or_a_line_alone_stays_private(kind, fact):
    assert publish(stamped(fact, kind)) is None


def test_a_recognition_is_public_with_its_vote_where_the_member_was_that_day():
    assert public.MemberRecognized(
        organization="TU-C-001",
        member="M-0042",
        full_from="2026-03-15",
        decision={"number": "7-QĐ/ĐU", "date": "2026-04-20"},
        vote={"summoned": 20, "in_favour": 14},
    ) == publish(stamped(recognized, Member, subject="member-M-0042"))


def test_a_recognition_without_a_vote_is_public_without_one():
    decided = stamped(recognized, Member, subject="member-M-0042")
    vars(decided).update(vote_summoned=None, vote_in_favour=None)

    assert publish(decided).vote is None


def test_a_transfer_is_public_with_both_its_ends_and_the_standing():
    assert public.MemberTransferred(
        organization="TU-C-002",
        member="M-0042",
        origin="TU-C-001",
        kind="OFFICIAL",
        transferred_on="2026-05-31",
        decision={"number": "7-QĐ/ĐU", "date": "2026-04-20"},
        reason="TRANSFER",
        standing="PROBATIONARY",
    ) == publish(stamped(transferred, Member, subject="member-M-0042"))


def test_an_end_without_a_decision_is_public_without_one():
    assert public.MembershipEnded(
        organization="TU-C-001",
        member="M-0042",
        ended_on="2026-06-01",
        reason="LEFT",
        standing="PROBATIONARY",
    ) == publish(stamped(ended, Member, subject="member-M-0042"))


def test_that_a_member_followed_a_merger_stays_private():
    assert publish(stamped(followed, Member)) is None


def test_a_target_set_anew_is_public_as_a_target_set():
    assert public.AdmissionTargetSet(
        organization="LAI-CHAU", year="2024", target=2_000, decision=None, set_on="2024-06-01"
    ) == publish(stamped(target_reset, AdmissionTarget))


def test_the_registry_and_its_contract_use_the_same_words():
    assert set(get_args(public.OrganizationKind)) == set(Kind)
    assert set(get_args(public.Sector)) == set(Sector)
    assert set(get_args(public.Standing)) == set(Standing)
    assert set(get_args(public.TransferKind)) == set(TransferKind)
    assert set(get_args(public.TransferReason)) == set(TransferReason)
    assert set(get_args(public.EndReason)) == set(EndReason)


def test_every_kind_of_organization_has_its_place():
    assert set(Kind) == set(PARENTS_OF)


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (public.OrganizationFounded, FoundOrganization),
        (public.OrganizationRenamed, RenameOrganization),
        (public.OrganizationMoved, MoveOrganization),
        (public.OrganizationDissolved, DissolveOrganization),
        (public.OrganizationMerged, MergeOrganization),
        (public.OrganizationSplit, SplitOrganization),
        (public.MemberAdmitted, AdmitMember),
        (public.OfficialAppointed, AppointOfficial),
        (public.AdmissionTargetSet, SetAdmissionTarget),
        (public.TargetSet, SetTarget),
        (PeriodClosed, ClosePeriod),
    ],
)
def test_what_a_district_publishes_can_be_asked_for_as_a_command(event, command):
    assert set(event.model_fields) <= set(command.model_fields)


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (public.MemberRecognized, RecognizeMember),
        (public.MemberReleased, ReleaseMember),
        (public.MemberTransferred, TransferMember),
        (public.MemberExempted, ExemptMember),
        (public.MemberReinstated, ReinstateMember),
        (public.MembershipEnded, EndMembership),
        (public.OfficialRelieved, RelieveOfficial),
    ],
)
def test_what_a_district_publishes_is_a_command_but_for_what_is_said_here(event, command):
    assert set(event.model_fields) - SAID_HERE == set(command.model_fields) - {"ground"}


def test_what_a_district_cannot_publish_is_the_person():
    private = set(AdmitMember.model_fields) - set(public.MemberAdmitted.model_fields)
    assert {"name", "born_on", "phone", "mail", "address", "external_id"} == private
