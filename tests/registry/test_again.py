"""A command asked again under its name, and one that rests on what its client has seen."""

import anyio
import pytest

from services.chassis.errors import ChangedSince
from services.registry.application import AdmitMember, ForgetPerson, FoundOrganization
from tests.edges import bearer
from tests.registry.test_application import CELL, DISTRICT, LAN, PROVINCE

pytestmark = pytest.mark.anyio

OFFICER = bearer("officer")
NAMED = {"Idempotency-Key": "k-1"}


async def test_a_command_asked_again_under_its_name_is_answered_with_the_first_receipt(api, store):
    first = await api.post("/organizations", json=PROVINCE, headers=OFFICER | NAMED)
    again = await api.post("/organizations", json=PROVINCE, headers=OFFICER | NAMED)

    assert (201, None) == (first.status_code, first.headers.get("Idempotency-Replayed"))
    assert (201, "true") == (again.status_code, again.headers["Idempotency-Replayed"])
    assert first.json() == again.json()
    assert 1 == await store.head()


async def test_a_command_asked_many_times_at_once_is_done_once(api, store):
    answers = []

    async def ask():
        answers.append(await api.post("/organizations", json=PROVINCE, headers=OFFICER | NAMED))

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(ask)

    assert [201] * 8 == [answer.status_code for answer in answers]
    assert 1 == len({answer.text for answer in answers})
    assert 1 == len(await store.read(0, 10))


async def test_without_a_name_it_is_refused_the_second_time(api):
    await api.post("/organizations", json=PROVINCE, headers=OFFICER)
    again = await api.post("/organizations", json=PROVINCE, headers=OFFICER)

    assert (409, "CodeTaken") == (again.status_code, again.json()["title"])


@pytest.mark.parametrize("change", [{"name": "Another name"}, {"organization": "OTHER"}])
async def test_a_name_is_for_one_request(api, store, change):
    await api.post("/organizations", json=PROVINCE, headers=OFFICER | NAMED)
    other = await api.post("/organizations", json=PROVINCE | change, headers=OFFICER | NAMED)

    assert (422, "KeyReused") == (other.status_code, other.json()["title"])
    assert 1 == await store.head()


async def test_names_are_a_callers_own(api, store):
    await api.post("/organizations", json=PROVINCE, headers=OFFICER | NAMED)
    refused = await api.post("/organizations", json=PROVINCE, headers=bearer("secretary") | NAMED)

    assert 403 == refused.status_code


async def test_what_was_refused_is_not_remembered(api):
    early = await api.post("/organizations", json=DISTRICT, headers=OFFICER | NAMED)
    await api.post("/organizations", json=PROVINCE, headers=OFFICER)
    later = await api.post("/organizations", json=DISTRICT, headers=OFFICER | NAMED)

    assert [(409, "UnknownParent"), (201, None)] == [
        (answer.status_code, answer.json().get("title")) for answer in (early, later)
    ]


@pytest.mark.parametrize("key", ["", "two words", "ü", "x" * 129])
async def test_a_name_is_short_and_plain(api, key):
    headers = OFFICER | {"Idempotency-Key": key.encode()}
    assert 422 == (await api.post("/organizations", json=PROVINCE, headers=headers)).status_code


async def test_what_has_no_receipt_is_done_once_too(api, registry, asked):
    await founded(registry, asked)
    await registry.members.admit(AdmitMember(**LAN), asked)
    path = f"/members/{LAN['member']}/person"

    answers = [await api.delete(path, headers=OFFICER | NAMED) for _ in range(2)]
    assert [(204, b"")] * 2 == [(answer.status_code, answer.content) for answer in answers]


# -- What the client has seen


async def test_a_command_that_rests_on_another_version_does_nothing(api, registry, store, asked):
    await founded(registry, asked)
    await registry.members.admit(AdmitMember(**LAN), asked)
    path = f"/members/{LAN['member']}"
    seen = (await api.get(path, headers=OFFICER)).headers["ETag"]
    head = await store.head()

    other = await api.delete(f"{path}/person", headers=OFFICER | {"If-Match": '"3"'})
    assert (412, "ChangedSince", head) == (other.status_code, other.json()["title"], await store.head())
    assert 204 == (await api.delete(f"{path}/person", headers=OFFICER | {"If-Match": seen})).status_code


async def test_the_store_refuses_what_rests_on_another_version(registry, asked):
    await founded(registry, asked)
    await registry.members.admit(AdmitMember(**LAN), asked)
    forget = ForgetPerson(member=LAN["member"])

    with pytest.raises(ChangedSince, match="version 1, not 7"):
        await registry.members.forget_person(forget, asked._replace(seen=7))
    await registry.members.forget_person(forget, asked._replace(seen=1))


@pytest.mark.parametrize("tag", ["1", '"x"', "*", '"1", "2"'])
async def test_a_tag_is_one_that_was_given(api, tag):
    headers = OFFICER | {"If-Match": tag}
    assert 422 == (await api.post("/organizations", json=PROVINCE, headers=headers)).status_code


async def founded(registry, asked):
    for organization in (PROVINCE, DISTRICT, CELL):
        await registry.organizations.found(FoundOrganization(**organization), asked)
