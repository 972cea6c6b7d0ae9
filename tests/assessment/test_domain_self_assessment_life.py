"""What becomes of a self-assessment: returned, answered, accepted, restated; told in any order."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.assessment.domain import Organization, SelfAssessment
from services.assessment.domain.form import NotEvaluated
from services.assessment.domain.judging import SubmittedTooEarly
from services.assessment.domain.organization import InTheFuture, NotASuperior
from services.assessment.domain.standing import (
    AlreadyAccepted,
    DecidedTooEarly,
    DueBeforeReturned,
    NotAccepted,
    NothingCorrected,
    NothingSubmitted,
    NotResubmitted,
    NotReturned,
    standing,
)
from services.chassis.errors import NotYetKnown
from tests.assessment.examples import (
    BETTER,
    CELL,
    DISTRICT,
    NOVEMBER,
    WINDOW,
    accepted,
    corrected,
    form,
    restated,
    resubmitted,
    returned,
    submitted,
)
from tests.spec import NOW, fact, spec

given = spec(SelfAssessment)
ELSEWHERE = Organization("TAM-KY", "DISTRICT_COMMITTEE", date(1950, 1, 1), ("TAM-KY",))
RETURN: dict[str, Any] = {
    "returned_on": date(2024, 12, 5),
    "reason": "the minutes are missing",
    "resubmit_by": date(2024, 12, 12),
}
ACCEPT: dict[str, Any] = {"accepted_on": date(2024, 12, 11)}
AGAIN: dict[str, Any] = {"window": WINDOW, "submitted_on": date(2024, 12, 9)}
RESTATE: dict[str, Any] = {"reason": "the minutes were corrected", "submitted_on": date(2024, 12, 20)}
CORRECT: dict[str, Any] = {"reason": "typing", "window": WINDOW}

# -- Returning


def test_a_superior_returns_what_was_submitted_and_says_why_and_by_when_to_answer():
    given(submitted).when(SelfAssessment.send_back, CELL, DISTRICT, **RETURN).then(returned)


def test_only_a_committee_above_returns():
    given(submitted).when(SelfAssessment.send_back, CELL, ELSEWHERE, **RETURN).refused(NotASuperior)


def test_a_cell_that_took_another_in_does_not_decide_for_its_superior():
    """A merged cell lies beneath the one that took it in, which stays a cell."""
    heir = Organization("TU-HEIR", "SUBORDINATE_CELL", date(1990, 1, 1), ("THAN-UYEN", "TU-HEIR"))
    merged = Organization("TU-FINANCE", "SUBORDINATE_CELL", CELL.founded_on, (*heir.path, "TU-FINANCE"))

    given(submitted).when(SelfAssessment.send_back, merged, heir, **RETURN).refused(NotASuperior)
    given(submitted).when(SelfAssessment.send_back, merged, DISTRICT, **RETURN).then(returned)


def test_nothing_is_returned_tomorrow():
    tomorrow = RETURN | {"returned_on": date(2025, 1, 1), "resubmit_by": date(2025, 1, 8)}

    given(submitted).when(SelfAssessment.send_back, CELL, DISTRICT, **tomorrow).refused(InTheFuture)


def test_nothing_is_returned_before_it_was_submitted():
    early = RETURN | {"returned_on": date(2024, 12, 1)}

    given(submitted).when(SelfAssessment.send_back, CELL, DISTRICT, **early).refused(DecidedTooEarly)


def test_a_cell_is_not_to_answer_before_the_return():
    hasty = RETURN | {"resubmit_by": date(2024, 12, 4)}

    given(submitted).when(SelfAssessment.send_back, CELL, DISTRICT, **hasty).refused(DueBeforeReturned)


def test_a_cell_may_be_asked_to_answer_the_same_day():
    same = RETURN | {"resubmit_by": date(2024, 12, 5)}

    given(submitted).when(SelfAssessment.send_back, CELL, DISTRICT, **same).then(
        fact(SelfAssessment.Returned, **returned.fields | {"resubmit_by": "2024-12-05"})
    )


def test_what_was_returned_is_not_returned_again_before_it_is_answered():
    later = RETURN | {"returned_on": date(2024, 12, 8)}

    given(submitted, returned).when(SelfAssessment.send_back, CELL, DISTRICT, **later).refused(NotResubmitted)


def test_an_answer_may_be_returned_too():
    later = RETURN | {"returned_on": date(2024, 12, 10)}
    again = fact(SelfAssessment.Returned, **returned.fields | {"returned_on": "2024-12-10"})

    given(submitted, returned, resubmitted).when(SelfAssessment.send_back, CELL, DISTRICT, **later).then(
        again
    )


# -- Resubmitting


def test_a_cell_answers_what_was_returned_and_may_stand_by_its_answers():
    given(submitted, returned).when(SelfAssessment.resubmit, CELL, form(), NOVEMBER, **AGAIN).then(
        resubmitted
    )


def test_what_was_not_returned_is_not_submitted_again():
    given(submitted).when(SelfAssessment.resubmit, CELL, form(), NOVEMBER, **AGAIN).refused(NotReturned)


def test_an_answer_is_not_signed_before_the_return():
    early = AGAIN | {"submitted_on": date(2024, 12, 4)}

    given(submitted, returned).when(SelfAssessment.resubmit, CELL, form(), NOVEMBER, **early).refused(
        NotReturned
    )


def test_an_answer_is_judged_like_a_submission():
    given(submitted, returned).when(SelfAssessment.resubmit, CELL, form(), NOVEMBER[:1], **AGAIN).refused(
        NotEvaluated
    )


def test_what_is_accepted_is_not_submitted_again():
    later = AGAIN | {"submitted_on": date(2024, 12, 12)}

    given(submitted, accepted).when(SelfAssessment.resubmit, CELL, form(), NOVEMBER, **later).refused(
        AlreadyAccepted
    )


def test_what_was_returned_is_answered_anew_rather_than_corrected():
    given(submitted, returned).when(
        SelfAssessment.correct, CELL, form(), BETTER, **CORRECT, submitted_on=date(2024, 12, 6)
    ).refused(NotResubmitted)


def test_an_answer_may_still_be_corrected():
    stated = corrected.fields | {"submitted_on": "2024-12-10", "reason": "typing"}

    given(submitted, returned, resubmitted).when(
        SelfAssessment.correct, CELL, form(), BETTER, **CORRECT, submitted_on=date(2024, 12, 10)
    ).then(fact(SelfAssessment.Corrected, **stated))


# -- Accepting


def test_a_superior_accepts_what_was_submitted():
    given(submitted).when(SelfAssessment.accept, CELL, DISTRICT, **ACCEPT).then(accepted)


def test_only_a_committee_above_accepts():
    given(submitted).when(SelfAssessment.accept, CELL, ELSEWHERE, **ACCEPT).refused(NotASuperior)


def test_nothing_is_accepted_tomorrow_or_before_it_was_submitted():
    may = (SelfAssessment.accept, CELL, DISTRICT)

    given(submitted).when(*may, accepted_on=date(2025, 1, 1)).refused(InTheFuture)
    given(submitted).when(*may, accepted_on=date(2024, 12, 1)).refused(DecidedTooEarly)


def test_what_was_returned_is_not_accepted_before_it_is_answered():
    given(submitted, returned).when(SelfAssessment.accept, CELL, DISTRICT, **ACCEPT).refused(NotResubmitted)


def test_a_result_is_accepted_once_and_not_returned_after_that():
    later = RETURN | {"returned_on": date(2024, 12, 12), "resubmit_by": date(2024, 12, 20)}

    given(submitted, accepted).when(SelfAssessment.accept, CELL, DISTRICT, **ACCEPT).refused(AlreadyAccepted)
    given(submitted, accepted).when(SelfAssessment.send_back, CELL, DISTRICT, **later).refused(
        AlreadyAccepted
    )


def test_what_is_accepted_is_not_corrected_by_its_cell():
    given(submitted, accepted).when(
        SelfAssessment.correct, CELL, form(), BETTER, **CORRECT, submitted_on=date(2024, 12, 12)
    ).refused(AlreadyAccepted)


# -- Restating


def test_a_superior_has_an_accepted_result_restated_and_says_why():
    given(submitted, accepted).when(SelfAssessment.restate, CELL, DISTRICT, form(), BETTER, **RESTATE).then(
        restated
    )


def test_what_is_not_accepted_is_not_restated():
    given(submitted).when(SelfAssessment.restate, CELL, DISTRICT, form(), BETTER, **RESTATE).refused(
        NotAccepted
    )


def test_a_restatement_changes_something():
    given(submitted, accepted).when(
        SelfAssessment.restate, CELL, DISTRICT, form(), NOVEMBER, **RESTATE
    ).refused(NothingCorrected)


def test_only_a_committee_above_restates_and_not_before_the_submission():
    may = (SelfAssessment.restate, CELL)
    early = RESTATE | {"submitted_on": date(2024, 12, 1)}

    given(submitted, accepted).when(*may, ELSEWHERE, form(), BETTER, **RESTATE).refused(NotASuperior)
    given(submitted, accepted).when(*may, DISTRICT, form(), BETTER, **early).refused(DecidedTooEarly)


def test_a_restatement_is_judged_like_a_submission():
    given(submitted, accepted).when(
        SelfAssessment.restate, CELL, DISTRICT, form(), BETTER[:1], **RESTATE
    ).refused(NotEvaluated)


def test_an_accepted_result_is_restated_long_after_the_period_is_locked():
    late = RESTATE | {"submitted_on": date(2026, 5, 4)}

    given(submitted, accepted).when(
        SelfAssessment.restate,
        CELL,
        DISTRICT,
        form(),
        BETTER,
        **late,
        at=datetime(2026, 6, 1, tzinfo=UTC),
    ).then(fact(SelfAssessment.Restated, **restated.fields | {"submitted_on": "2026-05-04"}))


# -- Late news


def test_a_correction_told_late_stands_behind_what_was_dated_after_it():
    late = fact(SelfAssessment.Corrected, **corrected.fields | {"reason": "typing"})

    given(submitted, returned, resubmitted, accepted).when(
        SelfAssessment.correct, CELL, form(), BETTER, **CORRECT, submitted_on=date(2024, 12, 3)
    ).then(late)
    told = given(submitted, returned, resubmitted, accepted, late).aggregate()
    assert ("ACCEPTED", "2024-12-09") == (standing(told.told).state, told.latest.submitted_on)


def test_a_return_told_after_the_acceptance_it_came_before_changes_nothing_that_stands():
    told = given(submitted, accepted, returned, resubmitted).aggregate().told

    assert "ACCEPTED" == standing(told).state
    assert "RETURNED" == standing(told, "2024-12-08").state


def test_a_correction_is_not_signed_before_the_first_submission():
    given(submitted).when(
        SelfAssessment.correct, CELL, form(), BETTER, **CORRECT, submitted_on=date(2024, 12, 1)
    ).refused(SubmittedTooEarly)


def test_what_was_known_then_is_answered_with_what_was_recorded_then():
    told = given(submitted, accepted, restated).aggregate().told
    before, after = NOW - timedelta(seconds=1), NOW

    assert "2024-12-20" == standing(told, known_at=after).version.submitted_on
    with pytest.raises(NothingSubmitted):
        standing(told, known_at=before)


def correct(assessment, on, answers):
    assessment.correct(CELL, form(), answers, **CORRECT, submitted_on=on, at=NOW)


LIFE = {
    "corrected": lambda one: correct(one, date(2024, 12, 3), BETTER),
    "corrected back": lambda one: correct(one, date(2024, 12, 4), NOVEMBER),
    "returned": lambda one: one.send_back(CELL, DISTRICT, **RETURN, at=NOW),
    "resubmitted": lambda one: one.resubmit(CELL, form(), BETTER, **AGAIN, at=NOW),
    "returned again": lambda one: one.send_back(
        CELL, DISTRICT, **RETURN | {"returned_on": date(2024, 12, 10)}, at=NOW
    ),
    "resubmitted again": lambda one: one.resubmit(
        CELL, form(), NOVEMBER, **AGAIN | {"submitted_on": date(2024, 12, 12)}, at=NOW
    ),
    "corrected once more": lambda one: correct(one, date(2024, 12, 13), BETTER),
    "accepted": lambda one: one.accept(CELL, DISTRICT, accepted_on=date(2024, 12, 15), at=NOW),
    "restated": lambda one: one.restate(CELL, DISTRICT, form(), NOVEMBER, **RESTATE, at=NOW),
}
DAYS = [f"2024-12-{day:02}" for day in range(2, 32)]


def lived(order):
    """Return what stood on each day once a life was told in `order`; what must wait is told again."""
    one, waiting = given(submitted).aggregate(), list(order)
    while waiting:
        left = []
        for step in waiting:
            try:
                LIFE[step](one)
            except NotYetKnown:
                left.append(step)
        assert left != waiting, f"{left} wait for each other"
        waiting = left
    stood = [standing(one.told, day) for day in DAYS]
    return [(now.state, now.version.submitted_on, now.version.results, now.returned_on) for now in stood]


@pytest.mark.parametrize("seed", range(200))
def test_a_life_told_in_any_order_comes_to_stand_the_same_on_every_day(seed):
    order = Random(seed).sample(list(LIFE), len(LIFE))

    assert lived(LIFE) == lived(order)
