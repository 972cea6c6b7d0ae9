"""Who members are, over HTTP: corrected, given out, erased; and who looked."""

from functools import partial

import anyio
import psycopg
import pytest

from services.chassis.parked import Parked, ParkingLot, park
from tests.edges import bearer
from tests.registry.people import (
    AUDITOR,
    CONTACT,
    DISTRICT_OFFICER,
    DR,
    ELSEWHERE,
    OFFICER,
    PERSON,
    SECRETARY,
    get,
    post,
    read,
)
from tests.registry.test_application import CELL, LAN
from tests.spec import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("lan")]


# -- Contact and correction


HIDDEN = {"erased": False, "restricted": False}


async def test_the_contact_is_shown_beside_the_name(api):
    person = (await get(api, "/members/M-0042", SECRETARY))["person"]

    assert CONTACT | {"name": "Nguyễn Thị Lan", "born_on": "1990-05-31"} | HIDDEN == person


@pytest.mark.parametrize(
    "broken", [{"phone": "call me"}, {"phone": "1"}, {"mail": "lan"}, {"mail": "a@b@c"}, {"address": ""}]
)
async def test_what_is_no_contact_is_refused_without_repeating_it(api, broken):
    admission = await post(api, "/members", LAN | {"member": "M-0043"} | broken)
    correction = await post(api, f"{PERSON}/correction", broken)

    assert (422, 422) == (admission.status_code, correction.status_code)
    assert "call me" not in admission.text + correction.text


async def test_a_correction_replaces_what_it_names_and_leaves_the_rest(api):
    response = await post(api, f"{PERSON}/correction", {"name": "Nguyễn Thị Lân", "phone": None}, SECRETARY)

    assert 204 == response.status_code
    person = (await get(api, "/members/M-0042"))["person"]
    assert ("Nguyễn Thị Lân", None, "1990-05-31", CONTACT["mail"]) == (
        person["name"],
        person["phone"],
        person["born_on"],
        person["mail"],
    )


async def test_a_correction_that_changes_nothing_is_refused(api):
    response = await post(api, f"{PERSON}/correction", {"name": "Nguyễn Thị Lan"})

    assert (409, "NothingCorrected") == (response.status_code, response.json()["title"])


async def test_a_person_never_given_is_given_by_a_correction(api):
    await post(
        api, "/members", {k: v for k, v in LAN.items() if k not in {"name", "born_on"}} | {"member": "M-1"}
    )
    assert (await get(api, "/members/M-1"))["person"] is None

    assert 204 == (await post(api, "/members/M-1/person/correction", {"name": "Hùng"})).status_code

    assert "Hùng" == (await get(api, "/members/M-1"))["person"]["name"]


async def test_who_was_erased_is_not_recorded_again(api):
    await api.delete(PERSON, headers=OFFICER)

    response = await post(api, f"{PERSON}/correction", {"name": "Nguyễn Thị Lan"})

    assert (409, "PersonErased") == (response.status_code, response.json()["title"])


async def test_a_person_whose_erasure_was_cut_short_is_erased_already(api, persons):
    await persons.forget("M-0042")

    assert "[erased]" == (await get(api, "/members/M-0042"))["person"]["name"]
    response = await post(api, f"{PERSON}/correction", {"name": "Nguyễn Thị Lan"})
    assert (409, "PersonErased") == (response.status_code, response.json()["title"])
    assert 204 == (await api.delete(PERSON, headers=OFFICER)).status_code


async def test_of_corrections_and_an_erasure_at_once_the_erasure_wins(api, persons, store):
    async with anyio.create_task_group() as tasks:
        for last in range(2):
            tasks.start_soon(post, api, f"{PERSON}/correction", {"phone": f"091234567{last}"})
        tasks.start_soon(partial(api.delete, PERSON, headers=OFFICER))

    facts = [vars(recorded.fact) for recorded in await store.gather(["member-M-0042"], [], 100)]
    texts = [fact["person"] for fact in facts if "person" in fact]
    assert "[erased]" == (await get(api, "/members/M-0042"))["person"]["name"]
    assert {None} == {await persons.open("M-0042", text) for text in texts}


async def test_a_correction_waits_for_the_place_of_a_member_just_admitted(api, tree, store):
    founding = CELL | {"organization": "TU-C-002"}
    await post(api, "/organizations", founding)
    receipt = (await post(api, "/members", LAN | {"member": "M-2", "organization": "TU-C-002"})).json()

    async with anyio.create_task_group() as meanwhile:
        meanwhile.start_soon(read, store, tree)
        after = f"registry:{receipt['position']}"
        correction = await post(
            api, "/members/M-2/person/correction", {"phone": "0912345678"}, DISTRICT_OFFICER, after=after
        )

    assert 204 == correction.status_code


@pytest.mark.parametrize("headers", [AUDITOR, ELSEWHERE, bearer("secretary", "TU-C-002")])
async def test_who_may_not_correct(api, headers):
    assert 403 == (await post(api, f"{PERSON}/correction", {"name": "X"}, headers)).status_code


# -- What else goes with a person


async def test_no_guess_at_what_a_client_sent_can_be_proven_once_the_person_is_erased(api, store):
    """The digest kept with an Idempotency-Key is of the body: a telephone number is soon found by trying."""
    named = OFFICER | {"Idempotency-Key": "k-1"}
    await post(api, f"{PERSON}/correction", {"phone": "0912345679"}, named)

    await api.delete(PERSON, headers=OFFICER)

    async with store.pool.connection() as connection:
        rows = await (await connection.execute("SELECT event_id, digest FROM inbox")).fetchall()
    assert [("k-1", b"")] == [(row["event_id"], bytes(row["digest"])) for row in rows]
    again = await post(api, f"{PERSON}/correction", {"phone": "0912345679"}, named)
    assert (422, "KeyReused") == (again.status_code, again.json()["title"])


async def test_a_rejected_event_about_the_person_goes_and_those_of_others_stay(api, store):
    async with store.pool.connection() as connection, connection.cursor() as cursor:
        await park(cursor, rejected("e-1", b'{"member": "M-0042", "name": "Lan"}'))
        await park(cursor, rejected("e-2", b'{"member": "M-00421", "name": "Hung"}'))

    await api.delete(PERSON, headers=OFFICER)

    assert ["e-2"] == [one["event_id"] for one in await ParkingLot(store.pool).listing()]


def rejected(event_id, message):
    return Parked(
        kind="INTAKE",
        place="THAN-UYEN",
        source="than-uyen",
        event_id=event_id,
        digest=b"digest",
        type="registry.MemberAdmitted.v1",
        name="MemberAdmitted",
        reason="BreaksContract",
        detail="ceremony_on: field required",
        message=message,
        parked_at=NOW,
    )


# -- Accesses


async def test_every_look_at_a_person_is_recorded_with_its_purpose(api):
    await get(api, "/members/M-0042", SECRETARY, purpose="CONTACT")
    await post(api, f"{PERSON}/correction", {"phone": None})
    await get(api, f"{PERSON}/export")

    page = await get(api, f"{PERSON}/accesses", DISTRICT_OFFICER)

    assert [
        ("officer", "EXPORTED", "DATA_REQUEST"),
        ("officer", "CORRECTED", "MEMBER_FILE"),
        ("secretary", "SHOWN", "CONTACT"),
    ] == [(one["actor"], one["act"], one["purpose"]) for one in page["accesses"]]
    assert {"M-0042"} == {one["member"] for one in page["accesses"]}
    assert {"2024-12-31T05:00:00Z"} == {one["at"] for one in page["accesses"]}


async def test_nothing_is_recorded_where_no_person_is_shown(api):
    await get(api, "/members/M-0042", AUDITOR)
    await api.get("/members/M-0042", headers=ELSEWHERE)
    await api.delete(PERSON, headers=OFFICER)
    await get(api, "/members/M-0042")

    assert [] == (await get(api, f"{PERSON}/accesses"))["accesses"]


async def test_accesses_are_paged_newest_first(api):
    for purpose in ("CONTACT", "TRANSFER", "RECOGNITION"):
        await get(api, "/members/M-0042", purpose=purpose)

    first = await get(api, f"{PERSON}/accesses", limit=2)
    rest = await get(api, f"{PERSON}/accesses", limit=2, before=first["next"])

    assert ["RECOGNITION", "TRANSFER"] == [one["purpose"] for one in first["accesses"]]
    assert (["CONTACT"], None) == ([one["purpose"] for one in rest["accesses"]], rest["next"])


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 201}, {"before": 0}, {"before": 2**63}, {"before": "x"}]
)
async def test_a_page_has_its_bounds(api, params):
    assert 422 == (await api.get(f"{PERSON}/accesses", headers=OFFICER, params=params)).status_code


async def test_a_purpose_is_one_of_a_few_words(api):
    params = {"purpose": "because Lan asked"}

    assert 422 == (await api.get("/members/M-0042", headers=OFFICER, params=params)).status_code


@pytest.mark.parametrize("headers", [AUDITOR, ELSEWHERE, SECRETARY])
async def test_only_officers_see_who_looked_and_give_out_everything(api, headers):
    assert 403 == (await api.get(f"{PERSON}/accesses", headers=headers)).status_code
    assert 403 == (await api.get(f"{PERSON}/export", headers=headers)).status_code


@pytest.mark.parametrize("change", ["UPDATE access SET actor = 'x'", "DELETE FROM access", "TRUNCATE access"])
async def test_an_access_once_recorded_stays(api, store, change):
    await get(api, "/members/M-0042")

    async with store.pool.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever appended"):
            await connection.execute(change)

    assert 1 == len((await get(api, f"{PERSON}/accesses"))["accesses"])


# -- Everything held about one person


async def test_an_export_holds_what_was_ever_recorded_and_where_it_comes_from(api):
    await post(api, f"{PERSON}/correction", {"name": "Nguyễn Thị Lân", "phone": None}, SECRETARY)

    export = await get(api, f"{PERSON}/export")

    held = [(one["field"], one["value"], one["current"], one["source"]["fact"]) for one in export["person"]]
    admitted, corrected = "registry.Member.Admitted", "registry.Member.PersonCorrected"
    assert [
        ("name", "Nguyễn Thị Lan", False, admitted),
        ("born_on", "1990-05-31", True, admitted),
        ("phone", CONTACT["phone"], False, admitted),
        ("mail", CONTACT["mail"], True, admitted),
        ("address", CONTACT["address"], True, admitted),
        ("name", "Nguyễn Thị Lân", True, corrected),
        ("phone", None, False, corrected),
    ] == held
    assert ("M-0042", "Nguyễn Thị Lân") == (export["member"], export["name"])
    assert {
        "position": 4,
        "fact": admitted,
        "recorded_at": "2024-12-31T05:00:00Z",
        "actor": "officer",
    } == export["person"][0]["source"]


async def test_an_export_holds_every_fact_requests_and_looks_but_nothing_sealed(api):
    await post(api, f"{PERSON}/requests", DR)
    await post(api, "/data-requests/DR-0001/answer", {"answered_on": "2024-12-30"})

    export = await get(api, f"{PERSON}/export")

    assert [
        ("member-M-0042", "registry.Member.Admitted"),
        ("data-request-DR-0001", "registry.DataRequest.Received"),
        ("data-request-DR-0001", "registry.DataRequest.Answered"),
    ] == [(one["subject"], one["source"]["fact"]) for one in export["facts"]]
    assert ("TU-C-001", "31-QĐ/HU") == (
        export["facts"][0]["says"]["organization"],
        export["facts"][0]["says"]["decision_number"],
    )
    assert "person" not in export["facts"][0]["says"]
    assert (1, "EXPORTED") == (export["accesses_total"], export["accesses"][0]["act"])
    assert [] == export["told"]


async def test_an_export_of_an_erased_person_holds_codes_and_proofs_and_says_so(api):
    await get(api, "/members/M-0042")
    await api.delete(PERSON, headers=OFFICER)

    export = await get(api, f"{PERSON}/export")

    assert ("[erased]", []) == (export["name"], export["person"])
    assert ["registry.Member.Admitted", "registry.Member.PersonForgotten"] == [
        one["source"]["fact"] for one in export["facts"]
    ]
    assert ["EXPORTED", "SHOWN"] == [one["act"] for one in export["accesses"]]


async def test_an_export_of_a_person_never_given_says_nothing_of_one(api):
    await post(
        api, "/members", {k: v for k, v in LAN.items() if k not in {"name", "born_on"}} | {"member": "M-1"}
    )

    export = await get(api, "/members/M-1/person/export")

    assert (None, []) == (export["name"], export["person"])
