"""The views on real PostgreSQL: figures by hand, the same whatever the order and however often told."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.views import Admissions, ChildMonths, Month
from services.reporting.views.completeness import deadline_of, months_between
from tests.reporting.story import (
    Publisher,
    admitted,
    assessed,
    classified,
    corrected,
    founded,
    framework,
    restated,
    resubmitted,
    returned,
    selected,
    target,
    told,
)

PROVINCE = founded("P-1", "PROVINCIAL_COMMITTEE")
DISTRICT = founded("D-1", "DISTRICT_COMMITTEE", "P-1")
OTHER = founded("D-2", "DISTRICT_COMMITTEE", "P-1")
COMMITTEE = founded("G-1", "GRASSROOTS_COMMITTEE", "D-1")
CELL = founded("C-1", "SUBORDINATE_CELL", "G-1")
SECOND = founded("C-2", "SUBORDINATE_CELL", "G-1", on=date(2024, 6, 15))
GRASSROOTS_CELL = founded("C-3", "GRASSROOTS_CELL", "D-2")
TREE = (PROVINCE, DISTRICT, OTHER, COMMITTEE, CELL, SECOND, GRASSROOTS_CELL)


# -- Headcount


@pytest.fixture
async def counted(headcount):
    await headcount.apply(
        told(
            *TREE,
            admitted("M-1", "C-1", date(2020, 2, 3)),
            admitted("M-2", "C-1", date(2024, 3, 1), "PROBATIONARY"),
            admitted("M-3", "C-2", date(2024, 7, 1)),
            admitted("M-4", "G-1", date(2024, 7, 1)),
            admitted("M-5", "C-3", date(2023, 12, 31)),
            target("D-1", "2024", 2),
        )
    )
    return headcount


async def test_a_member_counts_from_the_day_of_the_ceremony(counted):
    assert (1, 0) == _pair(await counted.on("C-1", date(2024, 2, 29)))
    assert (1, 1) == _pair(await counted.on("C-1", date(2024, 3, 1)))


async def test_a_committee_counts_its_whole_subtree_and_nobody_elses(counted):
    assert 4 == (await counted.on("D-1", date(2024, 12, 31))).total
    assert 5 == (await counted.on("P-1", date(2024, 12, 31))).total
    assert 0 == (await counted.on("X-1", date(2024, 12, 31))).total


async def test_children_are_counted_each_with_its_subtree(counted):
    of_all, of_one = [
        await counted.by_child(code, date(2024, month, 30)) for code, month in (("P-1", 12), ("G-1", 6))
    ]

    assert [("D-1", 4), ("D-2", 1)] == [(child.code, child.count) for child in of_all.children]
    assert [("C-1", 2), ("C-2", 0)] == [(child.code, child.count) for child in of_one.children]


async def test_all_together_count_those_of_the_committee_itself_too(counted):
    found = await counted.by_child("G-1", date(2024, 12, 31))

    assert (4, 3) == (found.count.total, sum(child.count for child in found.children))
    assert found.count == await counted.on("G-1", date(2024, 12, 31))


async def test_a_series_names_the_days_on_which_the_number_changed(counted):
    assert [(date(2023, 12, 31), 2), (date(2024, 3, 1), 3), (date(2024, 7, 1), 5)] == await counted.series(
        "P-1", date(2023, 1, 1), date(2024, 12, 31)
    )


async def test_admissions_of_a_year_stand_against_that_years_target(counted):
    of_2024 = await counted.admissions("D-1", 2024)

    assert (3, 2, Decimal("150.00")) == (of_2024.admitted, of_2024.target, of_2024.percent)
    assert (1, None, None) == _figures(await counted.admissions("P-1", 2023))


async def test_the_later_target_of_a_year_stands(headcount):
    await headcount.apply(told(*TREE, target("D-1", "2024", 2), target("D-1", "2024", 0)))

    assert (0, 0, None) == _figures(await headcount.admissions("D-1", 2024))


@pytest.mark.parametrize(
    ("admitted", "target", "percent", "met", "exceeded"),
    [
        (2_070, 1_980, "104.55", True, True),
        (1_980, 1_980, "100.00", True, False),
        (1_979, 1_980, "99.95", False, False),
        (3, 2_000, "0.15", False, False),
    ],
)
def test_admissions_meet_their_target_or_exceed_it(admitted, target, percent, met, exceeded):
    of_2024 = Admissions(2024, admitted, target)

    assert (Decimal(percent), met, exceeded) == (of_2024.percent, of_2024.met, of_2024.exceeded)


@pytest.mark.parametrize("target", [None, 0])
def test_without_a_target_there_is_nothing_to_meet(target):
    of_2024 = Admissions(2024, 5, target)

    assert (None, None, None) == (of_2024.percent, of_2024.met, of_2024.exceeded)


async def test_years_with_admissions_or_a_target_are_known(counted):
    assert [2020, 2024] == await counted.years("D-1")


def _pair(count):
    return count.full, count.probationary


def _figures(admissions):
    return admissions.admitted, admissions.target, admissions.percent


# -- Completeness


MONTHLY = framework("P-1", date(2024, 5, 19))


async def test_a_cell_owes_from_the_month_in_which_the_framework_took_effect(completeness):
    await completeness.apply(told(*TREE, MONTHLY))

    assert [("2024-04", 0), ("2024-05", 2), ("2024-06", 3)] == [
        (month.month, month.due) for month in await completeness.months("P-1", "2024-04", "2024-06")
    ]


async def test_a_cell_owes_from_the_month_in_which_it_was_founded(completeness):
    await completeness.apply(told(*TREE, MONTHLY))

    assert [0, 1] == [month.due for month in await completeness.months("C-2", "2024-05", "2024-06")]


async def test_a_framework_binds_only_the_subtree_of_its_issuer(completeness):
    await completeness.apply(told(*TREE, framework("D-1", date(2024, 1, 1))))

    assert 2 == (await completeness.months("P-1", "2024-07", "2024-07"))[0].due
    assert 0 == (await completeness.months("D-2", "2024-07", "2024-07"))[0].due


async def test_a_yearly_framework_asks_for_no_month(completeness):
    await completeness.apply(told(*TREE, framework("P-1", date(2024, 1, 1), period="YEAR")))

    assert 0 == (await completeness.months("P-1", "2024-07", "2024-07"))[0].due


async def test_on_the_fifth_of_the_next_month_it_is_on_time_and_on_the_sixth_late(completeness):
    await completeness.apply(
        told(
            *TREE,
            MONTHLY,
            assessed("C-1", "2024-10", date(2024, 11, 5)),
            assessed("C-2", "2024-10", date(2024, 11, 6), four_good=False),
        )
    )

    october = Month("2024-10", due=3, submitted=2, late=1, missing=1, four_good=1)
    assert [october] == await completeness.months("P-1", "2024-10", "2024-10")
    assert ["C-3"] == await completeness.missing("P-1", "2024-10")
    assert [] == await completeness.missing("D-1", "2024-10")


async def test_nothing_is_missing_before_its_deadline_and_nothing_owed_for_months_to_come(completeness):
    await completeness.apply(told(*TREE, MONTHLY))

    assert [Month("2024-11", due=3, missing=3), Month("2024-12", due=3), Month("2025-01")] == (
        await completeness.months("P-1", "2024-11", "2025-01")
    )


async def test_a_correction_changes_the_result_and_not_the_day(completeness):
    await completeness.apply(
        told(
            *TREE,
            MONTHLY,
            assessed("C-1", "2024-10", date(2024, 10, 31), four_good=True),
            corrected("C-1", "2024-10", date(2024, 11, 20), four_good=False),
        )
    )

    assert [Month("2024-10", due=1, submitted=1)] == await completeness.months("C-1", "2024-10", "2024-10")


async def test_a_correction_in_a_later_batch_does_the_same(completeness):
    publisher = Publisher()
    await completeness.apply(publisher.tell(*TREE, MONTHLY, assessed("C-1", "2024-10", date(2024, 10, 31))))
    await completeness.apply(publisher.tell(corrected("C-1", "2024-10", date(2024, 11, 20), four_good=False)))

    assert [Month("2024-10", due=1, submitted=1)] == await completeness.months("C-1", "2024-10", "2024-10")


async def test_an_answer_to_a_return_and_a_restatement_change_the_result_but_not_the_day(completeness):
    publisher = Publisher()
    await completeness.apply(
        publisher.tell(
            *TREE,
            MONTHLY,
            assessed("C-1", "2024-10", date(2024, 10, 31), four_good=False),
            returned("C-1", "2024-10", date(2024, 11, 8)),
            resubmitted("C-1", "2024-10", date(2024, 11, 11), four_good=True),
        )
    )
    answered = await completeness.months("C-1", "2024-10", "2024-10")
    await completeness.apply(publisher.tell(restated("C-1", "2024-10", date(2024, 12, 2), four_good=False)))

    assert [Month("2024-10", due=1, submitted=1, four_good=1)] == answered
    assert [Month("2024-10", due=1, submitted=1)] == await completeness.months("C-1", "2024-10", "2024-10")


@pytest.mark.parametrize("batches", [1, 2])
async def test_a_version_told_late_does_not_replace_one_that_is_dated_after_it(completeness, batches):
    publisher = Publisher()
    newest = restated("C-1", "2024-10", date(2024, 12, 2), four_good=True)
    late = corrected("C-1", "2024-10", date(2024, 11, 3), four_good=False)
    story = (*TREE, MONTHLY, assessed("C-1", "2024-10", date(2024, 10, 31)), newest)
    for told_together in ([*story, late],) if batches == 1 else (story, [late]):
        await completeness.apply(publisher.tell(*told_together))

    months = await completeness.months("C-1", "2024-10", "2024-10")
    assert [Month("2024-10", due=1, submitted=1, four_good=1)] == months


async def test_what_is_assessed_by_year_or_without_being_owed_is_not_counted(completeness):
    await completeness.apply(
        told(
            *TREE,
            MONTHLY,
            assessed("C-1", "2024", date(2024, 12, 20)),
            assessed("G-1", "2024-10", date(2024, 10, 31)),
            assessed("C-2", "2024-04", date(2024, 4, 30)),
        )
    )

    assert [0, 0] == [
        (await completeness.months("P-1", month, month))[0].submitted for month in ("2024-10", "2024-04")
    ]


async def test_the_heat_map_has_a_row_for_each_child_and_a_square_for_each_month(completeness):
    await completeness.apply(told(*TREE, MONTHLY, assessed("C-1", "2024-05", date(2024, 5, 31))))

    district, other = await completeness.by_child("P-1", "2024-05", "2024-06")

    assert (
        ChildMonths(
            "D-1",
            "Chi bộ D-1",
            "DISTRICT_COMMITTEE",
            (Month("2024-05", due=1, submitted=1, four_good=1), Month("2024-06", due=2, missing=2)),
        )
        == district
    )
    assert (Month("2024-05", due=1, missing=1), Month("2024-06", due=1, missing=1)) == other.months


async def test_years_of_self_assessment_are_known(completeness):
    await completeness.apply(told(*TREE, MONTHLY, assessed("C-1", "2024-05", date(2024, 5, 31))))

    assert [2024] == await completeness.years("P-1")
    assert [] == await completeness.years("D-2")


def test_the_deadline_of_december_is_in_the_next_year():
    assert date(2025, 1, 5) == deadline_of("2024-12")
    assert date(2024, 2, 5) == deadline_of("2024-01")


def test_months_between_two_are_both_included_and_bounded():
    assert ["2023-12", "2024-01"] == months_between("2023-12", "2024-01")
    assert [] == months_between("2024-01", "2023-12")
    assert 240 == len(months_between("1930-02", "2100-12"))


# -- Classes and structure


async def test_classes_of_a_subtree_are_spread_over_levels_and_the_rest_is_unclassified(classes):
    await classes.apply(
        told(
            *TREE,
            classified("C-1", "2024", "EXCELLENT", date(2024, 12, 20)),
            classified("C-2", "2024", "GOOD", date(2024, 12, 20), four_good=False),
            classified("C-1", "2023", "GOOD", date(2023, 12, 20)),
        )
    )

    spread = await classes.distribution("P-1", 2024)

    assert {"EXCELLENT": 1, "GOOD": 1, "COMPLETED": 0, "NOT_COMPLETED": 0} == spread.levels
    assert (1, 2) == (spread.four_good, spread.unclassified)
    assert 1 == (await classes.distribution("G-1", 2023)).levels["GOOD"]
    assert [2023, 2024] == await classes.years("P-1")


async def test_what_was_founded_after_the_year_is_not_unclassified_in_it(classes):
    await classes.apply(told(*TREE))

    assert 3 == (await classes.distribution("P-1", 2023)).unclassified
    assert 4 == (await classes.distribution("P-1", 2024)).unclassified


async def test_a_later_decision_about_the_same_year_replaces_the_earlier(classes):
    publisher = Publisher()
    await classes.apply(publisher.tell(*TREE, classified("C-1", "2024", "GOOD", date(2024, 12, 20))))
    await classes.apply(publisher.tell(classified("C-1", "2024", "EXCELLENT", date(2025, 1, 20))))

    (only,) = await classes.of("C-1")

    assert ("2024", "EXCELLENT", Decimal("92.50"), 2) == (only.year, only.level, only.score, only.events)
    assert ("score 92.50 of 100",) == only.reasons


async def test_a_subtree_is_counted_by_kind_without_its_head(structure):
    await structure.apply(told(*TREE))

    assert {
        "DISTRICT_COMMITTEE": 2,
        "GRASSROOTS_CELL": 1,
        "GRASSROOTS_COMMITTEE": 1,
        "SUBORDINATE_CELL": 2,
    } == await structure.counts_by_kind("P-1")
    assert {} == await structure.counts_by_kind("C-1")
    assert {"D-1": 3, "D-2": 1} == await structure.beneath("P-1")


async def test_selected_cells_are_counted_from_their_day(structure):
    await structure.apply(
        told(*TREE, selected("C-1", "PILOT", date(2023, 1, 1)), selected("C-3", "MODEL", date(2024, 6, 28)))
    )

    assert {"PILOT": 1} == await structure.models("P-1", date(2024, 6, 27))
    assert {"MODEL": 1, "PILOT": 1} == await structure.models("P-1", date(2024, 6, 28))


# -- However it is told


STORY = (
    *TREE,
    admitted("M-1", "C-1", date(2020, 2, 3)),
    admitted("M-2", "C-2", date(2024, 7, 1)),
    target("P-1", "2024", 4),
    MONTHLY,
    framework("D-2", date(2024, 2, 1), number="7-HD/HU"),
    assessed("C-1", "2024-05", date(2024, 6, 5)),
    assessed("C-2", "2024-06", date(2024, 7, 9)),
    corrected("C-2", "2024-06", date(2024, 7, 20), four_good=False),
    assessed("C-3", "2024-02", date(2024, 3, 1)),
    selected("C-1", "PILOT", date(2024, 6, 1)),
    classified("C-1", "2024", "GOOD", date(2024, 12, 20)),
)


async def answers(headcount, completeness, classes, structure):
    """Return everything the views say about the story."""
    return (
        await headcount.by_child("P-1", date(2024, 12, 31)),
        await headcount.series("P-1", date(2020, 1, 1), date(2024, 12, 31)),
        await headcount.admissions("P-1", 2024),
        await completeness.months("P-1", "2024-01", "2024-12"),
        await completeness.by_child("P-1", "2024-01", "2024-12"),
        await completeness.missing("P-1", "2024-06"),
        await classes.distribution("P-1", 2024),
        await classes.of("C-1"),
        await structure.models("P-1", date(2024, 12, 31)),
        await structure.counts_by_kind("P-1"),
    )


@pytest.fixture
def views(headcount, completeness, classes, structure):
    return headcount, completeness, classes, structure


async def tell(views, deliveries, size):
    """Tell the views everything, in batches of `size`."""
    for view in views:
        for start in range(0, len(deliveries), size):
            await view.apply(deliveries[start : start + size])


async def forget(views):
    for view in views:
        await view.prepare()  # what it passed over is not to be written into the emptied tables
        async with view.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT string_agg(format('%%I.%%I', schemaname, tablename), ', ') AS tables"
                " FROM pg_tables WHERE schemaname = %s AND tablename <> 'about'",
                (view.name,),
            )
            await connection.execute(f"TRUNCATE {(await cursor.fetchone())['tables']}")


@pytest.fixture
async def in_order(views):
    """What the views answer when everything is told at once, in the order in which it happened."""
    await tell(views, told(*STORY), size=len(STORY))
    return await answers(*views)


def interleaved(deliveries, sources):
    """Return `deliveries` with the services taking turns as in `sources`; each keeps its own order."""
    waiting = {source: [d for d in deliveries if d.message.source == source] for source in set(sources)}
    return [waiting[source].pop(0) for source in sources]


IN_ORDER = [event.type.partition(".")[0] for event in STORY]


@given(sources=st.permutations(IN_ORDER), size=st.integers(1, len(STORY)))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_of_arrival_across_services_gives_the_same_answers(views, in_order, sources, size):
    await forget(views)
    await tell(views, interleaved(told(*STORY), sources), size)

    assert in_order == await answers(*views)


async def test_what_is_told_twice_counts_once(views):
    await tell(views, told(*STORY), size=4)
    once = await answers(*views)

    await tell(views, told(*STORY), size=3)

    assert once == await answers(*views)
