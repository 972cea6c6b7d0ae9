"""The registry over HTTP: who may ask, what the answers look like, and that problems name their rule."""

import anyio
import pytest

from tests.edges import bearer
from tests.registry.people import read
from tests.registry.test_application import CELL, DISTRICT, LAN, PROVINCE, TARGET

pytestmark = pytest.mark.anyio


OFFICER = bearer("officer")
DISTRICT_OFFICER = bearer("officer", "THAN-UYEN")
SECRETARY = bearer("secretary", "TU-C-001")
AUDITOR = bearer("auditor")


# -- Commands


async def test_a_command_answers_with_a_receipt(api):
    response = await api.post("/organizations", json=PROVINCE, headers=OFFICER)

    assert 201 == response.status_code
    assert {"subject": "organization-LAI-CHAU", "position": 1} == response.json()


async def test_an_organization_may_follow_its_parent_at_once_by_its_receipt(api, tree, store):
    officer = bearer("officer", "LAI-CHAU")
    parent = (await api.post("/organizations", json=PROVINCE, headers=officer)).json()

    async with anyio.create_task_group() as meanwhile:
        meanwhile.start_soon(read, store, tree)
        response = await api.post(
            "/organizations",
            params={"after": f"registry:{parent['position']}"},
            json=DISTRICT,
            headers=officer,
        )

    assert 201 == response.status_code


async def test_a_member_is_admitted_by_the_secretary_of_the_cell(api, founded):
    response = await api.post("/members", json=LAN, headers=SECRETARY)

    assert (201, "member-M-0042") == (response.status_code, response.json()["subject"])


async def test_a_target_is_set_by_an_officer(api, founded):
    response = await api.post("/admission-targets", json=TARGET, headers=OFFICER)

    assert (201, "admission-target-LAI-CHAU-2024") == (response.status_code, response.json()["subject"])


async def test_a_refusal_is_a_conflict_that_names_its_rule(api, founded):
    response = await api.post("/members", json=LAN | {"born_on": "2010-01-01"}, headers=OFFICER)

    assert 409 == response.status_code
    assert "application/problem+json" == response.headers["content-type"]
    assert {
        "type": "urn:fourgood:problem:TooYoung",
        "title": "TooYoung",
        "status": 409,
        "detail": "M-0042 is not yet 18 on 2024-11-04",
        "rule": "294-QĐ/TW of 26 May 2025, art. 1: admission from 18 years of age, counted by month.",
    } == response.json()


async def test_a_second_use_of_a_code_is_a_conflict(api, founded):
    response = await api.post("/organizations", json=CELL, headers=OFFICER)

    assert (409, "CodeTaken") == (response.status_code, response.json()["title"])


@pytest.mark.parametrize(
    "broken",
    [
        {"member": "m 42"},
        {"ceremony_on": "1024-11-20"},
        {"standing": "HONORARY"},
        {"name": ""},
        {"birth_date": "1990-05-31"},
        {"decision": {"number": "31-QĐ/HU"}},
    ],
)
async def test_a_bad_shape_never_reaches_a_rule(api, founded, broken):
    assert 422 == (await api.post("/members", json=LAN | broken, headers=OFFICER)).status_code


async def test_a_bad_shape_does_not_repeat_who_it_was_about(api, founded):
    response = await api.post("/members", json=LAN | {"name": "Nguyễn\nLan"}, headers=OFFICER)

    assert 422 == response.status_code
    assert "Nguyễn" not in response.text


async def test_validate_only_answers_for_the_shape_and_stores_nothing(api, founded, store):
    before = await store.head()

    response = await api.post("/members", params={"validate_only": "true"}, json=LAN, headers=OFFICER)

    assert (200, {"well_formed": True}) == (response.status_code, response.json())
    assert before == await store.head()


async def test_validate_only_refuses_a_bad_shape_and_a_caller_without_the_role(api, founded):
    only = {"validate_only": "true"}

    assert 422 == (await api.post("/members", params=only, json={}, headers=OFFICER)).status_code
    assert 403 == (await api.post("/members", params=only, json=LAN, headers=AUDITOR)).status_code


# -- Who may


async def test_nobody_is_answered_without_a_token(api):
    assert 401 == (await api.post("/organizations", json=PROVINCE)).status_code


async def test_only_officers_found_organizations(api, founded):
    another = CELL | {"organization": "TU-C-002"}

    assert 403 == (await api.post("/organizations", json=another, headers=SECRETARY)).status_code
    assert 403 == (await api.post("/organizations", json=another, headers=AUDITOR)).status_code
    assert 201 == (await api.post("/organizations", json=another, headers=DISTRICT_OFFICER)).status_code


async def test_an_officer_founds_nothing_outside_the_own_subtree(api, founded):
    beside = DISTRICT | {"organization": "TAM-DUONG"}
    elsewhere = PROVINCE | {"organization": "LAO-CAI"}

    assert 403 == (await api.post("/organizations", json=beside, headers=DISTRICT_OFFICER)).status_code
    assert 403 == (await api.post("/organizations", json=elsewhere, headers=DISTRICT_OFFICER)).status_code


async def test_a_secretary_admits_to_the_own_cell_only(api, founded):
    elsewhere = bearer("secretary", "TU-C-002")

    assert 403 == (await api.post("/members", json=LAN, headers=elsewhere)).status_code


async def test_a_secretary_sets_no_targets(api, founded):
    response = await api.post(
        "/admission-targets", json=TARGET | {"organization": "TU-C-001"}, headers=SECRETARY
    )

    assert 403 == response.status_code


# -- Queries


async def test_an_organization_is_shown_with_its_path(api, founded):
    response = await api.get("/organizations/TU-C-001", headers=AUDITOR)

    assert {
        "organization": "TU-C-001",
        "name": "Chi bộ Tài chính",
        "kind": "GRASSROOTS_CELL",
        "parent": "THAN-UYEN",
        "sector": "AGENCY",
        "founded_on": "2004-01-01",
        "path": ["LAI-CHAU", "THAN-UYEN", "TU-C-001"],
    } == response.json()


async def test_an_organization_nobody_founded_is_not_found(api, founded):
    assert 404 == (await api.get("/organizations/TU-C-999", headers=OFFICER)).status_code


async def test_an_organization_elsewhere_is_not_shown(api, founded):
    assert 403 == (await api.get("/organizations/LAI-CHAU", headers=DISTRICT_OFFICER)).status_code


async def test_what_is_no_code_is_a_bad_shape(api, founded):
    assert 422 == (await api.get("/organizations/x", headers=OFFICER)).status_code
    assert 422 == (await api.get("/members/m_42", headers=OFFICER)).status_code


async def test_who_a_member_is_is_shown_to_those_who_keep_the_files(api, founded):
    await api.post("/members", json=LAN, headers=OFFICER)

    shown = (await api.get("/members/M-0042", headers=SECRETARY)).json()

    assert {
        "member": "M-0042",
        "organization": "TU-C-001",
        "standing": "PROBATIONARY",
        "ceremony_on": "2024-11-20",
        "party_age_from": "2024-11-04",
        "full_from": None,
        "released": None,
        "exempted_on": None,
        "ended_on": None,
        "restricted_on": None,
        "person": {
            "name": "Nguyễn Thị Lan",
            "born_on": "1990-05-31",
            "phone": None,
            "mail": None,
            "address": None,
            "erased": False,
            "restricted": False,
        },
    } == shown


async def test_an_auditor_sees_the_standing_and_not_the_person(api, founded):
    await api.post("/members", json=LAN, headers=OFFICER)

    shown = (await api.get("/members/M-0042", headers=AUDITOR)).json()

    assert ("PROBATIONARY", None) == (shown["standing"], shown["person"])


async def test_a_member_of_another_cell_is_not_shown(api, founded):
    await api.post("/members", json=LAN, headers=OFFICER)

    assert 403 == (await api.get("/members/M-0042", headers=bearer("secretary", "TU-C-002"))).status_code


async def test_a_member_nobody_admitted_is_not_found(api, founded):
    assert 404 == (await api.get("/members/M-9999", headers=OFFICER)).status_code


async def test_a_forgotten_person_is_shown_as_erased(api, founded):
    await api.post("/members", json=LAN, headers=OFFICER)

    assert 204 == (await api.delete("/members/M-0042/person", headers=OFFICER)).status_code

    shown = (await api.get("/members/M-0042", headers=OFFICER)).json()
    assert ("PROBATIONARY", "[erased]", True) == (
        shown["standing"],
        shown["person"]["name"],
        shown["person"]["erased"],
    )


async def test_only_an_officer_has_a_person_forgotten(api, founded):
    await api.post("/members", json=LAN, headers=OFFICER)

    assert 403 == (await api.delete("/members/M-0042/person", headers=SECRETARY)).status_code


# -- What is generated


async def test_every_route_is_described(api):
    paths = (await api.get("/openapi.json")).json()["paths"]

    assert {
        "/registry/v1/organizations",
        "/registry/v1/organizations/{code}",
        "/registry/v1/organizations/{code}/officials",
        "/registry/v1/organizations/{code}/officials/{member}/relief",
        "/registry/v1/organizations/{code}/renaming",
        "/registry/v1/organizations/{code}/move",
        "/registry/v1/organizations/{code}/merger",
        "/registry/v1/organizations/{code}/split",
        "/registry/v1/organizations/{code}/dissolution",
        "/registry/v1/members",
        "/registry/v1/members/{code}",
        "/registry/v1/members/{code}/person",
        "/registry/v1/members/{code}/recognition",
        "/registry/v1/members/{code}/votes",
        "/registry/v1/members/{code}/release",
        "/registry/v1/members/{code}/transfer",
        "/registry/v1/members/{code}/exemption",
        "/registry/v1/members/{code}/reinstatement",
        "/registry/v1/members/{code}/end",
        "/registry/v1/members/{code}/person/correction",
        "/registry/v1/members/{code}/person/export",
        "/registry/v1/members/{code}/person/accesses",
        "/registry/v1/members/{code}/person/requests",
        "/registry/v1/members/{code}/person/restriction/lifting",
        "/registry/v1/persons/names",
        "/registry/v1/data-requests",
        "/registry/v1/closings",
        "/registry/v1/data-requests/{code}",
        "/registry/v1/data-requests/{code}/answer",
        "/registry/v1/data-requests/{code}/extension",
        "/registry/v1/data-requests/{code}/completion",
        "/registry/v1/data-requests/{code}/refusal",
        "/registry/v1/admission-targets",
        "/registry/v1/targets",
    } == set(paths)
