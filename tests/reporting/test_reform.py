"""The reform of 2025 as reporting shows it: figures keep the tree of their day, or are put over today's.

Districts D-1 and D-2 ended on 2025-07-01 and their communes G-1, G-2, G-3 lie beneath the province since
(298-QĐ/TW; domain.md 7.1); commune G-2 was merged into G-1 the same day.
"""

from datetime import UTC, date, datetime

import pytest

from services.chassis.views.copy import Copy
from services.reporting.replay import Replay
from services.reporting.views import Completeness, Views
from tests.edges import bearer
from tests.logs import prepared
from tests.reporting.story import (
    Publisher,
    admitted,
    assessed,
    classified,
    founded,
    framework,
    selected,
)
from tests.reporting.test_api import client_of
from tests.telling import dissolved, merged, moved, renamed, split

BEFORE, REFORM, NOW = date(2025, 6, 30), date(2025, 7, 1), datetime(2025, 12, 31, 5, tzinfo=UTC)

TREE = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("D-1", "DISTRICT_COMMITTEE", "P-1"),
    founded("D-2", "DISTRICT_COMMITTEE", "P-1"),
    founded("G-1", "GRASSROOTS_COMMITTEE", "D-1"),
    founded("G-2", "GRASSROOTS_COMMITTEE", "D-1"),
    founded("G-3", "GRASSROOTS_COMMITTEE", "D-2"),
    founded("C-1", parent="G-1"),
    founded("C-2", parent="G-2"),
    founded("C-3", parent="G-3"),
)

LIFE = (
    admitted("M-1", "C-1", date(2024, 3, 1)),
    admitted("M-2", "C-2", date(2025, 2, 1)),
    admitted("M-3", "C-3", date(2025, 8, 1)),
    framework("D-1", date(2025, 5, 1), number="161-KH/HU"),
    framework("G-3", date(2025, 8, 1), number="12-KH/DU"),
    assessed("C-1", "2025-05", date(2025, 6, 3)),
    selected("C-2", "PILOT", date(2025, 1, 5)),
    classified("C-1", "2024", "GOOD", date(2024, 12, 20)),
)

CHANGES = (
    moved("G-1", "2025-07-01", under="P-1"),
    moved("G-3", "2025-07-01", under="P-1"),
    merged("G-2", "2025-07-01", into="G-1"),
    renamed("G-1", "Đảng ủy xã G-1", "2025-07-01"),
    dissolved("D-1", "2025-07-01"),
    dissolved("D-2", "2025-07-01"),
)


@pytest.fixture
async def completeness(pool):
    return await prepared(Completeness(pool, clock=lambda: NOW))


@pytest.fixture
async def views(tree, headcount, completeness, classes, structure, roster, officials, obligations):
    views = Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)
    deliveries = Publisher().tell(*TREE, *LIFE, *CHANGES)
    for view in views.all:
        await view.apply(deliveries)
    return views


def by_child(found):
    return [(child.code, child.count) for child in found.children]


# -- Figures


async def test_headcount_of_a_day_is_over_the_tree_of_that_day(views):
    assert 2 == (await views.headcount.on("D-1", BEFORE)).total
    assert [("D-1", 2), ("D-2", 0)] == by_child(await views.headcount.by_child("P-1", BEFORE))
    assert 0 == (await views.headcount.on("D-1", REFORM)).total
    assert [("G-1", 2), ("G-3", 0)] == by_child(await views.headcount.by_child("P-1", REFORM))


async def test_the_same_headcount_over_the_tree_of_today(views):
    assert 2 == (await views.headcount.on("G-1", BEFORE, "now")).total
    assert 0 == (await views.headcount.on("D-1", BEFORE, "now")).total
    assert 1 == (await views.headcount.on("G-1", BEFORE, "then")).total
    founding = date(2000, 1, 1)
    assert [("G-1", 0), ("G-3", 0)] == by_child(await views.headcount.by_child("P-1", founding, "now"))
    assert [("G-1", 2), ("G-3", 0)] == by_child(await views.headcount.by_child("P-1", BEFORE, "now"))


async def test_the_whole_province_has_as_many_members_before_and_after_and_over_either_tree(views):
    for day in (BEFORE, REFORM):
        then, now = [await views.headcount.on("P-1", day, structure) for structure in ("then", "now")]
        assert (2, 2) == (then.total, now.total)


async def test_a_subtree_loses_on_the_day_of_the_move_whom_it_takes_along(views):
    span = date(2024, 1, 1), date(2025, 12, 31)

    assert [(date(2024, 3, 1), 1), (date(2025, 2, 1), 2), (REFORM, 0)] == await views.headcount.series(
        "D-1", *span
    )
    assert [(date(2024, 3, 1), 1), (REFORM, 2)] == await views.headcount.series("G-1", *span)
    assert [(date(2024, 3, 1), 1), (date(2025, 2, 1), 2), (date(2025, 8, 1), 3)] == (
        await views.headcount.series("P-1", *span)
    )


async def test_admissions_stay_with_whom_the_cell_lay_beneath_on_their_day(views):
    assert (1, 0) == (
        (await views.headcount.admissions("D-1", 2025)).admitted,
        (await views.headcount.admissions("D-2", 2025)).admitted,
    )
    assert 1 == (await views.headcount.admissions("G-1", 2025, "now")).admitted
    assert [2024, 2025] == await views.headcount.years("D-1")


async def test_kinds_are_of_their_day(views):
    kinds = views.structure.counts_by_kind

    assert {"DISTRICT_COMMITTEE": 2, "GRASSROOTS_COMMITTEE": 3, "SUBORDINATE_CELL": 3} == await kinds(
        "P-1", BEFORE
    )
    assert {"GRASSROOTS_COMMITTEE": 2, "SUBORDINATE_CELL": 3} == await kinds("P-1")
    assert {"SUBORDINATE_CELL": 2} == await kinds("G-1", REFORM)
    assert {"GRASSROOTS_COMMITTEE": 1, "SUBORDINATE_CELL": 2} == await kinds("G-1", BEFORE, "now")
    assert {"G-1": 2, "G-3": 1} == await views.structure.beneath("P-1")


async def test_model_cells_are_of_their_day(views):
    assert {"PILOT": 1} == await views.structure.models("D-1", BEFORE)
    assert {} == await views.structure.models("D-1", REFORM)
    assert {"PILOT": 1} == await views.structure.models("G-1", BEFORE, "now")


async def test_what_a_month_owed_stays_with_the_district_of_that_month(views):
    months = await views.completeness.months("D-1", "2025-05", "2025-08")

    assert [("2025-05", 2, 1), ("2025-06", 2, 0), ("2025-07", 0, 0), ("2025-08", 0, 0)] == [
        (month.month, month.due, month.submitted) for month in months
    ]
    assert ["C-1", "C-2"] == await views.completeness.missing("P-1", "2025-06")


async def test_a_framework_of_an_ended_district_binds_nobody_after_its_end(views):
    assert [] == await views.completeness.missing("P-1", "2025-07")
    assert ["C-3"] == await views.completeness.missing("P-1", "2025-08")


async def test_months_are_shown_beneath_what_stood_when_the_last_of_them_ended(views):
    assert ["D-1", "D-2"] == [
        child.code for child in await views.completeness.by_child("P-1", "2025-05", "2025-06")
    ]
    assert ["G-1", "G-3"] == [
        child.code for child in await views.completeness.by_child("P-1", "2025-07", "2025-08")
    ]


async def test_classes_of_a_year_are_over_the_tree_at_its_end(views):
    of_2024 = await views.classes.distribution("D-1", 2024)

    assert (1, 3) == (of_2024.levels["GOOD"], of_2024.unclassified)
    assert 0 == (await views.classes.distribution("D-1", 2025)).unclassified
    assert (1, 3) == _spread(await views.classes.distribution("G-1", 2024, "now"))
    assert 3 == (await views.classes.distribution("G-1", 2025)).unclassified
    assert [2024] == await views.classes.years("D-1")


def _spread(distribution):
    return distribution.levels["GOOD"], distribution.unclassified


async def test_a_rebuild_of_every_view_says_the_same(views):
    messages = Publisher().tell(*TREE, *LIFE, *CHANGES)
    for view in views.all:
        copy = Copy(view)
        await copy.begin()
        fold = view.fold()
        fold.add(view.reading(one.raw for one in messages if view.folds(one.message.type)))
        await copy.write(fold, await view.positions())
        assert [0] * len(view.compared) == [one.differ for one in await copy.compare()]


# -- Over HTTP


@pytest.fixture
async def api(views, ledger):
    await ledger.apply(Publisher().tell(*TREE, *LIFE, *CHANGES))
    async with client_of(views, ledger, NOW) as client:
        yield client


async def asked(api, path, **query):
    response = await api.get(path, params=query)
    assert 200 == response.status_code, response.text
    return response.json()


async def test_an_organization_is_shown_as_of_a_day(api):
    shown = await asked(api, "/organizations/G-1", as_of="2025-06-30")

    assert ("2025-06-30", "Chi bộ G-1") == (shown["as_of"], shown["organization"]["name"])
    assert ["P-1", "D-1", "G-1"] == shown["organization"]["path"]
    assert ["C-1"] == [child["code"] for child in shown["children"]]


async def test_an_organization_is_shown_as_of_today_with_its_lineage(api):
    shown = await asked(api, "/organizations/G-1")

    assert ["P-1", "G-1"] == shown["organization"]["path"]
    assert ["C-1", "C-2"] == [child["code"] for child in shown["children"]]
    assert [{"organization": "G-2", "on": "2025-07-01"}] == shown["lineage"]["merged_from"]


async def test_one_that_ended_is_still_shown_with_what_it_became(api):
    shown = await asked(api, "/organizations/G-2")

    assert "2025-07-01" == shown["organization"]["ended_on"]
    assert {"organization": "G-1", "on": "2025-07-01"} == shown["lineage"]["merged_into"]


async def test_before_its_founding_an_organization_is_not_found(api):
    assert 404 == (await api.get("/organizations/G-1", params={"as_of": "2019-12-31"})).status_code


async def test_the_whole_tree_is_shown_as_of_a_day(api):
    tree = await asked(api, "/organizations/D-1/tree", as_of="2025-06-30")

    assert ["C-1", "C-2", "D-1", "G-1", "G-2"] == [one["code"] for one in tree]
    assert [] == await asked(api, "/organizations/D-1/tree")


async def test_structure_headcount_admissions_and_classes_take_the_switch(api):
    day = {"as_of": "2025-06-30"}

    assert {"GRASSROOTS_COMMITTEE": 2, "SUBORDINATE_CELL": 2} == (
        await asked(api, "/organizations/D-1/structure", **day)
    )["kinds"]
    assert {} == (await asked(api, "/organizations/D-1/structure", **day, structure="now"))["kinds"]
    assert 2 == (await asked(api, "/organizations/D-1/headcount", **day))["total"]
    assert 0 == (await asked(api, "/organizations/D-1/headcount", **day, structure="now"))["total"]
    admissions = await asked(api, "/organizations/D-1/admissions", year="2025", structure="now")
    assert 0 == admissions["admitted"]
    classes = await asked(api, "/organizations/D-1/classes", year="2024", structure="now")
    assert 0 == classes["distribution"]["levels"]["GOOD"]
    wrong = await api.get("/organizations/D-1/headcount", params={"structure": "sometime"})
    assert 422 == wrong.status_code


async def test_what_was_known_then_is_shown(api):
    known_at = "2024-01-01T00:00:20Z"  # the nine foundings are recorded by 18 s, nothing of the reform
    shown = await asked(api, "/organizations/G-1", known_at=known_at)

    assert ["P-1", "D-1", "G-1"] == shown["organization"]["path"]
    assert (["C-1"], {"SUBORDINATE_CELL": 1}) == (
        [child["code"] for child in shown["children"]],
        shown["kinds"],
    )
    assert [] == shown["lineage"]["merged_from"]
    tree = await asked(api, "/organizations/D-1/tree", known_at=known_at)
    assert ["C-1", "C-2", "D-1", "G-1", "G-2"] == [one["code"] for one in tree]
    unknown = await api.get("/organizations/G-1", params={"known_at": "2023-01-01T00:00:00Z"})
    assert 404 == unknown.status_code


async def test_rights_follow_todays_tree(api):
    district, commune = bearer("officer", "D-1"), bearer("officer", "G-1")

    assert 403 == (await api.get("/organizations/G-1", headers=district)).status_code
    assert 200 == (await api.get("/organizations/C-2", headers=commune)).status_code


# -- Replay


async def test_a_state_has_the_name_and_the_parent_of_its_day(api, views, ledger):
    replay = Replay(ledger, views.tree, views.headcount)
    before, after = [await replay.state("G-1", day) for day in (BEFORE, REFORM)]

    assert ("Chi bộ G-1", "D-1") == (before.name, before.parent)
    assert ("Đảng ủy xã G-1", "P-1") == (after.name, after.parent)
    assert "G-1" == (await replay.state("C-2", REFORM)).parent
    assert (
        REFORM == (await replay.state("G-2", REFORM)).ended_on == (await replay.state("D-1", REFORM)).ended_on
    )


async def test_the_framework_in_force_is_of_whom_it_lay_beneath_that_day(api, views, ledger):
    replay = Replay(ledger, views.tree, views.headcount)

    assert "161-KH/HU" == (await replay.state("C-1", BEFORE)).framework.number
    assert None is (await replay.state("C-1", REFORM)).framework


async def test_a_state_as_it_was_known_has_the_parent_that_was_known(api):
    stood = await asked(api, "/cells/G-1/state", as_of=str(REFORM), known_at="2024-01-01T00:00:20Z")

    assert ("Chi bộ G-1", "D-1") == (stood["name"], stood["parent"])


async def test_a_split_is_lineage_and_moves_nobody(views):
    publisher = Publisher()
    publisher.tell(*TREE, *LIFE, *CHANGES)
    news = publisher.tell(founded("C-9", parent="G-1"), split("C-1", "2025-09-01", "C-9"))
    for view in (views.tree, views.headcount):
        await view.apply(news)

    assert ["C-9"] == [one.organization for one in (await views.tree.lineage("C-1")).split_into]
    assert 1 == (await views.headcount.on("C-1", date(2025, 9, 1))).total
