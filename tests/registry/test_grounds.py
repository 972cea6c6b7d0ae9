"""Why a member need not take part may say something of health: sealed, told to nobody, erased."""

import pytest

from services.registry.publication import publish
from tests.registry.people import OFFICER, PERSON, get, post

pytestmark = pytest.mark.usefixtures("lan")

EXEMPTION = {
    "organization": "TU-C-001",
    "exempted_on": "2024-12-01",
    "ground": "LONG_TREATMENT",
    "decision": {"number": "7-QĐ/ĐU", "date": "2024-12-01"},
}


async def exempted(api):
    response = await post(api, "/members/M-0042/exemption", EXEMPTION)
    assert 201 == response.status_code, response.text


async def said(api):
    facts = (await get(api, f"{PERSON}/export"))["facts"]
    return next(f["says"]["ground"] for f in facts if f["source"]["fact"] == "registry.Member.Exempted")


async def stored(store):
    async with store.pool.connection() as connection:
        cursor = await connection.execute("SELECT state FROM registry_events")
        return b" ".join([bytes(row["state"]) for row in await cursor.fetchall()])


async def test_the_person_is_told_the_ground_and_nobody_else_is(api, store):
    await exempted(api)

    assert "LONG_TREATMENT" == await said(api)
    assert "LONG_TREATMENT" not in str(await get(api, "/members/M-0042"))
    events = [publish(recorded.fact) for recorded in await store.read(0, 100)]
    assert "MemberExempted" == type(events[-1]).__name__
    assert "LONG_TREATMENT" not in str(events)
    assert b"LONG_TREATMENT" not in await stored(store)


async def test_the_ground_is_erased_with_the_person(api):
    await exempted(api)

    await api.delete(PERSON, headers=OFFICER)

    assert "[erased]" == await said(api)


async def test_of_who_was_erased_no_ground_is_kept(api):
    await api.delete(PERSON, headers=OFFICER)

    await exempted(api)

    assert await said(api) is None


async def test_a_ground_is_erased_where_no_person_was_ever_given(api):
    body = {"decision": {"number": "31-QĐ/HU", "date": "2024-11-04"}, "ceremony_on": "2024-11-20"}
    await post(api, "/members", body | {"member": "M-1", "organization": "TU-C-001", "standing": "FULL"})
    await post(api, "/members/M-1/exemption", EXEMPTION)

    assert 204 == (await api.delete("/members/M-1/person", headers=OFFICER)).status_code
    assert 409 == (await api.delete("/members/M-1/person", headers=OFFICER)).status_code


async def test_a_ground_need_not_be_given(api):
    body = {name: value for name, value in EXEMPTION.items() if name != "ground"}

    assert 201 == (await post(api, "/members/M-0042/exemption", body)).status_code
    assert await said(api) is None


async def test_a_ground_does_not_open_as_a_person_nor_for_another_member(persons):
    sealed = persons.seal_ground("M-0042", "LONG_TREATMENT")
    await persons.keep(sealed)

    assert "LONG_TREATMENT" == await persons.open_ground("M-0042", sealed.text)
    with pytest.raises(Exception, match="does not open"):
        await persons.open("M-0042", sealed.text)
    with pytest.raises(Exception, match="does not open"):
        await persons.open_ground("M-0043", sealed.text)
