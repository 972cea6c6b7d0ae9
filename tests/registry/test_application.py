"""The registry's use cases on a real log: what is stored, what collides, and what nobody can read."""

import asyncio
from base64 import b64encode

import pytest
from pydantic import ValidationError

from services.chassis.errors import AlreadyDone, ChangedSince, NotFound, UnknownOrganization
from services.chassis.eventlog.inbox import Entry
from services.chassis.eventlog.store import Receipt
from services.registry.application import (
    AdmitMember,
    CorrectPerson,
    ForgetPerson,
    FoundOrganization,
    SetAdmissionTarget,
    admission_ages,
)
from services.registry.domain.admission_target import AdmissionTarget
from services.registry.domain.goals import TargetUnchanged
from services.registry.domain.member import CellNotFounded, Member, NobodyToForget, NotACell, TooYoung
from services.registry.domain.organization import Organization, UnknownParent
from services.registry.domain.words import CodeTaken
from services.registry.persons import Purpose
from services.registry.publication import publish
from tests.registry.test_domain import AGES

pytestmark = pytest.mark.anyio

PROVINCE = {
    "organization": "LAI-CHAU",
    "name": "Đảng bộ tỉnh Lai Châu",
    "kind": "PROVINCIAL_COMMITTEE",
    "founded_on": "1949-10-10",
}
DISTRICT = {
    "organization": "THAN-UYEN",
    "name": "Đảng bộ huyện Than Uyên",
    "kind": "DISTRICT_COMMITTEE",
    "parent": "LAI-CHAU",
    "founded_on": "1950-01-01",
}
CELL = {
    "organization": "TU-C-001",
    "name": "Chi bộ Tài chính",
    "kind": "GRASSROOTS_CELL",
    "parent": "THAN-UYEN",
    "sector": "AGENCY",
    "founded_on": "2004-01-01",
}
LAN = {
    "member": "M-0042",
    "organization": "TU-C-001",
    "decision": {"number": "31-QĐ/HU", "date": "2024-11-04"},
    "ceremony_on": "2024-11-20",
    "standing": "PROBATIONARY",
    "name": "Nguyễn Thị Lan",
    "born_on": "1990-05-31",
}
TARGET = {"organization": "LAI-CHAU", "year": "2024", "target": 1_980, "set_on": "2024-01-10"}


# -- Organizations


async def test_a_founded_organization_is_found_under_its_code(registry, store, founded):
    cell = await store.find(Organization, "organization-TU-C-001")

    assert ("TU-C-001", "GRASSROOTS_CELL", "2004-01-01") == (cell.code, cell.kind, cell.founded_on)


async def test_a_founding_is_answered_with_its_place_in_the_log(registry, asked):
    receipt = await registry.organizations.found(FoundOrganization(**PROVINCE), asked)

    assert Receipt(subject="organization-LAI-CHAU", position=1) == receipt


async def test_nothing_is_founded_under_what_is_not_known(registry, asked):
    with pytest.raises(UnknownParent, match="LAI-CHAU is not founded here"):
        await registry.organizations.found(FoundOrganization(**DISTRICT), asked)


async def test_a_code_is_given_to_one_organization_only(registry, asked, founded):
    with pytest.raises(CodeTaken, match="TU-C-001"):
        await registry.organizations.found(FoundOrganization(**CELL | {"name": "Another"}), asked)


async def test_of_two_who_found_the_same_code_at_once_one_is_refused(registry, asked):
    both = [registry.organizations.found(FoundOrganization(**PROVINCE), asked) for _ in range(2)]

    outcomes = await asyncio.gather(*both, return_exceptions=True)

    assert ["CodeTaken", "Receipt"] == sorted(type(outcome).__name__ for outcome in outcomes)


async def test_an_event_told_twice_is_already_done_and_not_a_taken_code(registry, asked, founded):
    told = asked._replace(
        entry=Entry("THAN-UYEN", "than-uyen", "e-1", b"digest", "registry.MemberAdmitted.v1")
    )
    await registry.members.admit(AdmitMember(**LAN), told)

    with pytest.raises(AlreadyDone):
        await registry.members.admit(AdmitMember(**LAN | {"member": "M-0043"}), told)


# -- Members


async def test_nobody_is_admitted_to_a_cell_that_is_not_known(registry, asked):
    with pytest.raises(CellNotFounded):
        await registry.members.admit(AdmitMember(**LAN), asked)


async def test_nobody_is_admitted_to_a_district(registry, asked, founded):
    with pytest.raises(NotACell):
        await registry.members.admit(AdmitMember(**LAN | {"organization": "THAN-UYEN"}), asked)


async def test_a_code_is_given_to_one_member_only(registry, asked, founded):
    await registry.members.admit(AdmitMember(**LAN), asked)

    with pytest.raises(CodeTaken, match="M-0042"):
        await registry.members.admit(AdmitMember(**LAN | {"name": "Somebody Else"}), asked)


async def test_a_second_admission_that_is_refused_does_not_touch_who_the_first_was(registry, asked, founded):
    await registry.members.admit(AdmitMember(**LAN), asked)

    with pytest.raises(CodeTaken):
        await registry.members.admit(AdmitMember(**LAN | {"name": "Somebody Else"}), asked)

    assert "Nguyễn Thị Lan" == (await registry.members.person(await registry.members.find("M-0042"))).name


async def test_a_refused_admission_leaves_no_key_behind(registry, asked, founded, store):
    with pytest.raises(TooYoung):
        await registry.members.admit(AdmitMember(**LAN | {"born_on": "2010-01-01"}), asked)

    assert [] == await rows(store, "SELECT id FROM person_key")


async def test_a_code_taken_leaves_no_second_key_behind(registry, asked, founded, store):
    await registry.members.admit(AdmitMember(**LAN), asked)
    before = await rows(store, "SELECT id FROM person_key")

    with pytest.raises(CodeTaken):
        await registry.members.admit(AdmitMember(**LAN), asked)
    [refusal] = await registry.members.admit_all([AdmitMember(**LAN)], asked)

    assert isinstance(refusal, CodeTaken)
    assert before == await rows(store, "SELECT id FROM person_key")


async def test_a_correction_of_what_has_changed_since_leaves_no_key_behind(registry, asked, founded, store):
    await registry.members.admit(AdmitMember(**LAN), asked)
    before = await rows(store, "SELECT id FROM person_key")

    with pytest.raises(ChangedSince):
        await registry.persons.correct(
            "M-0042", CorrectPerson(name="Lan"), asked._replace(seen=7), purpose=Purpose.MEMBER_FILE
        )

    assert before == await rows(store, "SELECT id FROM person_key")


async def test_a_member_without_name_or_birth_date_needs_no_key(registry, asked, founded, store):
    await registry.members.admit(AdmitMember(**LAN | {"name": None, "born_on": None}), asked)

    assert [] == await rows(store, "SELECT id FROM person_key")
    assert await registry.members.person(await registry.members.find("M-0042")) is None


async def test_neither_log_nor_public_event_nor_log_line_says_who_was_admitted(
    registry, asked, founded, store, capfd, caplog
):
    await registry.members.admit(AdmitMember(**LAN), asked)

    (admission,) = await store.read(3, 10)
    tables = [str(row) for table in TABLES for row in await rows(store, f"SELECT * FROM {table}")]
    states = [bytes(row["state"]) for row in await rows(store, "SELECT state FROM registry_events")]
    said = [*tables, *(state.decode() for state in states), publish(admission.fact).model_dump_json()]
    said += [repr(AdmitMember(**LAN)), caplog.text, *capfd.readouterr()]

    assert [] == [words for words in said if any(clue in words for clue in CLUES)]


CLUES = ["Nguyễn", "Lan'", 'Lan"', "1990-05-31", r"Nguy\u1ec5n", b64encode("Nguyễn".encode()).decode()[:8]]
TABLES = ["registry_events", "person_key", "access", "inbox", "parked"]


async def test_a_forgotten_person_is_gone_and_that_it_was_done_is_recorded(registry, asked, founded, store):
    await registry.members.admit(AdmitMember(**LAN), asked)

    await registry.members.forget_person(ForgetPerson(member="M-0042"), asked)

    (_, forgotten) = await store.read(3, 10)
    assert isinstance(forgotten.fact, Member.PersonForgotten)
    assert "officer-1" == forgotten.origin["actor"]
    assert [] == await rows(store, "SELECT id FROM person_key")
    assert await registry.members.person(await registry.members.find("M-0042")) is None


async def test_a_person_is_forgotten_once(registry, asked, founded):
    await registry.members.admit(AdmitMember(**LAN), asked)
    await registry.members.forget_person(ForgetPerson(member="M-0042"), asked)

    with pytest.raises(NobodyToForget):
        await registry.members.forget_person(ForgetPerson(member="M-0042"), asked)


async def test_a_member_nobody_admitted_is_not_found(registry):
    with pytest.raises(NotFound, match="no member M-9999"):
        await registry.members.find("M-9999")


# -- Admission targets


async def test_a_target_needs_an_organization(registry, asked):
    with pytest.raises(UnknownOrganization):
        await registry.targets.set_admissions(SetAdmissionTarget(**TARGET), asked)


async def test_a_target_set_anew_replaces_the_first(registry, asked, founded, store):
    await registry.targets.set_admissions(SetAdmissionTarget(**TARGET), asked)
    await registry.targets.set_admissions(SetAdmissionTarget(**TARGET | {"target": 2_000}), asked)

    target = await store.find(AdmissionTarget, "admission-target-LAI-CHAU-2024")
    assert 2_000 == target.target


async def test_a_target_set_twice_alike_is_refused(registry, asked, founded):
    await registry.targets.set_admissions(SetAdmissionTarget(**TARGET), asked)

    with pytest.raises(TargetUnchanged):
        await registry.targets.set_admissions(SetAdmissionTarget(**TARGET), asked)


async def test_two_who_set_a_target_at_once_both_get_their_turn(registry, asked, founded, store):
    both = [
        registry.targets.set_admissions(SetAdmissionTarget(**TARGET | {"target": target}), asked)
        for target in (1_980, 2_000)
    ]

    await asyncio.gather(*both)

    assert [AdmissionTarget.Set, AdmissionTarget.Reset] == [type(r.fact) for r in await store.read(3, 10)]


# -- Shapes and rules as data


def test_the_rule_on_ages_is_read_from_its_pack():
    assert admission_ages() == AGES


def test_a_misspelt_field_is_told():
    with pytest.raises(ValidationError, match="ceremony_onn"):
        AdmitMember(**LAN | {"ceremony_onn": "2024-11-20"})


@pytest.mark.parametrize("born_on", ["1024-05-31", "31.05.1990", 0, "0", True])
def test_a_birth_date_that_only_looks_like_one_is_refused_without_repeating_it(born_on):
    with pytest.raises(ValidationError) as refusal:
        AdmitMember(**LAN | {"born_on": born_on})

    assert "born_on" in str(refusal.value)
    assert "31.05.1990" not in str(refusal.value)


def test_who_was_born_before_the_party_was_founded_may_have_been_admitted():
    assert "1905-01-31" == AdmitMember(**LAN | {"born_on": "1905-01-31"}).born_on.isoformat()


async def rows(store, query):
    async with store.pool.connection() as connection:
        return await (await connection.execute(query)).fetchall()
