"""The rules of criteria frameworks, each as a story."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.assessment.domain import Answer, CriteriaFramework, Good, Period
from services.assessment.domain.criteria import Threshold, WronglyAnswered
from services.assessment.domain.form import (
    AnsweredTwice,
    NotAsked,
    NotEvaluated,
    NothingAsked,
    UnknownCriterion,
)
from services.assessment.domain.framework import EffectiveBeforeIssued
from services.assessment.domain.organization import BeforeFounding, InTheFuture
from services.assessment.domain.soundness import AskedTwice, Untestable
from tests.assessment.examples import (
    DISTRICT,
    ISSUE,
    MEETINGS,
    MEMBERS,
    NOVEMBER,
    criterion,
    form,
    framework,
    issued,
)
from tests.spec import spec

given = spec(CriteriaFramework)
GOODS = [MEETINGS, MEMBERS]
NO_ABSENCE = NOVEMBER[1]
THEMATIC = Answer("thematic_meeting_in_quarter", achieved=True)
ALL_GOOD = Answer("members_good_or_better_pct", value=Decimal(100))

# -- Issuing


def test_a_committee_issues_criteria_under_a_number_and_a_date():
    given().when(CriteriaFramework.issue, DISTRICT, GOODS, **ISSUE).then(issued)


def test_two_documents_of_one_number_are_told_apart_by_their_dates():
    first = CriteriaFramework.id_for("THAN-UYEN", "12-HD/BTCTW", date(2018, 7, 6))
    second = CriteriaFramework.id_for("THAN-UYEN", "12-HD/BTCTW", date(2022, 1, 18))

    assert first != second


def test_two_committees_may_give_the_same_number_on_the_same_day():
    ours = CriteriaFramework.id_for("THAN-UYEN", "01-HD/HU", date(2024, 5, 19))
    theirs = CriteriaFramework.id_for("TAM-KY", "01-HD/HU", date(2024, 5, 19))

    assert ours != theirs


def test_a_number_is_the_same_however_its_accents_are_encoded():
    composed = CriteriaFramework.id_for("THAN-UYEN", "08-Q\u0110/T\u1ec8NH", date(2024, 5, 19))
    decomposed = CriteriaFramework.id_for("THAN-UYEN", "08-Q\u0110/TI\u0309NH", date(2024, 5, 19))

    assert composed == decomposed


def test_a_framework_that_is_dated_tomorrow_is_not_issued_today():
    tomorrow = ISSUE | {"dated": date(2025, 1, 1), "effective_on": date(2025, 1, 1)}

    given().when(CriteriaFramework.issue, DISTRICT, GOODS, **tomorrow).refused(InTheFuture)


def test_a_framework_may_take_effect_in_the_future():
    assert "2025-01-01" == framework(effective_on=date(2025, 1, 1)).effective_on


def test_no_committee_issues_anything_before_its_founding():
    early = ISSUE | {"dated": date(1949, 12, 31)}

    given().when(CriteriaFramework.issue, DISTRICT, GOODS, **early).refused(BeforeFounding)


def test_criteria_do_not_reach_back_before_the_document():
    backdated = ISSUE | {"effective_on": date(2024, 5, 18)}

    given().when(CriteriaFramework.issue, DISTRICT, GOODS, **backdated).refused(EffectiveBeforeIssued)


def test_a_framework_asks_no_criterion_twice_even_under_two_goods():
    again = replace(MEMBERS, criteria=MEETINGS.criteria[:1])

    given().when(CriteriaFramework.issue, DISTRICT, [MEETINGS, again], **ISSUE).refused(
        AskedTwice, saying="attendance_pct"
    )


def test_a_framework_names_no_good_twice():
    again = replace(MEMBERS, good="MEETING_QUALITY")

    given().when(CriteriaFramework.issue, DISTRICT, [MEETINGS, again], **ISSUE).refused(AskedTwice)


@pytest.mark.parametrize(
    "strange",
    [
        replace(criterion("open", "MONTH"), kind="MEASURED"),
        replace(criterion("closed", "MONTH", Threshold("gt", Decimal(1))), kind="ACHIEVED"),
    ],
    ids=["measured without a test", "yes or no with a test"],
)
def test_only_a_measured_criterion_has_a_test_and_it_needs_one(strange):
    good = replace(MEMBERS, criteria=(strange,))

    given().when(CriteriaFramework.issue, DISTRICT, [good], **ISSUE).refused(Untestable)


# -- What is asked when


def test_a_month_is_not_asked_for_its_quarter_or_its_year():
    evaluation = form().evaluate(Period("2024-11"), NOVEMBER)

    assert ["attendance_pct", "no_unexcused_absence"] == [a.criterion for a in evaluation.answers]


def test_the_last_month_of_a_quarter_is_asked_for_the_quarter_too():
    form().evaluate(Period("2024-09"), [*NOVEMBER, THEMATIC])

    with pytest.raises(NotEvaluated, match="thematic_meeting_in_quarter"):
        form().evaluate(Period("2024-09"), NOVEMBER)


def test_december_is_not_asked_for_the_year():
    with pytest.raises(NotAsked, match="members_good_or_better_pct"):
        form().evaluate(Period("2024-12"), [*NOVEMBER, THEMATIC, ALL_GOOD])


def test_a_year_is_asked_for_everything():
    evaluation = form().evaluate(Period("2024"), [*NOVEMBER, THEMATIC, ALL_GOOD])

    assert (("MEETING_QUALITY", True), ("CADRES_MEMBERS", True)) == evaluation.goods


def test_a_framework_that_is_answered_by_the_year_asks_nothing_in_a_month():
    with pytest.raises(NothingAsked):
        form(period="YEAR").evaluate(Period("2024-11"), NOVEMBER)


# -- How answers are judged


def test_a_good_without_criteria_in_the_period_is_not_applicable_and_never_silently_achieved():
    evaluation = form().evaluate(Period("2024-11"), NOVEMBER)

    assert (("MEETING_QUALITY", True), ("CADRES_MEMBERS", None)) == evaluation.goods


def test_a_cell_is_four_good_when_every_applicable_good_is_achieved():
    assert form().evaluate(Period("2024-11"), NOVEMBER).four_good


def test_one_criterion_not_achieved_costs_its_good_and_the_four():
    evaluation = form().evaluate(
        Period("2024-11"), [NOVEMBER[0], Answer("no_unexcused_absence", achieved=False)]
    )

    assert (("MEETING_QUALITY", False), ("CADRES_MEMBERS", None)) == evaluation.goods
    assert not evaluation.four_good


@pytest.mark.parametrize(
    ("figure", "achieved"),
    [("85", False), ("85.0", False), ("85.0001", True), ("90", True)],
)
def test_attendance_must_be_over_85_and_exactly_85_is_not(figure, achieved):
    evaluation = form().evaluate(
        Period("2024-11"), [Answer("attendance_pct", value=Decimal(figure)), NO_ABSENCE]
    )

    assert achieved is evaluation.answers[0].achieved


@pytest.mark.parametrize(
    ("op", "figure", "achieved"),
    [
        ("gte", "89.9999", False),
        ("gte", "90", True),
        ("eq", "99.9999", False),
        ("eq", "100.00", True),
        ("gt", "90", False),
    ],
)
def test_figures_compare_exactly(op, figure, achieved):
    limit = Decimal(100) if op == "eq" else Decimal(90)

    assert achieved is Threshold(op, limit).passes(Decimal(figure))


def test_figures_are_not_binary_fractions():
    assert Threshold("eq", Decimal("0.3")).passes(Decimal("0.1") + Decimal("0.2"))


def test_a_note_stays_with_its_answer():
    noted = replace(NO_ABSENCE, note="two were ill")

    assert "two were ill" == form().evaluate(Period("2024-11"), [NOVEMBER[0], noted]).answers[1].note


def test_an_answer_to_what_nobody_asked_is_refused():
    with pytest.raises(UnknownCriterion, match="singing"):
        form().evaluate(Period("2024-11"), [*NOVEMBER, Answer("singing", achieved=True)])


def test_a_criterion_is_answered_once():
    with pytest.raises(AnsweredTwice, match="no_unexcused_absence"):
        form().evaluate(Period("2024-11"), [*NOVEMBER, NO_ABSENCE])


def test_what_is_left_out_is_named():
    with pytest.raises(NotEvaluated, match="attendance_pct"):
        form().evaluate(Period("2024-11"), [NO_ABSENCE])


def test_an_empty_answer_is_none():
    with pytest.raises(NotEvaluated, match="attendance_pct"):
        form().evaluate(Period("2024-11"), [Answer("attendance_pct"), NO_ABSENCE])


def test_an_empty_answer_to_what_does_not_apply_is_welcome():
    evaluation = form().evaluate(Period("2024-11"), [*NOVEMBER, Answer("members_good_or_better_pct")])

    assert 2 == len(evaluation.answers)


@pytest.mark.parametrize(
    ("attendance", "absence"),
    [
        (Answer("attendance_pct", achieved=True), NO_ABSENCE),
        (Answer("attendance_pct", achieved=False, value=Decimal(90)), NO_ABSENCE),
        (NOVEMBER[0], Answer("no_unexcused_absence", value=Decimal(0))),
        (NOVEMBER[0], Answer("no_unexcused_absence", achieved=True, value=Decimal(0))),
    ],
    ids=["yes for a figure", "against its own figure", "a figure for yes", "a figure beside yes"],
)
def test_a_measured_criterion_takes_a_figure_and_any_other_takes_yes_or_no(attendance, absence):
    with pytest.raises(WronglyAnswered):
        form().evaluate(Period("2024-11"), [attendance, absence])


def test_goods_come_back_from_the_store_as_they_went_in():
    assert MEETINGS == Good.of(MEETINGS.stored())


# -- Periods


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_period_begins_and_ends_as_the_calendar_says(text, first, last):
    assert (first, last) == (Period(text).first_day, Period(text).last_day)
