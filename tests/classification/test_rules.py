"""What the rules of 366-QĐ/TW make of a year, at and around every threshold."""

from decimal import Decimal

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st
from pydantic import ValidationError

from services.classification.application import read_packs
from services.classification.rules import (
    OwnRecord,
    Pack,
    Report,
    ScoreOutOfScale,
    Shortcomings,
    Tasks,
    evaluate,
)

PACK = read_packs()["366-QĐ/TW"]
LEVELS = [band.level for band in PACK.levels]
MONTHS = tuple(f"2024-{month:02}" for month in range(1, 13))
TWELVE_GOOD = OwnRecord(due=MONTHS, months=dict.fromkeys(MONTHS, True))


def report(score="95", *, done=100, late=0, above=30, disciplined=0, found=0, remedied=0) -> Report:
    """A year of 100 tasks. Of the score, up to 30 points are common."""
    common = min(Decimal(score), Decimal(30))
    return Report(
        common_score=common,
        results_score=Decimal(score) - common,
        tasks=Tasks(assigned=100, done=done, late=late, above_requirement=above),
        disciplined=disciplined,
        shortcomings=Shortcomings(found=found, remedied=remedied),
    )


def level(*args, **kwargs) -> str:
    return evaluate(PACK, report(*args, **kwargs), OwnRecord()).level


def reasons(*args, **kwargs) -> str:
    return "\n".join(evaluate(PACK, report(*args, **kwargs), OwnRecord()).reasons)


# -- Bands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("100", "EXCELLENT"),
        ("90", "EXCELLENT"),
        ("89.99", "GOOD"),
        ("70", "GOOD"),
        ("69.99", "COMPLETED"),
        ("50", "COMPLETED"),
        ("49.99", "NOT_COMPLETED"),
        ("0", "NOT_COMPLETED"),
    ],
)
def test_a_score_whose_conditions_hold_has_the_level_of_its_band(score, expected):
    assert expected == level(score)


# -- Each condition drops a level ------------------------------------------------------------------


def test_ninety_points_with_29_percent_above_requirement_are_not_excellent():
    assert "GOOD" == level("90", above=29)


def test_thirty_percent_above_requirement_is_enough():
    assert "EXCELLENT" == level("90", above=30)


def test_a_disciplined_unit_or_leader_bars_excellent():
    assert "GOOD" == level("95", disciplined=1)


def test_one_earlier_shortcoming_left_unremedied_bars_excellent():
    assert "GOOD" == level("95", found=3, remedied=2)


def test_all_earlier_shortcomings_remedied_do_not_bar_excellent():
    assert "EXCELLENT" == level("95", found=3, remedied=3)


def test_one_late_task_drops_excellent_past_good_to_completed():
    assert "COMPLETED" == level("95", late=1)


def test_twenty_percent_late_is_still_completed():
    assert "COMPLETED" == level("60", late=20)


def test_more_than_twenty_percent_late_is_not_completed():
    report_of_1000 = report("60").model_copy(
        update={"tasks": Tasks(assigned=1000, done=1000, late=201, above_requirement=0)}
    )

    assert "NOT_COMPLETED" == evaluate(PACK, report_of_1000, OwnRecord()).level


def test_one_task_not_done_is_not_completed_whatever_the_score():
    assert "NOT_COMPLETED" == level("100", done=99)


def test_thresholds_compare_exact_fractions_not_rounded_percentages():
    """2,999 of 10,000 is shown as 29.99 %; 29,999 of 100,000 would be shown as 30.00 % and is not enough."""
    nearly = report("95").model_copy(
        update={"tasks": Tasks(assigned=100_000, done=100_000, late=0, above_requirement=29_999)}
    )

    assert "GOOD" == evaluate(PACK, nearly, OwnRecord()).level


# -- Reasons ---------------------------------------------------------------------------------------


def test_the_reasons_name_the_score_the_failed_condition_and_its_source():
    said = reasons("90", above=29)

    assert "score 90: at least 90, so EXCELLENT is in reach" in said
    assert "not EXCELLENT: tasks_above_requirement_pct is 29.00, must be >= 30 (366-QĐ/TW art. 11" in said
    assert "GOOD: all 2 conditions hold" in said


def test_a_score_beyond_the_scale_of_its_part_is_refused():
    beyond = report("95").model_copy(update={"common_score": Decimal("30.5")})

    with pytest.raises(ScoreOutOfScale, match=r"30.5 \+ 65: at most 30 \+ 70"):
        evaluate(PACK, beyond, OwnRecord())


@whatever(
    score=st.decimals(0, 100, places=2),
    done=st.integers(0, 100),
    late=st.integers(0, 100),
    disciplined=st.integers(0, 3),
    found=st.integers(0, 3),
)
def test_no_report_earns_more_than_its_score_and_a_better_report_never_earns_less(
    score, done, late, disciplined, found
):
    worse = LEVELS.index(level(score, done=done, late=late, above=0, disciplined=disciplined, found=found))
    better = LEVELS.index(level(score, done=100, late=0, above=100, disciplined=0, found=0))

    assert better <= worse
    assert PACK.levels[worse].score_min <= score


# -- Four-good -------------------------------------------------------------------------------------


def four_good(record: OwnRecord) -> bool:
    return evaluate(PACK, report(), record).four_good


def why(record: OwnRecord) -> str:
    return evaluate(PACK, report(), record).reasons[-1]


def test_twelve_four_good_months_make_a_four_good_year():
    assert four_good(TWELVE_GOOD)
    assert "four-good: 12 of 12 due months submitted, 12 of them four-good" == why(TWELVE_GOOD)


def test_eleven_of_twelve_due_months_do_not_and_the_missing_one_is_named():
    eleven = OwnRecord(due=MONTHS, months=dict.fromkeys(MONTHS[:-1], True))

    assert not four_good(eleven)
    assert why(eleven).endswith("missing 2024-12")


def test_one_month_lacking_a_good_is_enough_to_lose_the_year():
    one_lacks = OwnRecord(due=MONTHS, months=dict.fromkeys(MONTHS, True) | {"2024-07": False})

    assert not four_good(one_lacks)
    assert why(one_lacks).endswith("not in 2024-07")


def test_a_month_that_cannot_say_whether_it_is_four_good_is_not():
    assert not four_good(OwnRecord(due=MONTHS, months=dict.fromkeys(MONTHS, True) | {"2024-07": None}))


def test_months_before_the_framework_bound_the_cell_are_not_asked_for():
    assert four_good(OwnRecord(due=MONTHS[4:], months=dict.fromkeys(MONTHS[4:], True)))


def test_one_yearly_submission_decides_where_the_framework_is_yearly():
    assert four_good(OwnRecord(yearly=True))
    assert not four_good(OwnRecord(yearly=False))


def test_a_cell_that_never_assessed_itself_is_not_four_good():
    assert not four_good(OwnRecord())


# -- The pack as data ------------------------------------------------------------------------------


def test_every_rule_of_the_pack_names_its_source_and_legal_tag():
    rules = [*PACK.levels, *(c for band in PACK.levels for c in band.conditions)]
    rules += [PACK.earliest_on, PACK.scale, PACK.drop, PACK.four_good]

    assert all(rule.source and rule.legal_tag for rule in rules)


def test_another_version_of_a_pack_may_ask_for_something_else():
    data = PACK.model_dump(mode="json")
    data["version"] = "2025-08-30.2"
    data["levels"][0]["conditions"][2]["value"] = "25"

    assert "EXCELLENT" == evaluate(Pack.model_validate(data), report("90", above=25), OwnRecord()).level


def test_a_pack_whose_last_level_does_not_take_what_is_left_is_not_read():
    data = PACK.model_dump(mode="json")
    data["levels"][-1]["score_min"] = "10"

    with pytest.raises(ValidationError, match="levels go down to 0"):
        Pack.model_validate(data)


@pytest.mark.parametrize(
    "impossible",
    [
        {"assigned": 0, "done": 0, "late": 0, "above_requirement": 0},
        {"assigned": 10, "done": 11, "late": 0, "above_requirement": 0},
        {"assigned": 10, "done": 9, "late": 11, "above_requirement": 0},
        {"assigned": 10, "done": 9, "late": 0, "above_requirement": 10},
        {"assigned": 10, "done": True, "late": 0, "above_requirement": 0},
    ],
)
def test_counts_that_contradict_each_other_have_no_shape(impossible):
    with pytest.raises(ValidationError):
        Tasks.model_validate(impossible)
