"""Until when a period is assessed, and who opens it again after that, each as a story."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.assessment.application import submission_rules
from services.assessment.domain import Organization, Period, SelfAssessment, SubmissionLock, Window
from services.assessment.domain.organization import InTheFuture, NotACell, NotASuperior
from services.assessment.domain.submission_lock import AlreadyReopened, Locked, NotLocked
from tests.assessment.examples import (
    ASSESSED,
    BETTER,
    CELL,
    COMMITTEE,
    DISTRICT,
    NOVEMBER,
    RETYPED,
    RULES,
    WINDOW,
    form,
    lock,
    reopened,
    returned,
    submitted,
)
from tests.spec import fact, spec, stamped

given = spec(SubmissionLock)
assessing = spec(SelfAssessment)
AT = datetime(2025, 4, 30, tzinfo=UTC)
DECISION: dict[str, Any] = {
    "number": "31-QĐ/HU",
    "dated": date(2025, 4, 7),
    "reason": "the cell's papers were lost in a flood",
    "until": date(2025, 4, 18),
    "rules": RULES,
    "at": AT,
}
OPENED = Window(RULES, (stamped(reopened, SubmissionLock),))
SUBMIT: tuple[Any, ...] = (CELL, form(), Period("2024-11"), NOVEMBER)

# -- The rules


@pytest.mark.parametrize(
    ("period", "due_on", "locked_from"),
    [
        ("2024-11", date(2024, 12, 5), date(2025, 4, 1)),
        ("2024-12", date(2025, 1, 5), date(2025, 4, 1)),
        ("2024-02", date(2024, 3, 5), date(2025, 4, 1)),
        ("2024", date(2025, 1, 5), date(2025, 4, 1)),
    ],
)
def test_a_period_is_due_on_the_5th_and_locked_when_the_years_classes_are_decided(
    period, due_on, locked_from
):
    rules = submission_rules()

    assert (due_on, locked_from) == (rules.due_on(Period(period)), rules.locked_from(Period(period)))
    assert RULES == rules


# -- Submitting


def test_on_the_last_day_before_the_lock_a_form_is_late_and_taken():
    late = fact(SelfAssessment.Submitted, **ASSESSED | {"submitted_on": "2025-03-31"})

    assessing().when(
        SelfAssessment.submit, *SUBMIT, window=WINDOW, submitted_on=date(2025, 3, 31), at=AT
    ).then(late)


def test_from_the_lock_on_a_form_is_not_taken():
    assessing().when(
        SelfAssessment.submit, *SUBMIT, window=WINDOW, submitted_on=date(2025, 4, 1), at=AT
    ).refused(Locked)


@pytest.mark.parametrize("on", [date(2025, 4, 7), date(2025, 4, 18)])
def test_while_a_decision_opens_it_a_form_is_taken_and_names_the_decision(on):
    decision = {"number": "31-QĐ/HU", "date": "2025-04-07"}
    stated = ASSESSED | {"submitted_on": on.isoformat(), "admitted_by": decision}

    assessing().when(SelfAssessment.submit, *SUBMIT, window=OPENED, submitted_on=on, at=AT).then(
        fact(SelfAssessment.Submitted, **stated)
    )


@pytest.mark.parametrize("on", [date(2025, 4, 6), date(2025, 4, 19)])
def test_before_the_decision_and_after_its_last_day_a_form_is_not_taken(on):
    assessing().when(SelfAssessment.submit, *SUBMIT, window=OPENED, submitted_on=on, at=AT).refused(Locked)


def test_a_locked_period_is_not_corrected_either():
    assessing(submitted).when(
        SelfAssessment.correct,
        CELL,
        form(),
        BETTER,
        **RETYPED,
        submitted_on=date(2025, 4, 1),
        at=AT,
    ).refused(Locked)


def test_what_was_returned_near_the_lock_is_answered_until_the_day_given_and_not_later():
    given_until = {"returned_on": "2025-03-30", "resubmit_by": "2025-04-10"}
    history = submitted, fact(SelfAssessment.Returned, **returned.fields | given_until)
    may = (SelfAssessment.resubmit, CELL, form(), NOVEMBER)
    answered = fact(SelfAssessment.Resubmitted, **ASSESSED | {"submitted_on": "2025-04-10"})

    assessing(*history).when(*may, window=WINDOW, submitted_on=date(2025, 4, 10), at=AT).then(answered)
    assessing(*history).when(*may, window=WINDOW, submitted_on=date(2025, 4, 11), at=AT).refused(Locked)


# -- Reopening


def test_a_superior_opens_a_locked_period_to_a_cell_by_a_numbered_dated_and_reasoned_decision():
    given(lock).when(SubmissionLock.reopen, CELL, DISTRICT, **DECISION).then(reopened)


def test_a_committee_has_no_period_to_open():
    given(lock).when(SubmissionLock.reopen, COMMITTEE, DISTRICT, **DECISION).refused(NotACell)


def test_only_a_committee_above_the_cell_opens_a_period():
    elsewhere = Organization("TAM-KY", "DISTRICT_COMMITTEE", date(1950, 1, 1), ("TAM-KY",))

    given(lock).when(SubmissionLock.reopen, CELL, elsewhere, **DECISION).refused(NotASuperior)


def test_nothing_is_opened_by_a_decision_of_tomorrow():
    tomorrow = DECISION | {"dated": date(2025, 5, 1), "until": date(2025, 5, 9)}

    given(lock).when(SubmissionLock.reopen, CELL, DISTRICT, **tomorrow).refused(InTheFuture)


@pytest.mark.parametrize(
    "when",
    [
        {"until": date(2025, 4, 6)},
        {"dated": date(2025, 3, 1), "until": date(2025, 3, 31)},
    ],
)
def test_a_decision_that_opens_nothing_is_refused(when):
    given(lock).when(SubmissionLock.reopen, CELL, DISTRICT, **DECISION | when).refused(NotLocked)


def test_a_decision_made_before_the_lock_may_open_the_days_after_it():
    early = DECISION | {"dated": date(2025, 3, 28), "until": date(2025, 4, 1)}
    stated = reopened.fields | {"dated": "2025-03-28", "until": "2025-04-01"}

    given(lock).when(SubmissionLock.reopen, CELL, DISTRICT, **early).then(
        fact(SubmissionLock.Reopened, **stated)
    )


def test_one_decision_opens_a_period_once_and_another_opens_it_again():
    again = DECISION | {"number": "35-QĐ/HU", "dated": date(2025, 4, 25), "until": date(2025, 4, 30)}
    stated = reopened.fields | {"number": "35-QĐ/HU", "dated": "2025-04-25", "until": "2025-04-30"}

    given(lock, reopened).when(SubmissionLock.reopen, CELL, DISTRICT, **DECISION).refused(AlreadyReopened)
    given(lock, reopened).when(SubmissionLock.reopen, CELL, DISTRICT, **again).then(
        fact(SubmissionLock.Reopened, **stated)
    )
