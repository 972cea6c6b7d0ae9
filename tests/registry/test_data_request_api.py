"""What persons ask about their data, over HTTP: from its receipt to its end, by its clocks."""

import pytest

from tests.registry.people import (
    AUDITOR,
    DISTRICT_OFFICER,
    DR,
    ELSEWHERE,
    OFFICER,
    PERSON,
    SECRETARY,
    get,
    post,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("lan")]


async def test_a_request_is_shown_with_its_clocks(api):
    assert 204 == (await post(api, f"{PERSON}/requests", DR)).status_code

    assert {
        "request": "DR-0001",
        "member": "M-0042",
        "kind": "ERASURE",
        "received_on": "2024-12-27",
        "answer": {"due_on": "2024-12-31", "done_on": None, "state": "RUNNING"},
        "done": {"due_on": "2025-01-16", "done_on": None, "state": "RUNNING"},
        "declined": False,
    } == await get(api, "/data-requests/DR-0001")


async def test_a_request_rests_on_the_member_its_client_has_seen(api, store):
    seen = (await api.get("/members/M-0042", headers=OFFICER)).headers["ETag"]
    before = await store.head()

    stale = await post(api, f"{PERSON}/requests", DR, headers=OFFICER | {"If-Match": '"7"'})
    untouched = await store.head()
    received = await post(api, f"{PERSON}/requests", DR, headers=OFFICER | {"If-Match": seen})

    assert (412, "ChangedSince", before) == (stale.status_code, stale.json()["title"], untouched)
    assert (204, before + 1) == (received.status_code, await store.head())


async def test_a_request_is_taken_from_its_receipt_to_its_end(api):
    await post(api, f"{PERSON}/requests", DR)
    await post(api, "/data-requests/DR-0001/answer", {"answered_on": "2024-12-30"})
    early = await post(api, "/data-requests/DR-0001/completion", {"completed_on": "2024-12-31"})
    await api.delete(PERSON, headers=OFFICER)
    done = await post(api, "/data-requests/DR-0001/completion", {"completed_on": "2024-12-31"})

    assert (409, "NotErasedYet") == (early.status_code, early.json()["title"])
    assert 204 == done.status_code
    shown = await get(api, "/data-requests/DR-0001")
    assert ("MET", "MET") == (shown["answer"]["state"], shown["done"]["state"])
    assert [] == (await get(api, "/data-requests", organization="LAI-CHAU"))["requests"]


async def test_what_was_due_and_did_not_come_is_overdue_and_then_late(api):
    await post(api, f"{PERSON}/requests", DR | {"received_on": "2024-12-02", "kind": "ACCESS"})

    [overdue] = (await get(api, "/data-requests", organization="TU-C-001"))["requests"]
    refusal = await post(
        api,
        "/data-requests/DR-0001/refusal",
        {"declined_on": "2024-12-31", "ground": {"number": "24-QĐ/TW", "date": "2021-07-30"}},
    )

    assert ("OVERDUE", "OVERDUE") == (overdue["answer"]["state"], overdue["done"]["state"])
    assert 204 == refusal.status_code
    late = await get(api, "/data-requests/DR-0001")
    assert ("LATE", "LATE", True) == (late["answer"]["state"], late["done"]["state"], late["declined"])


async def test_a_restriction_is_extended_once(api):
    await post(api, f"{PERSON}/requests", DR | {"kind": "RESTRICTION"})
    longer = {"extended_on": "2024-12-31", "days": 15}

    extended = await post(api, "/data-requests/DR-0001/extension", longer)
    again = await post(api, "/data-requests/DR-0001/extension", longer)

    assert 204 == extended.status_code
    assert "2025-01-26" == (await get(api, "/data-requests/DR-0001"))["done"]["due_on"]
    assert (409, "NotExtendable") == (again.status_code, again.json()["title"])


async def test_a_code_names_one_request(api):
    await post(api, f"{PERSON}/requests", DR)

    again = await post(api, f"{PERSON}/requests", DR)

    assert (409, "CodeTaken") == (again.status_code, again.json()["title"])


async def test_open_requests_are_shown_to_the_officers_of_the_subtree(api):
    await post(api, f"{PERSON}/requests", DR)
    await post(api, f"{PERSON}/requests", DR | {"request": "DR-0002"})

    here = await get(api, "/data-requests", DISTRICT_OFFICER, organization="THAN-UYEN")

    assert ["DR-0001", "DR-0002"] == [one["request"] for one in here["requests"]]
    assert here["next"] is None
    above = {"organization": "LAI-CHAU"}
    assert 403 == (await api.get("/data-requests", headers=DISTRICT_OFFICER, params=above)).status_code


async def test_open_requests_are_paged(api, monkeypatch):
    monkeypatch.setattr("services.registry.api.data_request.PAGE_MAX", 1)
    await post(api, f"{PERSON}/requests", DR)
    await post(api, f"{PERSON}/requests", DR | {"request": "DR-0002"})

    first = await get(api, "/data-requests", organization="LAI-CHAU")
    second = await get(api, "/data-requests", organization="LAI-CHAU", **{"from": first["next"]})

    assert (["DR-0001"], ["DR-0002"]) == tuple(
        [one["request"] for one in page["requests"]] for page in (first, second)
    )


@pytest.mark.parametrize("headers", [AUDITOR, ELSEWHERE, SECRETARY])
async def test_requests_are_for_officers_of_the_subtree_only(api, headers):
    await post(api, f"{PERSON}/requests", DR)

    assert 403 == (await post(api, f"{PERSON}/requests", DR, headers)).status_code
    assert 403 == (await api.get("/data-requests/DR-0001", headers=headers)).status_code


async def test_what_nobody_asked_is_not_found(api):
    answer = await post(api, "/data-requests/DR-0009/answer", {"answered_on": "2024-12-30"})

    assert (404, "no data request DR-0009") == (answer.status_code, answer.json()["detail"])
    assert 404 == (await post(api, "/members/M-9999/person/requests", DR)).status_code
