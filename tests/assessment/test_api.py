"""Assessment over HTTP: who may ask, what the answers look like, and that problems name their rule."""

import pytest

from services.assessment.publication import publish
from tests.assessment.bodies import CORRECTION, ISSUE, MEETING, NOVEMBER, PILOT, VISIT
from tests.edges import bearer
from tests.telling import Telling, lifted, restricted

pytestmark = pytest.mark.anyio


OFFICER = bearer("officer", "THAN-UYEN")
SECRETARY = bearer("secretary", "TU-FINANCE")
NEIGHBOUR = bearer("secretary", "TU-SCHOOL")
AUDITOR = bearer("auditor", "THAN-UYEN")
ATTENDANCES = "/meetings/TU-FINANCE-2024-11/attendances"
CORRECTIONS = "/self-assessments/TU-FINANCE/2024-11/corrections"


@pytest.fixture
async def issued(api):
    return await api.post("/frameworks", json=ISSUE, headers=OFFICER)


@pytest.fixture
async def held(api):
    return await api.post("/meetings", json=MEETING, headers=SECRETARY)


@pytest.fixture
async def submitted(api, issued):
    return await api.post("/self-assessments", json=NOVEMBER, headers=SECRETARY)


def problem(response):
    return response.status_code, response.json()["title"]


# -- Commands


async def test_an_officer_issues_a_framework(issued):
    assert 201 == issued.status_code
    assert {"subject": "framework-THAN-UYEN-05-HD/BTCTU-2024-05-19", "position": 1} == issued.json()


async def test_an_officer_issues_a_framework_from_a_pack_that_is_listed(api):
    pack, *_ = (await api.get("/packs", headers=OFFICER)).json()

    response = await api.post("/frameworks", json=ISSUE | {"goods": [], "pack": pack["id"]}, headers=OFFICER)

    assert 201 == response.status_code


async def test_an_officer_selects_a_pilot_cell(api):
    response = await api.post("/model-cells", json=PILOT, headers=OFFICER)

    assert (201, "model-cell-TU-FINANCE-PILOT") == (response.status_code, response.json()["subject"])


async def test_a_secretary_records_the_own_cells_meeting(held):
    assert (201, "meeting-TU-FINANCE-2024-11") == (held.status_code, held.json()["subject"])


async def test_a_secretary_records_who_sat_in(api, held):
    response = await api.post(ATTENDANCES, json=VISIT, headers=SECRETARY)

    assert (201, 2) == (response.status_code, response.json()["position"])


async def test_a_secretary_submits_and_corrects_the_own_cells_self_assessment(api, submitted):
    response = await api.post(CORRECTIONS, json=CORRECTION, headers=SECRETARY)

    assert (201, 201) == (submitted.status_code, response.status_code)
    assert "self-assessment-TU-FINANCE-2024-11" == response.json()["subject"]


# -- Refusals


async def test_a_visit_to_a_cell_that_did_not_meet_is_a_conflict_that_names_its_rule(api, held):
    response = await api.post(ATTENDANCES, json=VISIT | {"organization": "TU-SCHOOL"}, headers=OFFICER)

    assert 409 == response.status_code
    assert {
        "type": "urn:fourgood:problem:NotHeldThere",
        "title": "NotHeldThere",
        "status": 409,
        "detail": "TU-FINANCE-2024-11 was not held by TU-SCHOOL",
        "rule": "A meeting and what is told of it are of the cell that called or held it (house rule).",
    } == response.json()


async def test_minutes_that_do_not_add_up_are_a_conflict(api):
    response = await api.post("/meetings", json=MEETING | {"present": 17}, headers=SECRETARY)

    assert (409, "DoesNotAddUp") == problem(response)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"results": [*NOVEMBER["results"], {"criterion": "singing", "achieved": True}]}, "UnknownCriterion"),
        ({"period": "2025-01"}, "FuturePeriod"),
        ({"period": "2024-05"}, "NotInForce"),
        ({"framework": {"number": "05-HD/BTCTU", "date": "2018-05-19"}}, "UnknownFramework"),
        ({}, "AlreadySubmitted"),
    ],
)
async def test_a_form_against_the_rules_is_a_conflict(api, submitted, changed, why):
    response = await api.post("/self-assessments", json=NOVEMBER | changed, headers=SECRETARY)

    assert (409, why) == problem(response)


async def test_a_bad_shape_is_told_field_by_field(api):
    response = await api.post(
        "/meetings", json=MEETING | {"held_at": "1024-11-28T14:00:00Z"}, headers=SECRETARY
    )

    assert 422 == response.status_code
    assert "body.held_at" == response.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    "path", ["/self-assessments/TU-FINANCE/2024-13", "/self-assessments/tu finance/2024-11"]
)
async def test_a_question_about_what_cannot_be_is_a_bad_shape(api, path):
    assert 422 == (await api.get(path, headers=AUDITOR)).status_code


# -- Who may


@pytest.mark.parametrize("path", ["/packs", "/meetings/M-1", "/frameworks?organization=TU-FINANCE"])
async def test_nobody_is_answered_without_a_token(api, path):
    assert (401, "Unauthenticated") == problem(await api.get(path))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/frameworks", ISSUE),
        ("/model-cells", PILOT),
        ("/meetings", MEETING),
        (ATTENDANCES, VISIT),
        ("/self-assessments", NOVEMBER),
        (CORRECTIONS, CORRECTION),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [AUDITOR, NEIGHBOUR, bearer("operator"), bearer("officer", "TAM-KY")],
    ids=["auditor", "neighbour", "operator", "officer of another district"],
)
async def test_who_only_looks_and_who_is_elsewhere_changes_nothing(api, store, headers, path, body):
    response = await api.post(path, json=body, headers=headers)

    assert (403, "Forbidden") == problem(response)
    assert 0 == await store.head()


@pytest.mark.parametrize(("path", "body"), [("/frameworks", ISSUE), ("/model-cells", PILOT)])
async def test_a_secretary_neither_issues_criteria_nor_selects_models(api, path, body):
    assert (
        403
        == (await api.post(path, json=body | {"organization": "TU-FINANCE"}, headers=SECRETARY)).status_code
    )


@pytest.mark.parametrize(
    "path",
    [
        "/meetings/TU-FINANCE-2024-11",
        "/self-assessments/TU-FINANCE/2024-11",
        "/frameworks?organization=TU-FINANCE",
    ],
)
async def test_a_neighbour_does_not_see_what_is_the_cells_own(api, held, submitted, path):
    assert (403, "Forbidden") == problem(await api.get(path, headers=NEIGHBOUR))


# -- Questions


async def test_a_meeting_is_shown_with_those_who_sat_in(api, held):
    await api.post(ATTENDANCES, json=VISIT, headers=SECRETARY)

    shown = (await api.get("/meetings/TU-FINANCE-2024-11", headers=AUDITOR)).json()

    assert ["TU-M-0900"] == shown["supervisors"]
    assert {"full": 18, "probationary": 2} == shown["held"]["summoned"]
    assert "2024-11-28T07:00:00Z" == shown["held"]["held_at"]


async def test_of_a_meeting_nobody_is_shown_who_restricts_the_use_of_their_data(api, held, restrictions):
    await api.post(ATTENDANCES, json=VISIT, headers=SECRETARY)
    whole = (await api.get("/meetings/TU-FINANCE-2024-11", headers=AUDITOR)).json()
    tell = Telling()
    both = (restricted(member, "TU-AGENCIES", "2024-12-30") for member in ("TU-M-0001", "TU-M-0900"))
    await restrictions.apply(tell.all(*both))

    shown = (await api.get("/meetings/TU-FINANCE-2024-11", headers=AUDITOR)).json()

    assert (1, ["TU-M-0900"], 0) == (len(whole["held"]["tasks"]), whole["supervisors"], whole["withheld"])
    assert ([], [], 2) == (shown["held"]["tasks"], shown["supervisors"], shown["withheld"])
    assert whole["held"] | {"tasks": []} == shown["held"]
    await restrictions.apply([tell(lifted("TU-M-0001", "TU-FINANCE", "2024-12-31"))])
    again = (await api.get("/meetings/TU-FINANCE-2024-11", headers=AUDITOR)).json()
    assert (whole["held"], 1) == (again["held"], again["withheld"])


async def test_a_self_assessment_is_shown_as_it_stands(api, submitted):
    before = (await api.get("/self-assessments/TU-FINANCE/2024-11", headers=AUDITOR)).json()
    await api.post(CORRECTIONS, json=CORRECTION, headers=SECRETARY)
    after = (await api.get("/self-assessments/TU-FINANCE/2024-11", headers=AUDITOR)).json()

    assert (0, True, "90") == (
        before["corrections"],
        before["stands"]["four_good"],
        before["stands"]["results"][0]["value"],
    )
    assert (1, False, "one member was counted twice") == (
        after["corrections"],
        after["stands"]["four_good"],
        after["stands"]["reason"],
    )


@pytest.mark.parametrize("path", ["/meetings/M-1", "/self-assessments/TU-FINANCE/2024-11"])
async def test_what_nobody_recorded_is_not_found(api, path):
    assert (404, "NotFound") == problem(await api.get(path, headers=AUDITOR))


async def test_frameworks_in_force_are_listed_once_they_are_read(api, issued, store, frameworks):
    facts = [recorded.fact for recorded in await store.read(0, 10)]
    await frameworks.apply(Telling().all(*[publish(fact) for fact in facts]))

    question = "/frameworks?organization=TU-FINANCE&after=assessment:1"
    [framework] = (await api.get(question, headers=SECRETARY)).json()

    assert {"number": "05-HD/BTCTU", "date": "2024-05-19"} == framework["framework"]
    assert [] == (await api.get(f"{question}&on=2024-05-31", headers=SECRETARY)).json()


async def test_frameworks_of_an_organization_nobody_knows_are_not_found(api):
    response = await api.get("/frameworks?organization=NOWHERE", headers=bearer("auditor"))

    assert (404, "NotFound") == problem(response)


async def test_figures_are_shown_with_the_meetings_they_rest_on(api, held, store, views):
    facts = [recorded.fact for recorded in await store.read(0, 10)]
    await views.meetings.apply(Telling().all(*[publish(fact) for fact in facts]))
    question = "/figures?organization=TU-FINANCE&period=2024-11&after=assessment:1"

    figures = (await api.get(question, headers=SECRETARY)).json()

    assert {"value": "90.00", "meetings": ["TU-FINANCE-2024-11"]} == figures["ATTENDANCE_PCT"]
    assert (403, "Forbidden") == problem(await api.get(question, headers=NEIGHBOUR))
    assert 422 == (await api.get(question.replace("2024-11", "2024-13"), headers=SECRETARY)).status_code
