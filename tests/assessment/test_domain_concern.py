"""The rules of concerns, each as a story: how one travels up, and who deals with it on which day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.assessment.domain import Concern, Meeting, Organization
from services.assessment.domain.concern import State
from services.assessment.domain.concern.concern import (
    AlreadyAcknowledged,
    DueBeforeAssigned,
    NothingHeard,
    WrittenOtherwise,
)
from services.assessment.domain.concern.life import (
    BeforeLastStep,
    HeldElsewhere,
    NotNext,
    StepsMissing,
    StepTaken,
)
from services.assessment.domain.meeting import NotHeldThere, NotThatDay
from services.assessment.domain.organization import (
    BeforeFounding,
    InTheFuture,
    NotACell,
    NotASuperior,
    OrganizationEnded,
)
from tests.assessment.concerns import (
    CITY,
    CODE,
    LIFE,
    PROVINCE,
    RULES,
    acknowledged,
    answered,
    assigned,
    confirmed,
    escalated,
    heard,
    raised,
    reopened,
    resolved,
    taking,
)
from tests.assessment.examples import CELL, COMMITTEE, MINUTES, OTHER_CELL
from tests.spec import fact, spec

given = spec(Concern)
ROOT = Organization(PROVINCE, "PROVINCIAL_COMMITTEE", date(1950, 1, 1), (PROVINCE,))


def meeting(on="2024-09-06", cell="TU-FINANCE"):
    held_at = datetime.fromisoformat(f"{on}T12:30:00+00:00")
    minutes = MINUTES | {"held_at": held_at, "tasks": []}
    return spec(Meeting)(
        fact(Meeting.Held, meeting=f"{cell}-2024-09", organization=cell, **minutes)
    ).aggregate()


ABOUT: dict[str, Any] = {
    "raised_on": date(2024, 9, 6),
    "matter": "Khu đô thị kiểu mẫu Tây Bắc",
    "category": "PLANNING",
    "hot_spot_risk": True,
    "rules": RULES,
}
EXPLAIN = (Concern.answer, taking(CITY, "2024-09-06"), "explained")
REASONS = ["LONG_RUNNING", "HARDSHIP", "BEYOND_COMPETENCE"]
SURVEY = {"report": True, "opinions": True, "field_survey": True}
AGENCY = "Ủy ban nhân dân tỉnh"


def above(on, by=PROVINCE, **said):
    return taking(by, on, holder=ROOT, **said)


# -- Raised


def test_a_concern_is_raised_at_a_meeting_and_its_clock_runs_ten_working_days():
    given().when(Concern.put, CODE, CELL, meeting(), CITY, **ABOUT).then(raised)


@pytest.mark.parametrize(
    ("friday", "tenth"),
    [("2024-09-06", "2024-09-20"), ("2024-02-02", "2024-02-23"), ("2024-08-30", "2024-09-17")],
)
def test_from_a_friday_the_tenth_working_day_is_two_weeks_later_holidays_and_tet_not_counted(friday, tenth):
    about = ABOUT | {"raised_on": date.fromisoformat(friday)}
    concern = Concern.put(CODE, CELL, meeting(friday), CITY, **about, at=datetime(2025, 1, 1, tzinfo=UTC))

    assert tenth == concern.raised.acknowledge_by


@pytest.mark.parametrize(
    ("cell", "held", "to", "changed", "why"),
    [
        (COMMITTEE, meeting(), CITY, {}, NotACell),
        (CELL, meeting(cell="TU-SCHOOL"), CITY, {}, NotHeldThere),
        (CELL, meeting("2024-09-05"), CITY, {}, NotThatDay),
        (CELL, meeting(), "TAM-KY", {}, NotASuperior),
        (CELL, meeting(), "TU-FINANCE", {}, NotASuperior),
        (CELL, meeting(), CITY, {"raised_on": date(2025, 1, 1)}, InTheFuture),
        (OTHER_CELL, meeting(), CITY, {"raised_on": date(2024, 6, 14)}, BeforeFounding),
        (replace(CELL, ended_on=date(2024, 9, 6)), meeting(), CITY, {}, OrganizationEnded),
    ],
)
def test_a_concern_is_not_raised_otherwise(cell, held, to, changed, why):
    given().when(Concern.put, CODE, cell, held, to, **ABOUT | changed).refused(why)


# -- Up and down again: Tam Kỳ's way (S002)


def test_the_city_answers_at_the_meeting_and_nothing_in_writing_is_asked_first():
    given(raised).when(*EXPLAIN).then(answered)


def test_what_was_answered_is_passed_up_all_the_same_for_three_reasons():
    told_twice = [*REASONS, "HARDSHIP"]

    given(raised, answered).when(Concern.escalate, taking(CITY, "2024-09-07"), PROVINCE, told_twice).then(
        escalated
    )


def test_the_province_hears_report_opinions_and_place():
    given(*LIFE[:3]).when(Concern.hear, above("2024-09-10"), **SURVEY).then(heard)


def test_it_is_assigned_the_same_day():
    given(*LIFE[:4]).when(Concern.assign, above("2024-09-10"), AGENCY, due_on=date(2024, 10, 31)).then(
        assigned
    )


def test_it_is_solved_confirmed_by_the_cell_and_reopened():
    given(*LIFE[:5]).when(Concern.resolve, above("2024-10-28"), "approved").then(resolved)
    given(*LIFE[:6]).when(Concern.confirm, above("2024-11-05", by="TU-FINANCE")).then(confirmed)
    given(*LIFE[:7]).when(Concern.reopen, above("2024-12-03", by="TU-FINANCE"), "no drains yet").then(
        reopened
    )


def test_it_stays_open_until_it_is_solved():
    states = [given(*LIFE[:told]).aggregate().state for told in range(1, 9)]

    assert [
        State.RAISED,
        State.ANSWERED_LOCALLY,
        State.ESCALATED,
        State.HEARD,
        State.ASSIGNED,
        State.RESOLVED,
        State.CONFIRMED_TO_CELL,
        State.REOPENED,
    ] == states


def test_what_an_agency_owed_is_over_once_it_is_passed_up_or_reopened():
    assert date(2024, 10, 31) == given(*LIFE[:6]).aggregate().due_on
    assert (None, None, None) == (
        (again := given(*LIFE).aggregate()).agency,
        again.due_on,
        again.resolved_on,
    )


def test_it_goes_up_any_number_of_levels():
    to_ward = spec(Concern)(fact(Concern.Raised, **raised.fields | {"raised_to": "TU-AGENCIES"}))
    ward = taking("TU-AGENCIES", "2024-09-07", holder=COMMITTEE)

    concern = to_ward.aggregate()
    concern.escalate(ward, CITY, REASONS, at=datetime(2024, 12, 31, tzinfo=UTC))
    concern.escalate(taking(CITY, "2024-09-07"), PROVINCE, REASONS, at=datetime(2024, 12, 31, tzinfo=UTC))

    assert (PROVINCE, {"TU-AGENCIES", CITY, PROVINCE}) == (concern.holder, concern.had_by)


def test_it_is_not_passed_down_or_aside():
    given(raised).when(Concern.escalate, taking(CITY, "2024-09-07"), "TU-AGENCIES", REASONS).refused(
        NotASuperior
    )
    given(raised).when(Concern.escalate, taking(CITY, "2024-09-07"), "TAM-KY", REASONS).refused(NotASuperior)


# -- Refused


@pytest.mark.parametrize(
    ("told", "decision", "state"),
    [
        (1, (Concern.resolve, taking(CITY, "2024-10-28"), "approved"), "RAISED"),
        (1, (Concern.assign, taking(CITY, "2024-10-28"), AGENCY), "RAISED"),
        (1, (Concern.confirm, taking("TU-FINANCE", "2024-10-28")), "RAISED"),
        (1, (Concern.reopen, taking("TU-FINANCE", "2024-10-28"), "still"), "RAISED"),
        (2, EXPLAIN, "ANSWERED_LOCALLY"),
        (5, (Concern.hear, above("2024-10-28")), "ASSIGNED"),
    ],
)
def test_a_step_waits_for_the_one_before_it(told, decision, state):
    extra = {Concern.assign: {"due_on": date(2024, 10, 31)}, Concern.hear: SURVEY}.get(decision[0], {})

    given(*LIFE[:told]).when(*decision, **extra).refused(NotNext, state)


def test_what_is_solved_is_not_passed_up():
    city = taking(CITY, "2024-12-01")
    solved = replace_in(resolved, by=CITY, step=4)

    given(
        raised,
        replace_in(heard, by=CITY, step=2),
        replace_in(assigned, by=CITY, step=3),
        solved,
    ).when(Concern.escalate, city, PROVINCE, REASONS).refused(NotNext, "RESOLVED")


def replace_in(stated, **fields):
    return fact(stated.kind, **stated.fields | fields)


@pytest.mark.parametrize(
    "decision",
    [
        (Concern.answer, taking(PROVINCE, "2024-09-07"), "explained"),
        (Concern.escalate, taking("TU-AGENCIES", "2024-09-07"), PROVINCE, REASONS),
        (Concern.acknowledge, taking(PROVINCE, "2024-09-10"), "1-CV", date(2024, 9, 9)),
    ],
)
def test_who_does_not_have_it_waits_to_be_given_it(decision):
    given(raised).when(*decision).refused(HeldElsewhere)


def test_only_the_cell_confirms_and_only_it_or_the_holder_reopens():
    given(raised, answered).when(Concern.confirm, taking(CITY, "2024-09-10")).refused(HeldElsewhere)
    given(raised, answered).when(Concern.reopen, taking("TU-SCHOOL", "2024-09-10"), "still").refused(
        HeldElsewhere
    )
    again = given(raised, answered).when(Concern.reopen, taking(CITY, "2024-09-10"), "still")
    again.then(replace_in(reopened, by=CITY, on="2024-09-10", step=3, reason="still"))


def test_what_a_committee_had_that_ended_is_dealt_with_by_its_heir():
    heir = replace(COMMITTEE, code="WARD", path=(PROVINCE, "WARD"))
    merged = replace(CELL, code="TU-BIG")

    given(raised).when(Concern.answer, taking("WARD", "2024-09-10", holder=heir), "explained").then(
        replace_in(answered, by="WARD", on="2024-09-10")
    )
    given(raised).when(*EXPLAIN[:1], taking(CITY, "2024-09-10", holder=heir), "explained").refused(
        HeldElsewhere
    )
    given(raised, answered).when(Concern.confirm, taking("TU-BIG", "2024-09-10", cell=merged)).then(
        replace_in(confirmed, by="TU-BIG", on="2024-09-10", step=3)
    )


@pytest.mark.parametrize(
    ("step", "why"), [(1, StepTaken), (2, StepTaken), (4, StepsMissing), (9, StepsMissing)]
)
def test_a_step_that_states_its_number_is_taken_in_that_order(step, why):
    given(raised, answered).when(
        Concern.escalate, taking(CITY, "2024-09-07", step), PROVINCE, REASONS
    ).refused(why)


def test_a_step_may_state_that_it_is_the_next():
    given(raised, answered).when(Concern.escalate, taking(CITY, "2024-09-07", 3), PROVINCE, REASONS).then(
        escalated
    )


def test_a_step_is_not_before_the_one_before_it_nor_tomorrow():
    given(raised).when(Concern.answer, taking(CITY, "2024-09-05"), "explained").refused(BeforeLastStep)
    given(raised).when(Concern.answer, taking(CITY, "2025-01-01"), "explained").refused(InTheFuture)


def test_nothing_is_heard_by_nothing():
    none = dict.fromkeys(SURVEY, False)

    given(raised).when(Concern.hear, taking(CITY, "2024-09-10"), **none).refused(NothingHeard)


def test_an_agency_is_not_due_before_it_is_assigned():
    given(*LIFE[:4]).when(Concern.assign, above("2024-09-10"), AGENCY, due_on=date(2024, 9, 9)).refused(
        DueBeforeAssigned
    )
    same_day = given(*LIFE[:4]).when(Concern.assign, above("2024-09-10"), AGENCY, due_on=date(2024, 9, 10))
    same_day.then(replace_in(assigned, due_on="2024-09-10"))


# -- Acknowledged in writing

WRITE: tuple[Any, ...] = (
    Concern.acknowledge,
    taking(CITY, "2024-09-20"),
    "211-CV/TU",
    date(2024, 9, 18),
)


@pytest.mark.parametrize("told", [1, 2, 3, 8])
def test_it_is_acknowledged_whatever_came_of_it_since(told):
    given(*LIFE[:told]).when(*WRITE).then(acknowledged)


def test_an_acknowledgement_changes_the_state_only_of_what_was_just_raised():
    assert State.ACKNOWLEDGED == given(raised, acknowledged).aggregate().state
    assert State.ANSWERED_LOCALLY == given(raised, acknowledged, answered).aggregate().state
    assert State.ANSWERED_LOCALLY == given(raised, answered, acknowledged).aggregate().state


def test_it_is_acknowledged_once():
    given(raised, acknowledged).when(*WRITE).refused(AlreadyAcknowledged)


@pytest.mark.parametrize("dated", [date(2024, 9, 5), date(2024, 9, 21)])
def test_what_acknowledges_is_written_after_it_was_raised_and_by_the_day_it_is_told(dated):
    given(raised).when(Concern.acknowledge, WRITE[1], "211-CV/TU", dated).refused(WrittenOtherwise)


def test_it_is_not_acknowledged_tomorrow():
    tomorrow = taking(CITY, "2025-01-01")

    given(raised).when(Concern.acknowledge, tomorrow, "211-CV/TU", date(2024, 9, 18)).refused(InTheFuture)
