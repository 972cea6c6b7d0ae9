"""Replaying history causes no effect; a rebuilt view answers the same, and nobody waits for it."""

import pytest

VIEWS = {
    "registry": ["tree"],
    "assessment": ["tree", "frameworks"],
    "classification": ["tree", "dossier"],
    "notification": ["tree", "expected", "inboxes"],
    "reporting": ["tree", "headcount", "completeness", "classes", "structure"],
}
PUBLISHERS = ["registry", "assessment", "classification", "notification"]


async def heads(ask):
    return {service: (await ask.json(service, "/status", role="operator"))["head"] for service in PUBLISHERS}


async def rebuilt(ask, service, view):
    await ask.json(service, f"/views/{view}/rebuild", role="operator", method="POST")
    over = {"DONE", "FAILED"}
    return await ask.until(service, f"/views/{view}/rebuild", lambda body: body["state"] in over)


async def test_every_view_replayed_through_every_service_states_no_new_fact_and_sends_nothing(ask):
    await ask.settled()
    before = await heads(ask)
    states = {
        (service, view): (await rebuilt(ask, service, view))["state"]
        for service, views in VIEWS.items()
        for view in views
    }
    await ask.settled()

    assert {"DONE"} == set(states.values())
    assert before == await heads(ask)


async def test_the_list_of_views_above_is_complete(ask):
    never_rebuilt = {"ledger", "on_classified"}
    known = {
        service: [
            view["name"]
            for view in (await ask.json(service, "/status", role="operator"))["views"]
            if view["name"] not in never_rebuilt
        ]
        for service in VIEWS
    }

    assert VIEWS == known


async def test_a_rebuilt_view_answers_as_before(ask):
    asked = "/organizations/QUANG-NINH/completeness?from=2024-01&to=2024-12"
    before = await ask.json("reporting", asked)
    await rebuilt(ask, "reporting", "completeness")

    assert before == await ask.json("reporting", asked)


@pytest.mark.parametrize("view", ["ledger", "nothing"])
async def test_what_cannot_be_rebuilt_says_so(ask, view):
    answer = await ask("reporting", f"/views/{view}/rebuild", role="operator", method="POST")
    if answer.status_code == 202:
        over = await ask.until("reporting", f"/views/{view}/rebuild", lambda body: body["state"] != "RUNNING")
        assert "NeverRebuilt" in over["detail"]
    else:
        assert (404, "NotFound") == (answer.status_code, answer.json()["title"])


async def test_only_an_operator_rebuilds(ask):
    answer = await ask("reporting", "/views/headcount/rebuild", role="auditor", method="POST")

    assert 403 == answer.status_code
