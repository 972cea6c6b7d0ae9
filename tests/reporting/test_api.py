"""Reporting over HTTP: who may ask, what is answered, and that `after` waits for what it names."""

from datetime import UTC, date, datetime

import anyio
import httpx
import pytest

from services.chassis.edge.auth import Auth
from services.chassis.edge.door import Inside
from services.chassis.edge.http import create_api
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import open_pool
from services.reporting.api import routes
from services.reporting.console.names import Names
from services.reporting.console.services import Services
from services.reporting.follower import Follower
from services.reporting.known import Known
from services.reporting.ledger import Ledger
from services.reporting.lists.export import Files, Workbooks
from services.reporting.replay import Replay
from services.reporting.views import Views
from tests.edges import PUBLIC, bearer
from tests.reporting.story import (
    Publisher,
    admitted,
    assessed,
    classified,
    founded,
    framework,
    selected,
    share,
    target,
)

NOW = datetime(2024, 12, 31, 5, tzinfo=UTC)

YEAR = (
    founded("D-1", "DISTRICT_COMMITTEE"),
    founded("C-1", "GRASSROOTS_CELL", "D-1"),
    founded("C-2", "GRASSROOTS_CELL", "D-1"),
    target("D-1", "2024", 2),
    share("D-1", "2024", "50"),
    admitted("M-1", "C-1", date(2024, 3, 1)),
    framework("D-1", date(2024, 10, 1)),
    assessed("C-1", "2024-10", date(2024, 11, 6)),
    selected("C-1", "PILOT", date(2024, 6, 1)),
    classified("C-1", "2024", "GOOD", date(2024, 12, 20)),
)


LISTS = ["members", "organizations", "officials", "transfers", "targets", "obligations"]

AUDITOR = bearer("auditor")
SECRETARY = bearer("secretary", "C-1")


@pytest.fixture
async def views(tree, headcount, completeness, classes, structure, roster, officials, obligations):
    return Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)


def client_of(views, ledger, now=NOW):
    async def ready():
        return {}

    app = create_api("reporting", "Answers.", ready, Inside())
    router = routes(
        Known(views, ledger, lambda: now),
        Replay(ledger, views.tree, views.headcount),
        Files(Workbooks(), Names(Services({})).naming),
        Rights(views.tree, views.officials),
        Auth(PUBLIC, "fourgood"),
        lambda: now,
    )
    app.serve(router)
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://it/reporting/v1", headers=AUDITOR)


@pytest.fixture
async def api(views, ledger):
    """Reporting's routes on a ledger that has recorded a year, and views that have read it."""
    deliveries = Publisher().tell(*YEAR)
    await ledger.apply(deliveries)
    for view in views.all:
        await view.apply(deliveries)
    async with client_of(views, ledger) as client:
        yield client


@pytest.fixture
async def door():
    """The same routes before any database: whoever gets past them would fail otherwise."""
    pool = open_pool("reporting", "postgresql://nowhere/none")
    views = Views.over(pool)
    async with client_of(views, Ledger(pool)) as client:
        yield client


AFTER = {"after": ["registry:10", "assessment:6", "classification:2"]}


async def asked(api, path, headers=None, **query):
    response = await api.get(path, params={**AFTER, **query}, headers=headers)
    assert 200 == response.status_code, response.text
    return response.json()


async def refused(api, path, headers=None, **query):
    response = await api.get(path, params={**AFTER, **query}, headers=headers)
    return response.status_code, response.json()["title"]


async def test_the_tree_is_entered_at_the_callers_top(api):
    assert ["D-1"] == [node["code"] for node in await asked(api, "/organizations")]
    assert ["C-1"] == [node["code"] for node in await asked(api, "/organizations", SECRETARY)]


async def test_an_organization_is_shown_with_its_place_its_children_and_their_kinds(api):
    shown = await asked(api, "/organizations/D-1")

    assert ["D-1"] == shown["organization"]["path"]
    assert ["C-1", "C-2"] == [child["code"] for child in shown["children"]]
    assert {"GRASSROOTS_CELL": 2} == shown["kinds"]


async def test_the_structure_names_pilots_from_their_day(api):
    assert {"PILOT": 1} == (await asked(api, "/organizations/D-1/structure"))["models"]
    assert {} == (await asked(api, "/organizations/D-1/structure", on="2024-05-31"))["models"]


async def test_headcount_is_asked_as_of_a_day_and_today_if_none_is_named(api):
    today = await asked(api, "/organizations/D-1/headcount")

    assert ("2024-12-31", 1, 1, 0) == (today["on"], today["total"], today["full"], today["probationary"])
    assert [("C-1", 1), ("C-2", 0)] == [(child["code"], child["count"]) for child in today["children"]]
    assert 0 == (await asked(api, "/organizations/D-1/headcount", on="2024-02-29"))["total"]


async def test_admissions_stand_against_the_target_with_two_decimals(api):
    assert {
        "organization": "D-1",
        "year": 2024,
        "admitted": 1,
        "target": 2,
        "percent": "50.00",
        "met": False,
        "exceeded": False,
    } == await asked(api, "/organizations/D-1/admissions", year="2024")


async def test_completeness_is_asked_by_month_and_shows_every_child(api):
    shown = await asked(api, "/organizations/D-1/completeness", **{"from": "2024-10", "to": "2024-10"})

    assert {
        "month": "2024-10",
        "due": 2,
        "submitted": 1,
        "late": 1,
        "missing": 1,
        "four_good": 1,
    } == shown["months"][0]
    assert ["C-1", "C-2"] == [child["code"] for child in shown["children"]]
    assert 12 == len((await asked(api, "/organizations/D-1/completeness"))["months"])


async def test_missing_cells_are_named(api):
    assert ["C-2"] == (await asked(api, "/organizations/D-1/missing", month="2024-10"))["cells"]


async def test_classes_show_the_spread_and_the_organizations_own(api):
    shown = await asked(api, "/organizations/D-1/classes", year="2024")
    spread, goal = shown["distribution"], shown["goal"]
    own = (await asked(api, "/organizations/C-1/classes", year="2024"))["own"]

    assert (1, 1) == (spread["levels"]["GOOD"], spread["unclassified"])
    assert {"percent": "50", "base": 2, "needed": 1, "reached": 1, "met": True} == goal
    assert ("GOOD", "92.50") == (own[0]["level"], own[0]["score"])


async def test_a_timeline_shows_every_event_as_published_and_where_the_rest_begins(api):
    whole = await asked(api, "/cells/C-1/timeline")
    first = await asked(api, "/cells/C-1/timeline", limit=2)
    rest = await asked(api, "/cells/C-1/timeline", start=first["next"])

    assert 5 == len(whole["entries"])
    assert whole["next"] is None
    assert whole["entries"] == first["entries"] + rest["entries"]
    assert "2024-03-01" == whole["entries"][1]["data"]["ceremony_on"]


async def test_a_state_is_asked_as_of_a_day_and_as_known_at_an_instant(api):
    today = await asked(api, "/cells/C-1/state")
    before = await asked(api, "/cells/C-1/state", on="2024-02-29")
    unknown = await asked(api, "/cells/C-1/state", known_at="2023-01-01T00:00:00Z")

    assert (1, "05-HD/BTCTU", "PILOT") == (
        today["members"]["full"],
        today["framework"]["number"],
        today["model"],
    )
    assert 0 == before["members"]["full"]
    assert 0 == unknown["events"]


async def test_how_far_the_ledger_has_recorded_is_for_operators_and_auditors(api):
    assert ["assessment", "classification", "registry"] == [
        row["name"] for row in await asked(api, "/ledger")
    ]
    assert (403, "Forbidden") == await refused(api, "/ledger", SECRETARY)


async def test_a_secretary_reads_the_own_cell_and_no_other(api):
    assert 1 == (await asked(api, "/organizations/C-1/headcount", SECRETARY))["total"]
    assert (403, "Forbidden") == await refused(api, "/organizations/C-2/headcount", SECRETARY)
    assert (403, "Forbidden") == await refused(api, "/cells/D-1/timeline", SECRETARY)


@pytest.mark.parametrize(
    "path",
    [
        "/organizations",
        "/organizations/D-1",
        "/organizations/D-1/structure",
        "/organizations/D-1/headcount",
        "/organizations/D-1/admissions",
        "/organizations/D-1/completeness",
        "/organizations/D-1/missing",
        "/organizations/D-1/classes",
        *(f"/organizations/D-1/{name}" for name in LISTS),
        "/cells/C-1/timeline",
        "/cells/C-1/state",
        "/ledger",
    ],
)
async def test_nobody_reads_anything_without_a_token(door, path):
    assert (401, "Unauthenticated") == await refused(door, path, {"Authorization": ""}, month="2024-10")


async def test_an_organization_nobody_founded_is_not_found(api):
    assert (404, "NotFound") == await refused(api, "/organizations/X-1/headcount")


@pytest.mark.parametrize(
    "query",
    [{"on": "1024-01-01"}, {"on": "20240101"}, {"year": "24"}, {"after": "registry"}, {"from": "2024-13"}],
)
async def test_what_has_the_wrong_shape_is_unprocessable(api, query):
    path = {"on": "headcount", "year": "admissions", "from": "completeness", "after": "headcount"}[
        next(iter(query))
    ]
    assert (422, "Unprocessable") == await refused(api, f"/organizations/D-1/{path}", **query)


async def test_members_are_listed_within_the_callers_subtree_a_page_at_a_time(api):
    page = await asked(api, "/organizations/D-1/members", standing="FULL", sort="admitted_on", limit=1)

    assert ("D-1", "2024-12-31", None) == (page["organization"], page["as_of"], page["next"])
    assert [("M-1", "C-1", "2024-03-01")] == [
        (one["member"], one["organization"], one["admitted_on"]) for one in page["items"]
    ]
    assert [] == (await asked(api, "/organizations/D-1/members", on="2024-02-29"))["items"]
    assert (403, "Forbidden") == await refused(api, "/organizations/D-1/members", SECRETARY)


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "path"},
        {"order": "up"},
        {"cursor": "none-of-ours"},
        {"limit": "0"},
        {"kin": "x"},
        {"as_of": "2024-02-30"},
    ],
)
@pytest.mark.parametrize("name", LISTS)
async def test_a_list_names_what_it_cannot_sort_filter_or_go_on_from(api, name, query):
    answer = await api.get(f"/organizations/D-1/{name}", params=query)

    assert 422 == answer.status_code
    assert [f"query.{next(iter(query))}"] == [one["field"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("members", {"standing": "GOOD"}),
        ("members", {"organization": "c 1"}),
        ("members", {"admitted_from": "yesterday"}),
        ("members", {"exempted": "perhaps"}),
        ("organizations", {"kind": "CELL"}),
        ("organizations", {"name": "\x00"}),
        ("organizations", {"known_at": "2024"}),
        ("transfers", {"side": "left"}),
        ("targets", {"year": "24"}),
    ],
)
async def test_a_list_names_the_filter_it_cannot_read(api, name, query):
    answer = await api.get(f"/organizations/D-1/{name}", params=query)

    assert 422 == answer.status_code
    assert [f"query.{next(iter(query))}"] == [one["field"] for one in answer.json()["errors"]]


async def test_the_other_lists_are_answered_in_the_same_shape(api):
    shown = {name: await asked(api, f"/organizations/D-1/{name}") for name in LISTS[1:]}

    assert {("organization", "as_of", "items", "next")} == {tuple(one) for one in shown.values()}
    assert ["C-1", "C-2", "D-1"] == [one["code"] for one in shown["organizations"]["items"]]
    assert [("ADMISSIONS", "2"), ("GOOD_OR_BETTER", "50")] == [
        (one["measure"], one["target"]) for one in shown["targets"]["items"]
    ]
    assert [] == shown["transfers"]["items"]


async def test_a_query_waits_for_what_it_was_told_to_be_after(views, ledger):
    async with client_of(views, ledger) as client, anyio.create_task_group() as tasks:
        await ledger.apply(Publisher().tell(*YEAR))
        tasks.start_soon(Follower(views.tree, ledger).run)
        tasks.start_soon(Follower(views.headcount, ledger).run)
        count = await asked(client, "/organizations/D-1/headcount")
        tasks.cancel_scope.cancel()

    assert 1 == count["total"]


async def test_what_is_not_read_in_time_is_answered_with_try_again(api, views, monkeypatch):
    async def reached(source, position, timeout_s=0.05):
        await type(views.tree).reached(views.tree, source, position, timeout_s)

    monkeypatch.setattr(views.tree, "reached", reached)

    assert (503, "NotYetRead") == await refused(api, "/organizations/D-1", after="registry:999")
