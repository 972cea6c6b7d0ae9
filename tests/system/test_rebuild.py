"""Replaying history causes no effect; a rebuilt view answers the same, and nobody waits for it."""

import pytest

VIEWS = {
    "registry": ["tree", "officials", "closings"],
    "assessment": [
        *("tree", "officials", "restrictions", "homes"),
        *("frameworks", "meetings", "movement", "roll", "concerns", "supervision", "visits", "duties"),
        "closings",
    ],
    "classification": ["tree", "officials", "dossier", "closings"],
    "notification": ["tree", "officials", "restrictions", "calls", "inboxes"],
    "reporting": [
        *("tree", "headcount", "completeness", "classes", "structure", "roster", "officials"),
        "obligations",
    ],
}
PUBLISHERS = ["registry", "assessment", "classification", "notification"]


async def heads(ask):
    return {service: (await ask.json(service, "/status", role="operator"))["head"] for service in PUBLISHERS}


async def rebuilt(ask, service, view):
    await ask.json(service, f"/views/{view}/rebuild", role="operator", method="POST")
    over = {"DONE", "FAILED"}
    return await ask.until(service, f"/views/{view}/rebuild", lambda body: body["state"] in over)


@pytest.mark.long
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
    never_rebuilt = {"ledger", "on_classified", "on_left", "on_registry", "on_assessment"}
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


WRONG = [
    ("POST", "/views/ledger/rebuild", 409, "NeverRebuilt"),
    ("POST", "/views/nothing/rebuild", 404, "NotFound"),
    ("GET", "/views/nothing/rebuild", 404, "NotFound"),
    ("POST", "/views/classes/rebuild?rate=0", 422, "Unprocessable"),
    ("DELETE", "/views/classes/rebuild", 409, "NotRebuilding"),
    ("DELETE", "/views/nothing/rebuild", 404, "NotFound"),
    ("POST", "/views/classes/rebuild/switch", 409, "NothingToSwitch"),
    ("POST", "/views/nothing/rebuild/switch", 404, "NotFound"),
    ("POST", "/views/classes/rebuild/discard", 409, "NothingToDiscard"),
    ("POST", "/views/nothing/rebuild/discard", 404, "NotFound"),
]


@pytest.mark.parametrize(("method", "path", "status", "problem"), WRONG)
async def test_what_cannot_be_done_says_so(ask, method, path, status, problem):
    answer = await ask("reporting", path, role="operator", method=method)

    assert (status, problem) == (answer.status_code, answer.json()["title"])


async def test_a_shadow_is_compared_and_then_switched_or_discarded(ask):
    rebuild = "/views/headcount/rebuild"
    for end, state in (("discard", "NONE"), ("switch", "DONE")):
        await ask.json("reporting", f"{rebuild}?shadow=true", role="operator", method="POST")
        shadow = await ask.until("reporting", rebuild, lambda body: body["state"] != "RUNNING")
        assert ("COMPARED", [0, 0]) == (shadow["state"], [one["differ"] for one in shadow["compared"]])
        assert shadow["compared"][0]["of"] > 0
        await ask.json("reporting", f"{rebuild}/{end}", role="operator", method="POST")
        await ask.until("reporting", rebuild, lambda body, state=state: body["state"] == state)


async def test_a_slow_rebuild_is_cancelled_and_goes_on(ask):
    rebuild = "/views/structure/rebuild"
    await ask.json("reporting", f"{rebuild}?rate=1", role="operator", method="POST")
    again = await ask("reporting", rebuild, role="operator", method="POST")
    stopped = await ask.json("reporting", rebuild, role="operator", method="DELETE")
    assert (409, "AlreadyRebuilding", "STOPPED") == (
        again.status_code,
        again.json()["title"],
        stopped["state"],
    )

    assert "DONE" == (await rebuilt(ask, "reporting", "structure"))["state"]


async def test_only_an_operator_rebuilds(ask):
    answer = await ask("reporting", "/views/headcount/rebuild", role="auditor", method="POST")

    assert 403 == answer.status_code
