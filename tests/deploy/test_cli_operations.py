"""What an operator does at the command line: see how things stand, rebuild a view, decide what is parked."""

import json

import pytest

HEADCOUNT = {"name": "headcount", "version": 1, "positions": {"registry": 5}, "lag": 2, "rebuilding": False}
PARKED = {
    "id": 1,
    "kind": "INTAKE",
    "where": "THAN-UYEN",
    "source": "urn:test",
    "event_id": "e1",
    "type": "assessment.MeetingHeld.v1",
    "reason": "UnknownOrganization",
    "detail": "no organization TU-C-999 is known here",
    "parked_at": "2026-01-01T00:00:00Z",
}
# -- status and rebuild


def test_status_shows_every_position_and_lag(fourgood, services):
    result = fourgood("status")

    assert 0 == result.exit_code
    assert 5 == result.stdout.count("registry:7")
    assert 5 == result.stdout.count("fourgood parked list")


def test_status_for_programs_is_json(fourgood, services):
    said = json.loads(fourgood("status", "--format", "json").stdout)

    assert {"position": 6, "lag": 1, "active": True} == said["registry"]["relay"]


def test_a_rebuild_is_followed_to_its_end(fourgood, services):
    services.answer("GET /reporting/v1/status", {"service": "reporting", "views": [HEADCOUNT], "parked": 0})
    running = {"view": "headcount", "state": "RUNNING", "done": 1, "total": 9, "detail": ""}
    services.answer("POST /reporting/v1/views/headcount/rebuild", running, status=202)
    services.answer(
        "GET /reporting/v1/views/headcount/rebuild", running, {**running, "state": "DONE", "done": 9}
    )

    result = fourgood("rebuild", "headcount")

    assert 0 == result.exit_code
    assert "reporting/headcount rebuilt from 9 events\n" == result.stdout


def test_a_failed_rebuild_says_why(fourgood, services):
    failed = {"view": "tree", "state": "FAILED", "done": 3, "total": 9, "detail": "no such column"}
    services.answer("POST /assessment/v1/views/tree/rebuild", failed, status=202)

    result = fourgood("rebuild", "assessment/tree")

    assert 1 == result.exit_code
    assert "fourgood: assessment/tree was not rebuilt (FAILED): no such column\n" == result.stderr


COMPARED = {
    "view": "headcount",
    "state": "COMPARED",
    "done": 9,
    "total": 9,
    "apart": 0,
    "detail": "",
    "compared": [
        {
            "figure": "headcount by organization",
            "of": 2970,
            "differ": 3,
            "examples": [{"key": "TU-C-001", "live": "14", "copied": "15"}],
            "detail": "",
        },
        {
            "figure": "target",
            "of": 0,
            "differ": 0,
            "examples": [],
            "detail": "the live tables do not have it",
        },
    ],
}


@pytest.fixture
def headcount(services):
    services.answer("GET /reporting/v1/status", {"service": "reporting", "views": [HEADCOUNT], "parked": 0})
    return services


def test_a_shadow_shows_what_differs_with_examples_and_how_to_decide(fourgood, headcount):
    headcount.answer("POST /reporting/v1/views/headcount/rebuild", COMPARED, status=202)

    result = fourgood("rebuild", "headcount", "--shadow")

    assert 0 == result.exit_code
    assert "headcount by organization 3 2,970" == " ".join(result.stdout.splitlines()[1].split())
    assert "TU-C-001: 14 → 15" in result.stdout
    assert "the live tables do not have it" in result.stdout
    assert "fourgood rebuild reporting/headcount --switch, or --discard" in result.stdout


def test_a_shadow_compared_at_two_moments_says_so(fourgood, headcount):
    apart = {**COMPARED, "apart": 5}
    headcount.answer("POST /reporting/v1/views/headcount/rebuild", apart, status=202)

    assert "5 positions lay between" in fourgood("rebuild", "headcount", "--shadow").stdout


def test_a_compared_shadow_is_switched(fourgood, headcount):
    done = {**COMPARED, "state": "DONE"}
    headcount.answer("POST /reporting/v1/views/headcount/rebuild/switch", done, status=202)

    assert "rebuilt from 9 events" in fourgood("rebuild", "headcount", "--switch").stdout


def test_what_was_filled_is_discarded(fourgood, headcount):
    headcount.answer("POST /reporting/v1/views/headcount/rebuild/discard", {**COMPARED, "state": "NONE"})

    assert "is gone" in fourgood("rebuild", "headcount", "--discard").stdout


def test_a_rebuild_is_stopped_where_it_is(fourgood, headcount):
    stopped = {**COMPARED, "state": "STOPPED", "done": 4}
    headcount.answer("DELETE /reporting/v1/views/headcount/rebuild", stopped)

    assert "stopped at 4 of 9 events" in fourgood("rebuild", "headcount", "--cancel").stdout


@pytest.mark.parametrize("wrong", [("--switch", "--discard"), ("--cancel", "--shadow"), ("--rate", "0")])
def test_what_does_not_go_together_is_a_misspelt_command(fourgood, headcount, wrong):
    assert 2 == fourgood("rebuild", "headcount", *wrong).exit_code


def test_a_view_of_several_services_must_be_named_with_one(fourgood, services):
    result = fourgood("rebuild", "tree")

    assert 1 == result.exit_code
    assert "say registry/tree or assessment/tree" in result.stderr


def test_an_unknown_view_is_answered_with_those_there_are(fourgood, services):
    assert "no view heads; there are registry/tree" in fourgood("rebuild", "heads").stderr


# -- parked


def test_parked_events_are_listed_with_their_reasons(fourgood, services):
    services.answer("GET /assessment/v1/parked", [PARKED])

    result = fourgood("parked", "list")

    assert "assessment/1" in result.stdout
    assert "no organization TU-C-999 is known here" in result.stdout


def test_nothing_parked_is_said(fourgood, services):
    assert "nothing is parked\n" == fourgood("parked", "list").stdout


def test_one_parked_event_is_shown_with_its_message(fourgood, services):
    services.answer("GET /assessment/v1/parked/1", {**PARKED, "message": '{"id": "e1"}'})

    assert {"id": "e1"} == json.loads(fourgood("parked", "show", "assessment/1").stdout)["message"]


def test_one_event_is_retried_without_asking(fourgood, services):
    services.answer("GET /assessment/v1/parked/1", PARKED)
    services.answer("POST /assessment/v1/parked/1/retry", {"outcome": "accepted"})

    result = fourgood("parked", "retry", "assessment/1")

    assert (0, "1 accepted\n") == (result.exit_code, result.stdout)


def test_more_than_one_is_counted_and_asked_about(fourgood, services):
    services.answer("GET /assessment/v1/parked", [PARKED, {**PARKED, "id": 2, "reason": "TooLarge"}])

    result = fourgood("parked", "drop", "assessment", typed="n\n")

    assert 1 == result.exit_code
    assert "2 events: 1 UnknownOrganization, 1 TooLarge. Drop for good?" in result.stdout
    assert not [asked for asked in services.asked if asked.startswith("DELETE")]


def test_an_answer_of_yes_drops_them(fourgood, services):
    services.answer("GET /assessment/v1/parked", [PARKED, {**PARKED, "id": 2}])
    services.answer("DELETE /assessment/v1/parked/1", None, status=204)
    services.answer("DELETE /assessment/v1/parked/2", None, status=204)

    result = fourgood("parked", "drop", "assessment", typed="y\n")

    assert 0 == result.exit_code
    assert "2 dropped" in result.stdout


def test_only_those_with_a_reason_are_taken(fourgood, services):
    services.answer("GET /assessment/v1/parked", [PARKED, {**PARKED, "id": 2, "reason": "TooLarge"}])
    services.answer("POST /assessment/v1/parked/2/retry", {"outcome": "accepted"})

    result = fourgood("parked", "retry", "assessment", "--reason", "TooLarge")

    assert (0, "1 accepted\n") == (result.exit_code, result.stdout)


def test_what_is_refused_again_ends_with_1(fourgood, services):
    services.answer("GET /assessment/v1/parked/1", PARKED)
    refusal = {"outcome": "rejected", "reason": "UnknownOrganization", "detail": "still unknown"}
    services.answer("POST /assessment/v1/parked/1/retry", refusal)

    result = fourgood("parked", "retry", "assessment/1")

    assert 1 == result.exit_code
    assert "still unknown" in result.stdout


# -- districts

STREAM = {
    "source": "urn:than-uyen",
    "last": 412,
    "received": 408,
    "accepted": 400,
    "rejected": 8,
    "missing": [[120, 122], [300, 300]],
    "reused": [7],
    "heard_at": "2026-01-01T00:00:00Z",
}


def test_districts_shows_what_has_arrived_and_what_is_missing(fourgood, services):
    for owner in ("registry", "assessment", "classification"):
        streams = [STREAM] if owner == "assessment" else []
        answer = {"service": owner, "district": "THAN-UYEN", "streams": streams}
        services.answer(f"GET /{owner}/v1/districts", [answer])

    result = fourgood("districts")

    assert 1 == result.exit_code
    for said in ("THAN-UYEN", "assessment", "408 of 412", "120-122, 300", "used again 7"):
        assert said in result.stdout


def test_districts_shows_which_months_are_closed_and_not_as_they_were_signed(fourgood, services):
    months = [
        {"period": "2025-01", "state": "open", "received": 4},
        {"period": "2024-12", "state": "complete", "received": 9, "restated": 0},
        {"period": "2024-11", "state": "different", "received": 9, "restated": 2},
    ]
    for owner in ("registry", "assessment", "classification"):
        stream = STREAM | {"missing": [], "reused": [], "heard_at": None, "months": months}
        answer = {"service": owner, "district": "THAN-UYEN", "streams": [stream]}
        services.answer(f"GET /{owner}/v1/districts", [answer])

    said = " ".join(fourgood("districts", "--format", "json").stdout.split())
    ran = fourgood("districts")

    assert '"state": "different"' in said
    assert "closed to 2024-12" in " ".join(ran.stdout.split())
    assert 1 == ran.exit_code


@pytest.mark.parametrize(("state", "code"), [("complete", 0), ("missing", 1), ("different", 1), ("open", 0)])
def test_a_month_that_is_not_what_was_signed_ends_with_1_where_it_is_asked_for(
    fourgood, services, state, code
):
    others = [{"period": "2024-10", "state": "different", "restated": 0}]
    told = [{"period": "2024-11", "state": state, "restated": 0}, *others]
    month = STREAM | {"month": "2024-11", "missing": []}
    for owner in ("registry", "assessment", "classification"):
        answer = {"service": owner, "district": "TAM-KY", "streams": [STREAM | {"months": told}]}
        services.answer(f"GET /{owner}/v1/districts/TAM-KY", answer | {"months": [month]})

    ran = fourgood("districts", "TAM-KY", "--month", "2024-11")

    assert code == ran.exit_code
    assert ("2024-11 is" in ran.stdout) == bool(code)


def test_districts_of_a_month_shows_what_happened_in_it(fourgood, services):
    month = {
        "source": "urn:than-uyen",
        "month": "2024-11",
        "first": 10,
        "last": 30,
        "received": 9,
        "rejected": 0,
        "missing": [],
    }
    for owner in ("registry", "assessment", "classification"):
        answer = {"service": owner, "district": "THAN-UYEN", "streams": [STREAM], "months": [month]}
        services.answer(f"GET /{owner}/v1/districts/THAN-UYEN", answer)

    result = fourgood("districts", "THAN-UYEN", "--month", "2024-11")

    assert 0 == result.exit_code
    assert 3 == result.stdout.count("9 of 9")
    assert "GET /registry/v1/districts/THAN-UYEN?month=2024-11" in services.asked


def test_a_month_is_of_one_district(fourgood, services):
    assert "a month is of one district" in fourgood("districts", "--month", "2024-11").stderr


def test_where_nothing_is_numbered_districts_says_so(fourgood, services):
    for owner in ("registry", "assessment", "classification"):
        services.answer(f"GET /{owner}/v1/districts", [])

    assert "nothing that is numbered has arrived" in fourgood("districts").stdout
