"""The rules of self-assessments, each as a story."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.assessment.domain import Answer, Period, SelfAssessment
from services.assessment.domain.form import NotEvaluated, UnknownCriterion
from services.assessment.domain.judging import (
    FuturePeriod,
    NotInForce,
    SubmittedTooEarly,
)
from services.assessment.domain.organization import BeforeFounding, InTheFuture, NotACell
from services.assessment.domain.standing import NothingCorrected
from tests.assessment.examples import (
    BETTER,
    CELL,
    COMMITTEE,
    NOVEMBER,
    OTHER_CELL,
    RETYPED,
    WINDOW,
    corrected,
    form,
    submitted,
)
from tests.spec import fact, spec

given = spec(SelfAssessment)
SUBMIT: tuple[Any, ...] = (CELL, form(), Period("2024-11"), NOVEMBER)
ON: dict[str, Any] = {"window": WINDOW, "submitted_on": date(2024, 12, 2)}
WHY: dict[str, Any] = {
    "reason": "one member was counted twice",
    "window": WINDOW,
    "submitted_on": date(2024, 12, 3),
}

# -- Submitting


def test_a_cell_assesses_its_month_and_each_answer_is_judged():
    given().when(SelfAssessment.submit, *SUBMIT, **ON).then(submitted)


def test_a_cell_may_assess_the_month_that_still_runs():
    november = fact(SelfAssessment.Submitted, **submitted.fields | {"submitted_on": "2024-11-30"})

    given().when(
        SelfAssessment.submit,
        *SUBMIT,
        window=WINDOW,
        submitted_on=date(2024, 11, 30),
        at=datetime(2024, 11, 30, 5, tzinfo=UTC),
    ).then(november)


def test_a_month_that_has_not_begun_is_not_assessed():
    january = (CELL, form(), Period("2025-01"), NOVEMBER)

    given().when(SelfAssessment.submit, *january, **ON | {"submitted_on": date(2024, 12, 31)}).refused(
        FuturePeriod
    )


def test_the_month_begins_at_midnight_in_the_province():
    january = (CELL, form(), Period("2025-01"), NOVEMBER)
    stated = submitted.fields | {"period": "2025-01", "submitted_on": "2025-01-01"}

    given().when(
        SelfAssessment.submit,
        *january,
        window=WINDOW,
        submitted_on=date(2025, 1, 1),
        at=datetime(2024, 12, 31, 17, tzinfo=UTC),
    ).then(fact(SelfAssessment.Submitted, **stated))


def test_a_committee_does_not_assess_itself_as_a_cell():
    given().when(SelfAssessment.submit, COMMITTEE, *SUBMIT[1:], **ON).refused(NotACell)


def test_a_form_is_not_signed_tomorrow():
    given().when(SelfAssessment.submit, *SUBMIT, **ON | {"submitted_on": date(2025, 1, 1)}).refused(
        InTheFuture
    )


def test_a_form_is_not_signed_before_its_month():
    given().when(SelfAssessment.submit, *SUBMIT, **ON | {"submitted_on": date(2024, 10, 31)}).refused(
        SubmittedTooEarly
    )


def test_a_cell_does_not_assess_a_month_before_its_founding():
    may = (OTHER_CELL, form(effective_on=date(2024, 5, 19)), Period("2024-05"), NOVEMBER)

    given().when(SelfAssessment.submit, *may, **ON).refused(BeforeFounding)


def test_a_framework_is_not_answered_for_a_month_before_its_effect():
    may = (CELL, form(), Period("2024-05"), NOVEMBER)

    given().when(SelfAssessment.submit, *may, **ON).refused(NotInForce)


def test_a_framework_is_answered_for_the_month_in_which_it_takes_effect():
    june = (CELL, form(effective_on=date(2024, 7, 31)), Period("2024-07"), NOVEMBER)
    stated = submitted.fields | {"period": "2024-07"}

    given().when(SelfAssessment.submit, *june, **ON).then(fact(SelfAssessment.Submitted, **stated))


def test_unknown_criteria_are_refused():
    singing = (*NOVEMBER, Answer("singing", achieved=True))

    given().when(SelfAssessment.submit, *SUBMIT[:3], singing, **ON).refused(UnknownCriterion)


def test_a_form_with_gaps_is_refused():
    given().when(SelfAssessment.submit, *SUBMIT[:3], NOVEMBER[:1], **ON).refused(NotEvaluated)


def test_the_order_of_the_answers_does_not_matter():
    given().when(SelfAssessment.submit, *SUBMIT[:3], NOVEMBER[::-1], **ON).then(submitted)


# -- Correcting


def test_a_correction_is_its_own_fact_and_says_why():
    given(submitted).when(SelfAssessment.correct, CELL, form(), BETTER, **WHY).then(corrected)


def test_a_correction_that_changes_nothing_is_refused():
    given(submitted).when(SelfAssessment.correct, CELL, form(), NOVEMBER, **WHY).refused(NothingCorrected)


def test_the_same_correction_is_not_made_twice():
    given(submitted, corrected).when(SelfAssessment.correct, CELL, form(), BETTER, **WHY).refused(
        NothingCorrected
    )


def test_a_correction_can_itself_be_corrected():
    stated = submitted.fields | {"submitted_on": "2024-12-04", "reason": "it was right"}

    given(submitted, corrected).when(
        SelfAssessment.correct,
        CELL,
        form(),
        NOVEMBER,
        reason="it was right",
        window=WINDOW,
        submitted_on=date(2024, 12, 4),
    ).then(fact(SelfAssessment.Corrected, **stated))


def test_a_correction_is_not_signed_before_what_it_corrects():
    given(submitted).when(
        SelfAssessment.correct,
        CELL,
        form(),
        BETTER,
        **RETYPED,
        submitted_on=date(2024, 12, 1),
    ).refused(SubmittedTooEarly)


def test_a_correction_is_judged_like_a_submission():
    given(submitted).when(SelfAssessment.correct, CELL, form(), BETTER[:1], **WHY).refused(NotEvaluated)


@pytest.mark.parametrize("dated", [date(2024, 5, 20), date(2024, 5, 31)])
def test_naming_another_document_is_a_correction_too(dated):
    stated = submitted.fields | {
        "dated": dated.isoformat(),
        "submitted_on": "2024-12-03",
        "reason": WHY["reason"],
    }

    given(submitted).when(SelfAssessment.correct, CELL, form(dated=dated), NOVEMBER, **WHY).then(
        fact(SelfAssessment.Corrected, **stated)
    )
