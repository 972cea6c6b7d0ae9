"""The names that stand in a list: of those the caller may see, each look recorded."""

import pytest

from tests.edges import bearer
from tests.registry.people import (
    AUDITOR,
    DISTRICT_OFFICER,
    ELSEWHERE,
    OFFICER,
    PERSON,
    SECRETARY,
    get,
    post,
)
from tests.registry.test_application import LAN

pytestmark = pytest.mark.anyio

HUNG = LAN | {"member": "M-0043", "name": "Trần Văn Hùng"}
NAMELESS = {key: value for key, value in LAN.items() if key not in {"name", "born_on"}} | {"member": "M-0044"}


@pytest.fixture
async def api(api, lan):
    for admission in (HUNG, NAMELESS):
        assert 201 == (await post(api, "/members", admission)).status_code
    return api


async def names(api, *members, headers=OFFICER, **said):
    answer = await post(api, "/persons/names", {"members": members, **said}, headers)
    assert 200 == answer.status_code, answer.text
    return answer.json()["names"]


async def looks(api, member):
    return [
        (one["act"], one["purpose"])
        for one in (await get(api, f"/members/{member}/person/accesses"))["accesses"]
    ]


async def test_members_are_named_by_code_and_who_was_never_named_or_admitted_is_left_out(api):
    assert {"M-0042": "Nguyễn Thị Lan", "M-0043": "Trần Văn Hùng"} == await names(
        api, "M-0043", "M-0042", "M-0042", "M-0044", "M-9999"
    )
    assert {} == await names(api)


@pytest.mark.parametrize(
    ("headers", "told"),
    [(SECRETARY, 1), (DISTRICT_OFFICER, 1), (ELSEWHERE, 0), (bearer("secretary", "TU-C-002"), 0)],
)
async def test_only_those_of_the_callers_subtree_are_named(api, headers, told):
    assert told == len(await names(api, "M-0042", headers=headers))


async def test_an_auditor_is_told_no_names(api):
    answer = await post(api, "/persons/names", {"members": ["M-0042"]}, AUDITOR)

    assert (403, "Forbidden") == (answer.status_code, answer.json()["title"])
    assert [] == await looks(api, "M-0042")


async def test_each_name_that_was_told_is_an_access_recorded_with_its_purpose(api):
    await names(api, "M-0042", "M-0043", "M-0044", purpose="SUPERVISION")
    await names(api, "M-0042", headers=ELSEWHERE)

    assert [("SHOWN", "SUPERVISION")] == await looks(api, "M-0042")
    assert [("SHOWN", "SUPERVISION")] == await looks(api, "M-0043")
    assert [] == await looks(api, "M-0044")


async def test_who_was_erased_is_shown_as_erased_and_looked_at_by_nobody(api):
    assert 204 == (await api.delete(PERSON, headers=OFFICER)).status_code

    assert {"M-0042": "[erased]", "M-0043": "Trần Văn Hùng"} == await names(api, "M-0042", "M-0043")
    assert [] == await looks(api, "M-0042")


async def test_who_has_their_data_restricted_is_not_named(api):
    request = {"request": "DR-1", "kind": "RESTRICTION", "received_on": "2024-12-27"}
    assert 204 == (await post(api, f"{PERSON}/requests", request)).status_code
    done = await post(api, "/data-requests/DR-1/completion", {"completed_on": "2024-12-27"})
    assert done.is_success, done.text

    assert {"M-0042": "[restricted]"} == await names(api, "M-0042")
    assert [] == await looks(api, "M-0042")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"members": ["M-0042"] * 201}, "body.members"),
        ({"members": ["m 1"]}, "body.members.0"),
        ({"members": [], "purpose": "CURIOSITY"}, "body.purpose"),
        ({"members": [], "why": "x"}, "body.why"),
        ({}, "body.members"),
    ],
)
async def test_what_names_are_not_asked_by_is_named(api, said, field):
    answer = await post(api, "/persons/names", said)

    assert 422 == answer.status_code
    assert [field] == [one["field"] for one in answer.json()["errors"]]
