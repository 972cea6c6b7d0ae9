"""Notification over HTTP: whose inbox one may read, and who may have a month swept."""

import pytest

from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Origin
from services.chassis.views.officials import Officials
from services.notification.api import routes
from services.notification.domain import Occasion
from tests.edges import AUTH, bearer, edge_of
from tests.telling import issued

pytestmark = pytest.mark.anyio
ASKED = Origin(actor="test", correlation="c-1", causation="c-1")


SECRETARY = bearer("secretary", "TU-C-001")
OFFICER = bearer("officer", "THAN-UYEN")
OPERATOR = bearer("operator")


@pytest.fixture
async def api(notices, box, tree):
    async with edge_of(
        "notification", routes(notices, box, Rights(tree, Officials(tree.pool)), AUTH)
    ) as client:
        yield client


@pytest.fixture
async def classified(notices, carry):
    """TU-C-001 is classified, and both who are to know have a notice."""
    await notices.tell_of(Occasion("CELL_CLASSIFIED", "TU-C-001", "2024"), ASKED)
    await carry()


async def test_a_secretary_finds_the_notice_in_the_inbox(api, classified):
    answer = await api.get("/inbox", params={"organization": "TU-C-001"}, headers=SECRETARY)
    [notice] = answer.json()

    assert 200 == answer.status_code
    assert ("CELL_CLASSIFIED", "2024", "SECRETARY") == (notice["rule"], notice["period"], notice["role"])


async def test_nobody_reads_an_inbox_outside_their_subtree(api, classified):
    answer = await api.get("/inbox", params={"organization": "THAN-UYEN"}, headers=SECRETARY)

    assert (403, "urn:fourgood:problem:Forbidden") == (answer.status_code, answer.json()["type"])


async def test_an_officer_sees_what_was_told_of_the_whole_subtree(api, classified):
    answer = await api.get("/notices", params={"organization": "THAN-UYEN"}, headers=OFFICER)

    assert {"TU-C-001", "THAN-UYEN"} == {notice["recipient"] for notice in answer.json()}


async def test_a_reader_may_wait_for_a_position(api, classified, store):
    head = await store.head()
    params = {"organization": "TU-C-001", "after": f"notification:{head}"}

    assert 1 == len((await api.get("/inbox", params=params, headers=SECRETARY)).json())


@pytest.mark.parametrize("path", ["/inbox", "/notices"])
async def test_an_operator_runs_machines_and_reads_nobodys_mail(api, path):
    assert 403 == (await api.get(path, params={"organization": "TU-C-001"}, headers=OPERATOR)).status_code


async def test_without_a_token_nothing_is_shown(api):
    assert 401 == (await api.get("/inbox", params={"organization": "TU-C-001"})).status_code


async def test_an_operator_has_a_month_swept(api, expected, tell, clock):
    await expected.apply([tell(issued("LAI-CHAU", effective_on="2024-01-01"))])
    clock.set("2026-11-21")
    answer = await api.post("/sweeps", json={"month": "2024-11"}, headers=OPERATOR)

    assert (200, {"month": "2024-11", "missing": 2}) == (answer.status_code, answer.json())


async def test_a_month_that_is_not_due_is_refused_by_its_rule(api):
    answer = await api.post("/sweeps", json={"month": "2024-11"}, headers=OPERATOR)

    assert (409, "urn:fourgood:problem:NotYetDue") == (answer.status_code, answer.json()["type"])


@pytest.mark.parametrize("month", ["2024-13", "2024", "1024-11", 202411])
async def test_what_is_no_month_is_told(api, month):
    assert 422 == (await api.post("/sweeps", json={"month": month}, headers=OPERATOR)).status_code


async def test_only_an_operator_asks_for_a_sweep(api):
    assert 403 == (await api.post("/sweeps", json={"month": "2024-11"}, headers=OFFICER)).status_code
