"""Classification over HTTP: who may decide where, and problems that name their rule."""

import pytest

from services.chassis.edge.rights import Rights
from services.chassis.views.officials import Officials
from services.classification.api import routes
from tests.classification.test_application import DECIDE
from tests.edges import AUTH, bearer, edge_of
from tests.telling import met

pytestmark = pytest.mark.anyio


OFFICER = bearer("officer", "THAN-UYEN")
PROVINCE = bearer("officer", "LAI-CHAU")
AUDITOR = bearer("auditor")
SECRETARY = bearer("secretary", "TU-C-001")


@pytest.fixture
async def api(classifications, tree, dossiers):
    async with edge_of(
        "classification", routes(classifications, dossiers, Rights(tree, Officials(tree.pool)), AUTH)
    ) as client:
        yield client


async def test_a_decision_is_answered_with_a_receipt_and_can_be_read_at_once(api):
    answer = await api.post("/decisions", json=DECIDE, headers=OFFICER)
    shown = (await api.get("/decisions/TU-C-001/2024", headers=AUDITOR)).json()

    assert 201 == answer.status_code
    assert {"subject": "classification-TU-C-001-2024", "position": 1} == answer.json()
    assert ("EXCELLENT", "92.5", False) == (shown["level"], shown["score"], shown["four_good"])
    assert {"name": "366-QĐ/TW", "version": "2025-08-30"} == shown["rule_pack"]


async def test_deciding_twice_is_a_problem_that_names_its_rule(api):
    await api.post("/decisions", json=DECIDE, headers=OFFICER)
    again = await api.post("/decisions", json=DECIDE, headers=OFFICER)

    assert 409 == again.status_code
    assert "application/problem+json" == again.headers["content-type"]
    assert "urn:fourgood:problem:AlreadyDecided" == again.json()["type"]
    assert again.json()["rule"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"organization": "TU-C-999"}, "UnknownOrganization"),
        ({"organization": "THAN-UYEN"}, "NotSuperior"),
        ({"decided_on": "2025-12-21"}, "DecidedInFuture"),
        ({"decided_on": "2025-08-29"}, "PackNotInForce"),
        ({"year": 2025, "decided_on": "2025-10-31"}, "YearNotOver"),
        ({"rule_pack": "12-HD/BTCTW"}, "UnknownPack"),
        ({"common_score": "31"}, "ScoreOutOfScale"),
    ],
)
async def test_each_rule_refuses_by_its_own_name(api, changes, name):
    answer = await api.post("/decisions", json=DECIDE | changes, headers=OFFICER)

    assert (409, f"urn:fourgood:problem:{name}") == (answer.status_code, answer.json()["type"])


@pytest.mark.parametrize(
    "changes",
    [
        {"organization": "tu-c-001"},
        {"year": 1024},
        {"decided_on": "1024-01-01"},
        {"results_score": "64.555"},
        {"results_score": -1},
        {"results_score": True},
        {"results_score": "NaN"},
        {"tasks": {"assigned": 1, "done": 2, "late": 0, "above_requirement": 0}},
        {"levle": "EXCELLENT"},
    ],
)
async def test_a_wrong_shape_is_told_before_any_rule_is_asked(api, changes):
    assert 422 == (await api.post("/decisions", json=DECIDE | changes, headers=OFFICER)).status_code


async def test_an_officer_decides_only_in_the_name_of_committees_of_their_subtree(api):
    above = await api.post("/decisions", json=DECIDE | {"decided_by": "LAI-CHAU"}, headers=OFFICER)
    own = await api.post("/decisions", json=DECIDE | {"decided_by": "LAI-CHAU"}, headers=PROVINCE)

    assert (403, 201) == (above.status_code, own.status_code)


@pytest.mark.parametrize("headers", [AUDITOR, SECRETARY, bearer("operator")])
async def test_only_an_officer_decides(api, headers):
    assert 403 == (await api.post("/decisions", json=DECIDE, headers=headers)).status_code


async def test_without_a_token_nothing_is_shown(api):
    assert 401 == (await api.get("/decisions/TU-C-001/2024")).status_code


async def test_a_dossier_shows_the_figures_and_the_id_of_every_event(api, dossiers, tell):
    await dossiers.apply([tell(met("TU-C-001", "2024-11-28"))])
    shown = (
        await api.get("/dossiers/TU-C-001/2024", params={"after": "assessment:1"}, headers=SECRETARY)
    ).json()

    assert 1 == shown["meetings"]["held"]
    assert [{"id": "MeetingHeld-1", "type": "assessment.MeetingHeld.v1", "on": "2024-11-28"}] == shown[
        "events"
    ]


async def test_a_secretary_sees_no_dossier_but_their_own(api):
    assert 403 == (await api.get("/dossiers/THAN-UYEN/2024", headers=SECRETARY)).status_code


async def test_a_year_without_a_decision_is_404(api):
    answer = await api.get("/decisions/TU-C-001/2020", headers=AUDITOR)

    assert (404, "urn:fourgood:problem:NotFound") == (answer.status_code, answer.json()["type"])


async def test_packs_are_shown_with_source_and_legal_tag_of_every_rule(api):
    [pack] = (await api.get("/packs", headers=AUDITOR)).json()

    assert "366-QĐ/TW" == pack["name"]
    assert "LEGAL_MANDATORY" == pack["levels"][0]["conditions"][0]["legal_tag"]
