"""What becomes of organizations, over HTTP: who may ask, and what is answered."""

import pytest

from services.registry.application import FoundOrganization
from services.registry.domain.organization import Organization
from tests.registry import test_api
from tests.registry.people import read
from tests.registry.test_api import AUDITOR, DISTRICT_OFFICER, OFFICER, SECRETARY
from tests.registry.test_application import CELL

pytestmark = pytest.mark.anyio

BY = {"effective_on": "2024-07-01", "decision": {"number": "9-QĐ/TU", "date": "2024-06-20"}}
CHANGES = {
    "renaming": {"name": "Chi bộ Tài chính - Kế hoạch"},
    "move": {"parent": "LAI-CHAU"},
    "merger": {"into": "TU-C-002"},
    "split": {"into": ["TU-C-002"]},
    "dissolution": {},
}
every_change = pytest.mark.parametrize("change", CHANGES)


@pytest.fixture
async def two_cells(registry, store, tree, asked, founded):
    """A second cell beside the first, which the tree has read about too."""
    await registry.organizations.found(FoundOrganization(**CELL | {"organization": "TU-C-002"}), asked)
    await read(store, tree)


async def ask(api, change, by=OFFICER, code="TU-C-001", **fields):
    body = CHANGES[change] | BY | fields
    return await api.post(f"/organizations/{code}/{change}", json=body, headers=by)


@every_change
async def test_a_change_is_answered_with_a_receipt(api, two_cells, change):
    response = await ask(api, change)

    assert 201 == response.status_code, response.text
    assert {"subject": "organization-TU-C-001", "position": 5} == response.json()


@every_change
async def test_a_change_is_asked_for_by_officers_only(api, two_cells, change):
    assert 403 == (await ask(api, change, SECRETARY)).status_code
    assert 403 == (await ask(api, change, AUDITOR)).status_code


@every_change
async def test_a_change_of_what_is_not_beneath_the_officer_is_forbidden(api, two_cells, change):
    assert 403 == (await ask(api, change, DISTRICT_OFFICER, code="LAI-CHAU")).status_code


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("move", {"parent": "LAI-CHAU"}),
        ("merger", {"into": "LAI-CHAU"}),
        ("split", {"into": ["LAI-CHAU"]}),
        ("split", {"founding": [{"organization": "X-1", "name": "X", "parent": "LAI-CHAU"}]}),
    ],
)
async def test_an_officer_gives_nothing_to_who_is_not_beneath_the_own_subtree(api, two_cells, change, fields):
    assert 403 == (await ask(api, change, DISTRICT_OFFICER, **fields)).status_code


async def test_an_officer_of_what_is_split_founds_nothing_beside_it(api, two_cells):
    of_the_cell = test_api.bearer("officer", "TU-C-001")
    new = {"into": [], "founding": [{"organization": "TU-C-003", "name": "Chi bộ Thuế"}]}

    assert 403 == (await ask(api, "split", of_the_cell, **new)).status_code
    assert 201 == (await ask(api, "split", DISTRICT_OFFICER, **new)).status_code


@every_change
@pytest.mark.parametrize("broken", [{"effective_on": "yesterday"}, {"decision": {"number": "9"}}, {"x": 1}])
async def test_a_bad_shape_never_reaches_a_rule(api, two_cells, store, change, broken):
    assert 422 == (await ask(api, change, **broken)).status_code
    assert 4 == await store.head()


@every_change
async def test_a_change_rests_on_what_the_client_has_seen(api, two_cells, store, change):
    seen = (await api.get("/organizations/TU-C-001", headers=OFFICER)).headers["ETag"]
    await ask(api, "renaming", name="Another")

    assert '"1"' == seen
    assert 412 == (await ask(api, change, OFFICER | {"If-Match": seen})).status_code
    assert 201 == (await ask(api, change, OFFICER | {"If-Match": '"2"'})).status_code


@every_change
async def test_a_change_asked_again_under_its_name_is_done_once(api, two_cells, store, change):
    named = OFFICER | {"Idempotency-Key": "k-1"}
    first, again = await ask(api, change, named), await ask(api, change, named)

    assert (201, 201) == (first.status_code, again.status_code)
    assert first.json() == again.json()
    assert 2 == (await store.find(Organization, "organization-TU-C-001")).version


async def test_a_refusal_names_its_rule(api, two_cells):
    response = await ask(api, "dissolution", code="THAN-UYEN")

    assert (409, "NotEmpty") == (response.status_code, response.json()["title"])
    assert "THAN-UYEN still holds 2: TU-C-001, TU-C-002" == response.json()["detail"]
    assert "house rule" in response.json()["rule"]
