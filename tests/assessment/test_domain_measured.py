"""Criteria that recorded meetings answer: filled in, compared with what is stated, and left open."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.assessment.domain import Answer, CriteriaFramework, Form, Good, Period
from services.assessment.domain.criteria import Criterion, DiffersFromRecorded, Threshold, WronglyAnswered
from services.assessment.domain.figures import MEASURES, Measured
from services.assessment.domain.form import NotAsked
from services.assessment.domain.soundness import AskedTwice, MeasuredByNothing
from tests.assessment.examples import CELL, DISTRICT, ISSUE, criterion
from tests.spec import NOW, spec

given = spec(CriteriaFramework)
NOVEMBER = Period("2024-11")
NOTHING = dict.fromkeys(MEASURES, Measured(None, ()))


def measured(code: str, by: str, op: str, value: int, period: str = "MONTH") -> Criterion:
    return replace(criterion(code, period, Threshold(op, Decimal(value))), measured_by=by)


ATTENDANCE = measured("attendance_pct", "ATTENDANCE_PCT", "gt", 85)
SOLUTIONS = measured("solution_meetings_pct", "SOLUTION_MEETINGS_PCT", "gte", 50)


def asking(*criteria: Criterion) -> Form:
    good = Good("MEETING_QUALITY", "Sinh hoạt tốt", "Good meetings", criteria)
    return Form.of(CriteriaFramework.issue(DISTRICT, [good], **ISSUE, at=NOW), CELL)


def shown(by: str, value: str | None, *meetings: str) -> dict[str, Measured]:
    return NOTHING | {by: Measured(None if value is None else Decimal(value), meetings)}


def test_what_is_left_out_is_filled_and_says_from_which_meetings():
    found = asking(ATTENDANCE).evaluate(NOVEMBER, (), shown("ATTENDANCE_PCT", "90.00", "M-1", "M-2"))

    assert (Answer("attendance_pct", True, Decimal("90.00"), None, ("M-1", "M-2")),) == found.answers
    assert found.four_good


def test_what_is_stated_as_it_was_recorded_keeps_its_note():
    stated = Answer("attendance_pct", value=Decimal(90), note="18 of 20")

    found = asking(ATTENDANCE).evaluate(NOVEMBER, [stated], shown("ATTENDANCE_PCT", "90.00", "M-1"))

    assert "18 of 20" == found.answers[0].note


@pytest.mark.parametrize("recorded", ["89.99", None])
def test_a_stated_figure_that_differs_from_what_was_recorded_is_refused(recorded):
    stated = Answer("attendance_pct", value=Decimal(90))

    with pytest.raises(DiffersFromRecorded, match="attendance_pct: 90 is stated"):
        asking(ATTENDANCE).evaluate(NOVEMBER, [stated], shown("ATTENDANCE_PCT", recorded, "M-1"))


def test_a_yes_that_the_figure_denies_is_refused():
    with pytest.raises(WronglyAnswered):
        asking(ATTENDANCE).evaluate(
            NOVEMBER, [Answer("attendance_pct", achieved=True)], shown("ATTENDANCE_PCT", "85")
        )


def test_a_yes_that_nothing_measures_is_refused():
    with pytest.raises(DiffersFromRecorded, match="nothing to measure"):
        asking(ATTENDANCE).evaluate(NOVEMBER, [Answer("attendance_pct", achieved=True)], NOTHING)


@pytest.mark.parametrize(
    ("recorded", "achieved", "four_good"),
    [("50.00", True, True), ("41.67", False, False), (None, None, False)],
    ids=["6 of 12", "5 of 12", "no meetings"],
)
def test_half_of_the_meetings_discuss_solutions_and_without_meetings_it_cannot_be_assessed(
    recorded, achieved, four_good
):
    """S001."""
    found = asking(SOLUTIONS).evaluate(NOVEMBER, (), shown("SOLUTION_MEETINGS_PCT", recorded))

    assert (("MEETING_QUALITY", achieved),) == found.goods
    assert found.four_good is four_good


def test_a_good_that_failed_in_part_is_not_achieved_whatever_could_not_be_measured():
    form = asking(ATTENDANCE, criterion("resolution_recorded", "MONTH"))

    found = form.evaluate(NOVEMBER, [Answer("resolution_recorded", achieved=False)], NOTHING)

    assert (("MEETING_QUALITY", False),) == found.goods


def test_what_is_measured_by_the_quarter_is_filled_in_its_last_month_only():
    thematic = measured("thematic", "THEMATIC_MEETINGS_IN_QUARTER", "gte", 1, "QUARTER")
    form = asking(ATTENDANCE, thematic)
    figures = shown("THEMATIC_MEETINGS_IN_QUARTER", "1", "M-1") | {
        "ATTENDANCE_PCT": Measured(Decimal(90), ())
    }

    assert 1 == len(form.evaluate(NOVEMBER, (), figures).answers)
    assert ("M-1",) == form.evaluate(Period("2024-12"), (), figures).answers[1].measured_from
    with pytest.raises(NotAsked):
        form.evaluate(NOVEMBER, [Answer("thematic", value=Decimal(1))], figures)


def test_a_draft_shows_what_is_measured_and_leaves_the_rest_open():
    form = asking(ATTENDANCE, SOLUTIONS, criterion("resolution_recorded", "MONTH"))

    draft = [answer for _, answer in form.draft(NOVEMBER, shown("ATTENDANCE_PCT", "85.00", "M-1"))]

    assert [
        Answer("attendance_pct", False, Decimal("85.00"), None, ("M-1",)),
        Answer("solution_meetings_pct"),
        Answer("resolution_recorded"),
    ] == draft


def test_only_a_framework_that_measures_something_now_needs_figures():
    by_quarter = measured("thematic", "THEMATIC_MEETINGS_IN_QUARTER", "gte", 1, "QUARTER")

    assert asking(ATTENDANCE).measures(NOVEMBER)
    assert not asking(by_quarter, criterion("resolution_recorded", "MONTH")).measures(NOVEMBER)


# -- What cannot be measured is not issued


@pytest.mark.parametrize(
    ("criteria", "why"),
    [
        ((measured("songs_sung", "SONGS_SUNG", "gte", 1),), MeasuredByNothing),
        ((replace(criterion("attended", "MONTH"), measured_by="ATTENDANCE_PCT"),), MeasuredByNothing),
        ((measured("attendance_pct", "ATTENDANCE_PCT", "gt", 85, "QUARTER"),), MeasuredByNothing),
        ((ATTENDANCE, measured("attendance_too", "ATTENDANCE_PCT", "gte", 90)), AskedTwice),
    ],
    ids=["no such figure", "a yes or no", "of a quarter", "twice"],
)
def test_a_criterion_measured_by_nothing_is_refused(criteria, why):
    good = Good("MEETING_QUALITY", "Sinh hoạt tốt", "Good meetings", criteria)

    given().when(CriteriaFramework.issue, DISTRICT, [good], **ISSUE).refused(why)


def test_of_a_cell_that_met_every_day_the_latest_meetings_are_named():
    codes = [f"M-{number}" for number in range(400)]

    [answer] = asking(ATTENDANCE).evaluate(NOVEMBER, (), shown("ATTENDANCE_PCT", "90", *codes)).answers

    assert tuple(codes[-366:]) == answer.measured_from
