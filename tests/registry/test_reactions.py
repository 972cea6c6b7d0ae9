"""What districts tell the registry: the same commands as over HTTP, and each only of its own."""

from datetime import date
from typing import get_args

import pytest

from contracts.catalogue import INTAKE_NAMES, NOT_FROM_DISTRICTS, published_by
from contracts.registry import (
    AdmissionTargetSet,
    MemberAdmitted,
    MemberExempted,
    MemberRecognized,
    MemberReinstated,
    MemberReleased,
    MembershipEnded,
    MemberTransferred,
    OrganizationDissolved,
    OrganizationFounded,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRenamed,
    OrganizationSplit,
    RecognitionVoteFailed,
)
from contracts.vocabulary import Document
from services.chassis.edge.rights import NotYours
from services.chassis.errors import UnknownOrganization
from services.registry.application import AdmitMember, FoundOrganization
from services.registry.domain.ballot import CellStillDecides, SuperiorDecides
from services.registry.domain.member import Standing
from services.registry.domain.organization import Organization
from services.registry.publication import publish
from services.registry.reactions import check, handlers
from tests.registry.test_application import CELL, DISTRICT, LAN, PROVINCE, TARGET

pytestmark = pytest.mark.anyio


@pytest.fixture
async def may_speak(registry, asked):
    """The rule, in a registry that knows a province, its district, a cell beneath, and nobody else."""
    for known in (PROVINCE, DISTRICT, CELL):
        await registry.organizations.found(FoundOrganization(**known), asked)
    return check(registry)


founding = OrganizationFounded.model_validate
ADMISSION = MemberAdmitted.model_validate(
    {name: LAN[name] for name in LAN if name not in {"name", "born_on", "phone", "mail", "address"}}
)


async def test_everything_the_registry_publishes_a_district_may_tell_it(registry):
    names = {event.__name__ for event in set(published_by("registry")) - NOT_FROM_DISTRICTS}

    assert names == set(handlers(registry))
    assert names <= set(INTAKE_NAMES)


async def test_what_a_district_tells_becomes_the_same_facts_as_a_command(registry, store, asked):
    hears = handlers(registry)

    await hears["OrganizationFounded"](founding(PROVINCE), asked)
    await hears["OrganizationFounded"](founding(DISTRICT), asked)
    await hears["OrganizationFounded"](founding(CELL), asked)
    await hears["MemberAdmitted"](ADMISSION, asked)
    receipt = await hears["AdmissionTargetSet"](AdmissionTargetSet.model_validate(TARGET), asked)

    assert ("admission-target-LAI-CHAU-2024", 5) == (receipt.subject, receipt.position)
    assert "TU-C-001" == (await store.find(Organization, "organization-TU-C-001")).code
    assert "TU-C-001" == (await registry.members.find("M-0042")).organization


async def test_what_districts_tell_of_a_member_becomes_what_commands_make_of_it(may_speak, registry, asked):
    hears, paper = handlers(registry), {"decision": {"number": "7-QĐ/ĐU", "date": "2024-12-01"}}
    await registry.organizations.found(FoundOrganization(**CELL | {"organization": "TU-C-002"}), asked)
    await hears["MemberAdmitted"](ADMISSION.model_copy(update=LONG_AGO), asked)
    story = [
        (MemberRecognized, {"full_from": "2024-11-20", "vote": {"summoned": 3, "in_favour": 2}}),
        (MemberExempted, {"exempted_on": "2024-12-01"}),
        (MemberReinstated, {"reinstated_on": "2024-12-02"}),
        (
            MemberReleased,
            {"to": "TU-C-002", "kind": "TEMPORARY", "released_on": "2024-12-03", "accept_by": "2024-12-09"},
        ),
        (
            MemberTransferred,
            {
                "organization": "TU-C-002",
                "origin": "TU-C-001",
                "kind": "TEMPORARY",
                "transferred_on": "2024-12-04",
                "reason": "TRANSFER",
                "standing": "PROBATIONARY",
            },
        ),
        (MembershipEnded, {"organization": "TU-C-002", "ended_on": "2024-12-05", "reason": "DECEASED"}),
    ]

    for event, said in story:
        told = {"member": "M-0042", "organization": "TU-C-001"} | paper | said
        await hears[event.__name__](event.model_validate(told), asked)

    member = await registry.members.find("M-0042")
    assert ("TU-C-002", "FULL", "2024-12-05") == (member.organization, member.standing, member.ended_on)


async def test_after_three_failed_votes_a_district_tells_what_the_superior_decided(
    may_speak, registry, asked
):
    hears, here = handlers(registry), {"member": "M-0042", "organization": "TU-C-001"}
    await hears["MemberAdmitted"](ADMISSION.model_copy(update=LONG_AGO), asked)
    paper = here | {"full_from": "2024-11-20", "decision": {"number": "7-QĐ/ĐU", "date": "2024-12-04"}}
    failing = {"summoned": 20, "in_favour": 13}

    async def tell(event, **said):
        await hears[event.__name__](event.model_validate(said), asked)

    for day in ("2024-12-01", "2024-12-02", "2024-12-03"):
        with pytest.raises(CellStillDecides):
            await tell(MemberRecognized, **paper, decided_by="THAN-UYEN")
        await tell(RecognitionVoteFailed, **here, voted_on=day, vote=failing)
    with pytest.raises(SuperiorDecides):
        await tell(MemberRecognized, **paper, vote={"summoned": 20, "in_favour": 14})
    await tell(MemberRecognized, **paper, decided_by="THAN-UYEN")

    assert "2024-11-20" == (await registry.members.find("M-0042")).full_from


async def test_a_district_tells_of_votes_in_its_own_cells_and_of_decisions_at_or_beneath_it(may_speak):
    here = {"member": "M-0042", "organization": "TU-C-001"}
    vote = {"voted_on": "2024-12-01", "vote": {"summoned": 20, "in_favour": 13}}
    failed = RecognitionVoteFailed.model_validate(here | vote)
    paper = here | {"full_from": "2024-11-20", "decision": {"number": "7-QĐ/ĐU", "date": "2024-12-04"}}

    await may_speak("THAN-UYEN", failed)
    await may_speak("THAN-UYEN", MemberRecognized.model_validate(paper | {"decided_by": "THAN-UYEN"}))
    with pytest.raises(NotYours):
        await may_speak("MUONG-KHUONG", failed)
    with pytest.raises(NotYours, match="LAI-CHAU is not beneath THAN-UYEN"):
        await may_speak("THAN-UYEN", MemberRecognized.model_validate(paper | {"decided_by": "LAI-CHAU"}))


LONG_AGO = {
    "ceremony_on": date(2023, 11, 20),
    "decision": Document(number="31-QĐ/HU", date=date(2023, 11, 4)),
}


async def test_a_district_accepts_members_into_its_own_cells_only(may_speak):
    accepted = MemberTransferred(
        organization="TU-C-001",
        member="M-0042",
        origin="MK-C-001",
        kind="OFFICIAL",
        transferred_on="2024-12-04",
        decision={"number": "7-QĐ/ĐU", "date": "2024-12-01"},
        reason="TRANSFER",
    )

    await may_speak("THAN-UYEN", accepted)
    with pytest.raises(NotYours):
        await may_speak("MUONG-KHUONG", accepted)


async def test_an_admission_becomes_the_command_that_http_would_make_of_it(registry, asked, monkeypatch):
    admitted = []

    async def admit(command, origin):
        admitted.append(command)

    monkeypatch.setattr(registry.members, "admit", admit)
    await handlers(registry)["MemberAdmitted"](ADMISSION, asked)

    assert [AdmitMember.model_validate(ADMISSION.model_dump())] == admitted


def test_an_admission_is_checked_by_the_same_types_as_its_command():
    """The command is made of the event unchecked: whatever one of them bounds, the other must too."""
    shared = MemberAdmitted.model_fields.keys() - {"standing"}

    def types(model):
        return {
            name: (model.model_fields[name].annotation, model.model_fields[name].metadata) for name in shared
        }

    assert types(MemberAdmitted) == types(AdmitMember)
    assert set(get_args(MemberAdmitted.model_fields["standing"].annotation)) == set(Standing)
    assert not {name for name, field in AdmitMember.model_fields.items() if field.is_required()} - {
        *MemberAdmitted.model_fields
    }


async def test_a_district_may_found_itself_under_its_province(may_speak):
    await may_speak("THAN-UYEN", founding(DISTRICT))


async def test_a_province_may_found_itself_under_nobody(may_speak):
    await may_speak("LAI-CHAU", founding(PROVINCE))


async def test_a_district_may_found_what_lies_beneath_it(may_speak):
    await may_speak("THAN-UYEN", founding(CELL | {"organization": "TU-C-002"}))
    await may_speak("THAN-UYEN", founding(CELL | {"organization": "TU-C-003", "parent": "TU-C-001"}))


async def test_a_district_founds_nothing_beside_itself(may_speak):
    with pytest.raises(NotYours):
        await may_speak("THAN-UYEN", founding(DISTRICT | {"organization": "TAM-DUONG"}))
    with pytest.raises(NotYours, match="beside THAN-UYEN"):
        await may_speak("THAN-UYEN", founding(PROVINCE | {"organization": "LAO-CAI"}))


async def test_a_founding_under_a_parent_not_read_about_yet_waits(may_speak):
    with pytest.raises(UnknownOrganization):
        await may_speak("THAN-UYEN", founding(CELL | {"organization": "TU-C-003", "parent": "TU-HU"}))


COMMITTEE = {
    "organization": "TU-HU",
    "name": "Đảng bộ Huyện ủy",
    "kind": "GRASSROOTS_COMMITTEE",
    "parent": "THAN-UYEN",
    "founded_on": "1990-01-01",
}
CHANGED = {"effective_on": "2024-07-01", "decision": {"number": "9-QĐ/TU", "date": "2024-06-20"}}
OF_A_CELL = {"organization": "TU-C-001"} | CHANGED
CHANGES = [
    OrganizationRenamed(name="Chi bộ Tài chính - Kế hoạch", **OF_A_CELL),
    OrganizationMoved(parent="LAI-CHAU", **OF_A_CELL),
    OrganizationMerged(into="TU-HU", **OF_A_CELL),
    OrganizationSplit(into=["TU-HU"], **OF_A_CELL),
    OrganizationDissolved(**OF_A_CELL),
]
every_change = pytest.mark.parametrize("event", CHANGES, ids=lambda event: type(event).__name__)


@every_change
async def test_what_a_district_tells_of_an_organization_becomes_the_same_fact(registry, store, asked, event):
    hears = handlers(registry)
    for known in (PROVINCE, DISTRICT, CELL, COMMITTEE):
        await hears["OrganizationFounded"](founding(known), asked)

    receipt = await hears[type(event).__name__](event, asked)

    assert ("organization-TU-C-001", 5) == (receipt.subject, receipt.position)
    [recorded] = await store.read(4, 10)
    assert event == publish(recorded.fact)


async def test_a_district_names_the_members_who_go_with_a_split(registry, store, asked):
    hears = handlers(registry)
    for known in (PROVINCE, DISTRICT, CELL, CELL | {"organization": "TU-C-002"}):
        await hears["OrganizationFounded"](founding(known), asked)
    await hears["MemberAdmitted"](ADMISSION, asked)
    going = [{"member": ADMISSION.member, "to": "TU-C-002"}]
    told = OrganizationSplit(into=["TU-C-002"], transfers=going, **OF_A_CELL | {"effective_on": "2024-12-01"})

    await hears["OrganizationSplit"](told, asked)

    moved, split = [publish(recorded.fact) for recorded in await store.read(5, 10)]
    assert ("TU-C-001", "TU-C-002", "SPLIT") == (moved.origin, moved.organization, moved.reason)
    assert ("TU-C-002",) == split.into
    assert () == split.transfers


@every_change
async def test_a_district_tells_of_those_beneath_it_only(may_speak, registry, asked, event):
    await registry.organizations.found(FoundOrganization(**COMMITTEE), asked)
    beneath = {"parent": "THAN-UYEN"} if isinstance(event, OrganizationMoved) else {}
    told = event.model_copy(update=beneath)

    await may_speak("THAN-UYEN", told)
    await may_speak("LAI-CHAU", told)
    with pytest.raises(NotYours):
        await may_speak("MUONG-KHUONG", told)


@pytest.mark.parametrize(
    "event",
    [
        OrganizationMoved(parent="LAI-CHAU", **OF_A_CELL),
        OrganizationMerged(into="LAI-CHAU", **OF_A_CELL),
        OrganizationSplit(into=["TU-C-001", "LAI-CHAU"], **OF_A_CELL),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_a_district_gives_nothing_away_to_who_is_not_beneath_it(may_speak, event):
    with pytest.raises(NotYours, match="LAI-CHAU is not beneath THAN-UYEN"):
        await may_speak("THAN-UYEN", event)


@every_change
async def test_where_a_district_stands_and_whether_it_goes_on_is_not_its_own_to_tell(may_speak, event):
    same = {"organization": "THAN-UYEN"} | {name: "TU-C-001" for name in ("parent",) if hasattr(event, name)}
    same |= {"into": "TU-C-001"} if isinstance(event, OrganizationMerged) else {}
    same |= {"into": ("TU-C-001",)} if isinstance(event, OrganizationSplit) else {}
    told = event.model_copy(update=same)
    if isinstance(event, OrganizationRenamed | OrganizationSplit):
        await may_speak("THAN-UYEN", told)
        return
    with pytest.raises(NotYours, match="decided above it"):
        await may_speak("THAN-UYEN", told)


async def test_after_a_move_another_may_speak_of_it(registry, asked, may_speak):
    """What is remembered from before the move does not decide: another process may have made it."""
    other = DISTRICT | {"organization": "TAN-UYEN"}
    await registry.organizations.found(FoundOrganization(**other), asked)
    moved = OrganizationMoved(parent="TAN-UYEN", **OF_A_CELL)
    await handlers(registry)["OrganizationMoved"](moved, asked)

    await may_speak("TAN-UYEN", ADMISSION)
    with pytest.raises(NotYours):
        await may_speak("THAN-UYEN", ADMISSION)


async def test_a_district_admits_to_its_own_cells_only(may_speak):
    await may_speak("THAN-UYEN", ADMISSION)
    with pytest.raises(NotYours):
        await may_speak("MUONG-KHUONG", ADMISSION)


async def test_a_district_sets_no_target_for_its_province(may_speak):
    with pytest.raises(NotYours):
        await may_speak("THAN-UYEN", AdmissionTargetSet.model_validate(TARGET))
