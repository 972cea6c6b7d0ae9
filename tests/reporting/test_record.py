"""The record of an organization, told of the reform of 2025: any day of it, over the tree then or now."""

from datetime import date

import pytest

from contracts.registry import OfficialAppointed
from services.chassis.clock import utc_now
from services.chassis.parked import ParkingLot
from services.reporting.console import record as records
from services.reporting.console.answers import Answers
from services.reporting.console.pages import Asked
from services.reporting.console.record import record
from services.reporting.console.texts import load
from services.reporting.known import Known
from services.reporting.replay import Replay
from services.reporting.views import Count, Views
from tests.reporting.story import Publisher, founded, share, target
from tests.reporting.test_reform import BEFORE, CHANGES, LIFE, REFORM, TREE
from tests.telling import split

TODAY = date(2025, 12, 31)
DECIDED = {"number": "118-QĐ/HU", "date": date(2022, 6, 10)}
SECRETARY = OfficialAppointed(
    organization="G-1", member="M-1", position="SECRETARY", from_on=date(2025, 1, 2), decision=DECIDED
)
STORY = (
    *TREE,
    *LIFE,
    *CHANGES,
    SECRETARY,
    target("P-1", "2024", 2),
    share("P-1", "2025", "75"),
    share("P-1", "2025", "100", "COVERAGE"),
    founded("C-9", parent="G-1", on=date(2025, 9, 1)),
    split("C-1", "2025-09-01", "C-9"),
)


@pytest.fixture
async def shown(
    tree, headcount, completeness, classes, structure, roster, officials, obligations, ledger, pool
):
    """Return a function: the record of an organization, asked for in some way."""
    views = Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)
    deliveries = Publisher().tell(*STORY)
    for view in views.all:
        await view.apply(deliveries)
    answers = Answers(Known(views, ledger, utc_now), Replay(ledger, tree, headcount), ParkingLot(pool), dict)

    async def shown(code, **asked):
        node = await answers.find(code)
        return await record(answers, node, Asked(**asked), today=TODAY, texts=load("en"))

    return shown


def drawn(branches):
    return {one.node.code: drawn(one.branches) for one in branches}


async def test_a_tree_is_of_its_day(shown):
    before, after = await shown("P-1", on=BEFORE), await shown("P-1", on=REFORM)

    assert {"D-1": {"G-1": {"C-1": {}}, "G-2": {"C-2": {}}}, "D-2": {"G-3": {"C-3": {}}}} == drawn(
        before["tree"]
    )
    assert {"G-1": {"C-1": {}, "C-2": {}}, "G-3": {"C-3": {}}} == drawn(after["tree"])
    assert {"DISTRICT_COMMITTEE": 2, "GRASSROOTS_COMMITTEE": 3, "SUBORDINATE_CELL": 3} == before["kinds"]


async def test_the_members_of_a_day_are_shown_over_the_tree_of_today(shown):
    now = await shown("P-1", on=BEFORE, structure="now")

    assert {"G-1": {"C-1": {}, "C-2": {}, "C-9": {}}, "G-3": {"C-3": {}}} == drawn(now["tree"])
    assert [("G-1", 2), ("G-3", 0)] == [(one.node.code, one.count.total) for one in now["tree"]]
    assert Count(2, 0) == now["members"]


async def test_what_has_become_of_a_branch_since_is_said(shown):
    district = (await shown("P-1", on=BEFORE))["tree"][0]
    kept, merged = district.branches

    assert (REFORM, "P-1") == (district.now.ended_on, district.into.code)
    assert (None, "P-1") == (kept.now.ended_on, kept.into.code)
    assert (REFORM, "G-1") == (merged.now.ended_on, merged.into.code)
    assert None is kept.branches[0].now


async def test_a_branch_has_the_members_and_the_number_of_what_lies_beneath(shown):
    district = (await shown("P-1", on=BEFORE))["tree"][0]

    assert (2, 4) == (district.count.total, district.size)


async def test_a_large_tree_ends_at_the_last_level_that_fits(shown, monkeypatch):
    monkeypatch.setattr(records, "BRANCHES_MAX", 5)
    tree = (await shown("P-1", on=BEFORE))["tree"]

    assert {"D-1": {"G-1": {}, "G-2": {}}, "D-2": {"G-3": {}}} == drawn(tree)
    assert 1 == tree[0].branches[0].size


async def test_a_record_names_who_led_on_that_day(shown):
    assert ["M-1"] == [one.member for one in (await shown("G-1", on=BEFORE))["officials"]]
    assert [] == (await shown("G-1", on=date(2024, 12, 31)))["officials"]


async def test_a_record_has_the_name_and_the_ancestors_of_the_day(shown):
    page = await shown("G-1", on=BEFORE)

    assert ("Đảng ủy xã G-1", "Chi bộ G-1") == (page["node"].name, page["then"].name)
    assert ["P-1", "D-1", "G-1"] == [one.code for one in page["ancestors"]]


async def test_names_and_places_of_the_past_are_listed_the_latest_first(shown):
    past = (await shown("G-1"))["past"]

    assert [(REFORM, None, "P-1"), (date(2020, 1, 1), REFORM, "D-1")] == [
        (one.from_on, one.until_on, one.parent) for one in past
    ]
    assert [True] == [one.stands for one in (await shown("C-1"))["past"]]
    assert [False, True] == [one.stands for one in (await shown("G-2"))["past"]]


async def test_lineage_is_told_from_both_sides(shown):
    assert [("merged_from", "G-2", REFORM)] == await kin(shown, "G-1")
    assert [("merged_into", "G-1", REFORM)] == await kin(shown, "G-2")
    assert [("split_into", "C-9", date(2025, 9, 1))] == await kin(shown, "C-1")
    assert [("split_from", "C-1", date(2025, 9, 1))] == await kin(shown, "C-9")


async def kin(shown, code):
    return [(one.how, one.code, one.on) for one in (await shown(code))["kin"]]


async def test_targets_are_shown_by_year_the_latest_first(shown):
    of_2025, of_2024 = (await shown("P-1"))["goals"]

    assert (2025, 75, 100) == (of_2025.year, of_2025.good_or_better.percent, of_2025.coverage)
    assert (2024, 1, 2) == (of_2024.year, of_2024.admissions.admitted, of_2024.admissions.target)


async def test_a_reader_steps_from_change_to_change(shown):
    page = await shown("P-1", on=REFORM)

    assert (date(2020, 1, 1), date(2025, 9, 1)) == (page["earlier"], page["later"])
    assert None is (await shown("P-1"))["later"]


async def test_a_day_outside_the_life_of_the_record_is_the_nearest_in_it(shown):
    assert date(2020, 1, 1) == (await shown("P-1", on=date(1990, 1, 1)))["on"]
    assert TODAY == (await shown("P-1", on=date(2090, 1, 1)))["on"]
