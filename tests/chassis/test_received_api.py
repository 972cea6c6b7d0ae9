"""What has arrived, over HTTP: each sees the districts they have a role over."""

import pytest

from services.chassis.edge.received import routes
from services.chassis.edge.rights import Rights
from services.chassis.views.officials import Officials
from tests.chassis.districts import SOURCE, district, founding
from tests.edges import AUTH, bearer, edge_of
from tests.logs import prepared

OPERATOR = bearer("operator")


@pytest.fixture
async def api(nats, intake, than_uyen, tree):
    await than_uyen.tell("OrganizationFounded", founding("e-1", "TU-C-001") | {"number": 1})
    await than_uyen.tell("OrganizationFounded", founding("e-4", "TU-C-004") | {"number": 4})
    async with district(nats, "TAM-KY") as tam_ky:
        await tam_ky.tell("OrganizationFounded", founding("e-1", "TK-C-009", parent="TAM-KY") | {"number": 1})
    officials = await prepared(Officials(tree.pool))
    async with edge_of("registry", routes(intake, Rights(tree, officials), AUTH)) as client:
        yield client


async def test_an_operator_sees_every_district(api):
    shown = (await api.get("/districts", headers=OPERATOR)).json()

    assert [("TAM-KY", []), ("THAN-UYEN", [[2, 3]])] == [
        (one["district"], one["streams"][0]["missing"]) for one in shown
    ]


async def test_an_officer_sees_the_districts_they_are_one_of(api):
    shown = (await api.get("/districts", headers=bearer("officer", "TAM-KY"))).json()

    assert ["TAM-KY"] == [one["district"] for one in shown]
    assert 403 == (await api.get("/districts/THAN-UYEN", headers=bearer("officer", "TAM-KY"))).status_code
    assert 401 == (await api.get("/districts")).status_code


async def test_a_district_is_shown_by_stream(api):
    shown = (await api.get("/districts/THAN-UYEN", headers=OPERATOR)).json()
    [stream] = shown["streams"]

    assert (SOURCE, 4, 2, 2, 0) == tuple(
        stream[name] for name in ("source", "last", "received", "accepted", "rejected")
    )
    assert [] == shown["months"]


async def test_a_month_of_a_district_is_shown_besides(api):
    shown = (await api.get("/districts/THAN-UYEN?month=2020-01", headers=OPERATOR)).json()

    assert [("2020-01", 1, 4, 2, [[2, 3]])] == [
        (one["month"], one["first"], one["last"], one["received"], one["missing"]) for one in shown["months"]
    ]
    assert 422 == (await api.get("/districts/THAN-UYEN?month=2020-13", headers=OPERATOR)).status_code
