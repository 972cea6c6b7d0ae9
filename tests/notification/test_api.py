"""Notification over HTTP: whose inbox one may read."""

import pytest

from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Origin
from services.chassis.views.officials import Officials
from services.notification.api import routes
from services.notification.domain import Occasion
from tests.edges import AUTH, bearer, edge_of

pytestmark = pytest.mark.anyio
ASKED = Origin(actor="test", correlation="c-1", causation="c-1")


SECRETARY = bearer("secretary", "TU-C-001")
OFFICER = bearer("officer", "THAN-UYEN")
OPERATOR = bearer("operator")


@pytest.fixture
async def api(box, tree):
    async with edge_of("notification", routes(box, Rights(tree, Officials(tree.pool)), AUTH)) as client:
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
