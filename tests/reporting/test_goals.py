"""Which share should be good or better, and how many that is: exact, whatever the numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.shares import needed_of
from services.reporting.views import Classes
from tests.logs import prepared
from tests.reporting.story import Publisher, classified, founded, share, told

pytestmark = pytest.mark.anyio

TREE = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("C-1", "GRASSROOTS_CELL", "P-1"),
    founded("C-2", "GRASSROOTS_CELL", "P-1"),
    founded("C-3", "GRASSROOTS_CELL", "P-1"),
    founded("C-4", "GRASSROOTS_CELL", "P-1"),
)
GOOD = [classified(code, "2024", "GOOD", date(2024, 12, 20)) for code in ("C-1", "C-2")]
EXCELLENT = classified("C-3", "2024", "EXCELLENT", date(2024, 12, 20))


@pytest.fixture
async def classes(pool):
    return await prepared(Classes(pool))


@pytest.mark.parametrize(
    ("percent", "whole", "needed"),
    [("75", 698, 524), ("75", 696, 522), ("100", 698, 698), ("0", 698, 0), ("66.67", 3, 3), ("20", 11, 3)],
)
def test_a_share_asks_for_as_many_as_reach_it(percent, whole, needed):
    assert needed == needed_of(Decimal(percent), whole)


@given(st.decimals(0, 100, places=2), st.integers(0, 1_000_000))
def test_what_is_needed_reaches_the_share_and_one_less_does_not(percent, whole):
    asked = Fraction(percent) * whole / 100

    assert asked <= needed_of(percent, whole) < asked + 1


async def test_three_of_four_are_75_percent(classes):
    await classes.apply(told(*TREE, share("P-1", "2024", "75"), *GOOD, EXCELLENT))

    goal = await classes.goal("P-1", 2024)

    assert (Decimal(75), 4, 3, 3, True) == (goal.percent, goal.base, goal.needed, goal.reached, goal.met)


async def test_who_is_not_classified_yet_is_not_good_yet(classes):
    await classes.apply(told(*TREE, share("P-1", "2024", "75"), *GOOD))

    goal = await classes.goal("P-1", 2024)

    assert (4, 3, 2, False) == (goal.base, goal.needed, goal.reached, goal.met)


async def test_a_share_set_anew_replaces_the_first_in_its_year_only(classes):
    publisher = Publisher()
    await classes.apply(publisher.tell(*TREE, share("P-1", "2024", "75"), share("P-1", "2025", "80")))
    await classes.apply(publisher.tell(share("P-1", "2024", "77.5")))

    assert Decimal("77.5") == (await classes.goal("P-1", 2024)).percent
    assert Decimal(80) == (await classes.goal("P-1", 2025)).percent


async def test_without_a_share_there_is_no_goal_and_coverage_is_another_measure(classes):
    await classes.apply(told(*TREE, share("P-1", "2024", "100", "COVERAGE")))

    assert await classes.goal("P-1", 2024) is None


async def test_where_there_is_nothing_to_classify_nothing_is_met_or_missed(classes):
    await classes.apply(told(*TREE, share("P-1", "2019", "75")))

    goal = await classes.goal("P-1", 2019)

    assert (0, 0, None) == (goal.base, goal.needed, goal.met)


async def test_a_share_of_a_province_is_of_grassroots_organizations_and_one_within_them_of_their_parts(
    classes,
):
    await classes.apply(
        told(
            *TREE,
            founded("G-1", "GRASSROOTS_COMMITTEE", "P-1"),
            *(founded(f"S-{n}", "SUBORDINATE_CELL", "G-1") for n in (1, 2, 3)),
            share("P-1", "2024", "75"),
            share("G-1", "2024", "75"),
            classified("S-1", "2024", "GOOD", date(2024, 12, 20)),
            classified("G-1", "2024", "GOOD", date(2024, 12, 20)),
        )
    )
    whole, within = [await classes.goal(code, 2024) for code in ("P-1", "G-1")]

    assert (5, 4, 1) == (whole.base, whole.needed, whole.reached)
    assert (3, 3, 1) == (within.base, within.needed, within.reached)
