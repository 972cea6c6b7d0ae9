"""Visits: planned before, confirmed by both sides, disputed and settled, reported on; in any order."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest

from services.assessment.domain import Meeting, Supervision, VisitPlan
from services.assessment.domain.meeting import NotHeldThere, UnknownMeeting
from services.assessment.domain.minutes import BeforeMeeting
from services.assessment.domain.organization import (
    BeforeFounding,
    InTheFuture,
    NotACell,
    NotASuperior,
    OrganizationEnded,
)
from services.assessment.domain.supervision import NotAssigned
from services.assessment.domain.visit import (
    AlreadyConfirmed,
    NotAttended,
    NothingDisputed,
    ReportedBeforeVisit,
    VisitReportedAlready,
)
from services.assessment.domain.visit_plan import PlannedTooLate
from tests.assessment.examples import (
    CELL,
    COMMITTEE,
    MINUTES,
    NAMED,
    OTHER_CELL,
    attended,
    held,
    minutes,
    scheduled,
)
from tests.assessment.supervision import (
    OF_MEETING,
    assigned,
    confirmed,
    ended,
    moment,
    noted,
    planned,
    report,
    reported,
    settled,
    word,
)
from tests.spec import NOW, fact, spec

given = spec(Meeting)
TODAY = NOW.date().isoformat()
noted_now = fact(Meeting.MismatchNoted, **noted.fields | {"noted_on": TODAY})
silent = fact(Meeting.Held, **NAMED, **MINUTES | {"supervisors": None})
alone = fact(Meeting.Held, **NAMED, **MINUTES | {"supervisors": []})


def said(*history, heir=CELL, cell=CELL, **changed):
    return given(*history).when(Meeting.confirm, cell, heir, word(**changed))


def told(side="CELL", attended=False, confirmed_at=None):
    fields = {"side": side, "attended": attended, "confirmed_at": confirmed_at or moment(1)}
    return fact(Meeting.VisitConfirmed, **OF_MEETING, **fields)


def settling(attended):
    return fact(Meeting.MismatchSettled, **settled.fields | {"attended": attended, "settled_on": TODAY})


# -- Both sides


def test_a_visit_that_the_minutes_confirm_is_no_mismatch():
    given(held).when(Meeting.attend, CELL, "TU-M-0900", "THAN-UYEN", attended_on=date(2024, 11, 28)).then(
        attended
    )


def test_a_visit_that_the_minutes_do_not_know_of_is_one():
    given(alone).when(Meeting.attend, CELL, "TU-M-0900", "THAN-UYEN", attended_on=date(2024, 11, 28)).then(
        attended, noted_now
    )


def test_minutes_that_do_not_say_who_came_from_above_deny_nothing():
    given(silent).when(Meeting.attend, CELL, "TU-M-0900", "THAN-UYEN", attended_on=date(2024, 11, 28)).then(
        attended
    )


def test_what_the_cell_says_expressly_counts_instead_of_its_minutes():
    said(held, attended).then(confirmed, noted_now)


def test_a_cell_may_confirm_whom_its_minutes_leave_out():
    confirming = {"attended": True, "confirmed_at": moment(1)}

    said(alone, attended, noted, **confirming).then(told(**confirming), settling(True))


def test_a_supervisor_who_says_they_were_not_there_contradicts_the_minutes():
    denied = told(side="SUPERVISOR")

    said(held, side="SUPERVISOR").then(
        denied, fact(Meeting.MismatchNoted, **noted_now.fields | {"denied_by": "SUPERVISOR"})
    )


@pytest.mark.parametrize(
    ("side", "attended_too"),
    [("CELL", True), ("SUPERVISOR", False)],
)
def test_a_mismatch_ends_as_soon_as_both_say_the_same(side, attended_too):
    later = {"side": side, "attended": attended_too, "confirmed_at": moment(2)}

    said(silent, attended, confirmed, noted, **later).then(told(**later), settling(attended_too))


@pytest.mark.parametrize("decided", [True, False])
def test_a_committee_above_decides_what_the_two_do_not_agree_on(decided):
    decision = {"side": "SUPERIOR", "attended": decided, "confirmed_at": moment(3)}

    said(silent, attended, confirmed, noted, **decision).then(told(**decision), settling(decided))


def test_what_was_decided_is_not_disputed_again():
    decided = told(side="SUPERIOR", attended=True, confirmed_at=moment(3))
    later = {"side": "CELL", "confirmed_at": moment(4)}

    said(silent, attended, confirmed, noted, decided, settled, **later).then(told(**later))


def test_minutes_put_right_settle_it():
    rights = minutes(supervisors=["TU-M-0900"])
    right = {"reason": "one was forgotten", "corrected_at": datetime(2024, 11, 30, 2, tzinfo=UTC)}
    corrected = fact(Meeting.MinutesCorrected, **NAMED, **MINUTES | {"supervisors": ["TU-M-0900"]}, **right)

    given(alone, attended, noted).when(Meeting.correct, CELL, rights, **right).then(corrected, settling(True))


def test_minutes_put_right_raise_it_too():
    right = {"reason": "nobody came", "corrected_at": datetime(2024, 11, 30, 2, tzinfo=UTC)}
    corrected = fact(Meeting.MinutesCorrected, **NAMED, **MINUTES | {"supervisors": []}, **right)

    given(held, attended).when(Meeting.correct, CELL, minutes(supervisors=[]), **right).then(
        corrected, noted_now
    )


def test_what_a_side_said_last_counts_however_late_it_is_told():
    meeting = given(
        silent, attended, told(attended=True, confirmed_at=moment(3)), told(confirmed_at=moment(1))
    ).aggregate()

    assert (True, True, True) == (
        meeting.stated("TU-M-0900"),
        meeting.seen("TU-M-0900"),
        meeting.attended("TU-M-0900"),
    )


ORDERS = list(
    permutations(
        [
            (Meeting.attend, (CELL, "TU-M-0900", "THAN-UYEN"), {"attended_on": date(2024, 11, 28)}),
            (Meeting.confirm, (CELL, CELL, word()), {}),
            (Meeting.confirm, (CELL, CELL, word(attended=True, confirmed_at=moment(4))), {}),
            (
                Meeting.correct,
                (CELL, minutes(supervisors=[], duration_min=90), "nobody came"),
                {"corrected_at": datetime(2024, 11, 30, 2, tzinfo=UTC)},
            ),
        ]
    )
)


@pytest.mark.parametrize("order", ORDERS)
def test_any_order_of_arrival_gives_the_same_visit(order):
    meeting = given(alone).aggregate()
    for verb, args, kwargs in order:
        verb(meeting, *args, **kwargs, at=NOW)

    assert (True, frozenset()) == (meeting.attended("TU-M-0900"), meeting.disputed)


def test_while_the_two_differ_nobody_knows_whether_they_were_there():
    assert given(silent, attended, confirmed).aggregate().attended("TU-M-0900") is None


# -- What is refused


def test_one_side_says_one_thing_at_one_moment():
    said(held, attended, confirmed, attended=True).refused(AlreadyConfirmed)


def test_a_supervisors_first_word_is_the_attendance_itself():
    said(held, side="SUPERVISOR", attended=True).refused(NotAttended)


def test_a_superior_decides_only_where_the_two_differ():
    said(held, attended, side="SUPERIOR").refused(NothingDisputed)


def test_nobody_speaks_of_a_visit_before_there_are_minutes():
    said(scheduled).refused(UnknownMeeting)


def test_nobody_speaks_of_a_visit_before_the_meeting_or_tomorrow():
    said(held, confirmed_at=moment(28, 6, 11)).refused(BeforeMeeting)
    said(held, confirmed_at=datetime(2026, 1, 1, tzinfo=UTC)).refused(InTheFuture)


def test_a_visit_is_to_the_cell_that_met():
    said(held, cell=OTHER_CELL).refused(NotHeldThere)


def test_only_a_committee_above_the_cell_sends_supervisors_or_decides():
    said(held, superior="TAM-KY").refused(NotASuperior)
    said(alone, attended, noted, side="SUPERIOR", superior="TAM-KY").refused(NotASuperior)


def test_a_committee_above_what_the_cell_was_merged_into_may_decide():
    heir = replace(OTHER_CELL, path=("QUANG-NINH", OTHER_CELL.code))
    by = {"side": "SUPERIOR", "attended": True, "confirmed_at": moment(3), "superior": "QUANG-NINH"}
    decided = fact(
        Meeting.VisitConfirmed,
        **OF_MEETING | {"superior": "QUANG-NINH"},
        side="SUPERIOR",
        attended=True,
        confirmed_at=moment(3),
    )

    said(alone, attended, noted, heir=heir, **by).then(decided, settling(True))


# -- Reports


def reporting(*history, cell=CELL, **changed):
    return given(*history).when(Meeting.report_visit, cell, report(**changed))


def test_a_supervisor_reports_on_a_meeting_they_sat_in():
    reporting(held, attended).then(reported)


@pytest.mark.parametrize(
    ("history", "changed", "refusal"),
    [
        ((held,), {}, NotAttended),
        ((held, attended, reported), {}, VisitReportedAlready),
        ((held, attended), {"reported_on": date(2024, 11, 27)}, ReportedBeforeVisit),
        ((held, attended), {"reported_on": date(2026, 1, 1)}, InTheFuture),
        ((held, attended), {"superior": "TAM-KY"}, NotASuperior),
        ((held, attended), {"cell": OTHER_CELL}, NotHeldThere),
        ((scheduled,), {}, UnknownMeeting),
    ],
)
def test_a_report_that_breaks_a_rule_is_refused(history, changed, refusal):
    reporting(*history, **changed).refused(refusal)


# -- Plans


WHEN: dict[str, Any] = {"planned_for": date(2024, 11, 28), "registered_on": date(2024, 11, 20)}
followed = spec(Supervision)(assigned).aggregate()


def planning(cell=CELL, by=followed, superior="THAN-UYEN", **changed):
    return spec(VisitPlan)().when(VisitPlan.plan, cell, by, "TU-M-0900", superior, **WHEN | changed)


def test_whoever_follows_a_cell_plans_a_visit_before_it_is_made():
    planning().then(planned)


@pytest.mark.parametrize("on", [date(2024, 11, 28), date(2024, 11, 29)])
def test_a_plan_is_registered_by_the_day_before(on):
    planning(registered_on=on).refused(PlannedTooLate)


def test_nobody_plans_a_visit_to_a_cell_they_do_not_follow_then():
    planning(by=None).refused(NotAssigned)
    planning(planned_for=date(2024, 1, 14), registered_on=date(2024, 1, 2)).refused(NotAssigned)
    planning(by=spec(Supervision)(assigned, ended).aggregate()).refused(NotAssigned)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"cell": COMMITTEE}, NotACell),
        ({"superior": "TAM-KY"}, NotASuperior),
        ({"registered_on": date(2026, 1, 1), "planned_for": date(2026, 2, 1)}, InTheFuture),
        ({"cell": replace(CELL, founded_on=date(2024, 11, 21))}, BeforeFounding),
        ({"cell": replace(CELL, ended_on=date(2024, 11, 1))}, OrganizationEnded),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused(changed, refusal):
    planning(**changed).refused(refusal)
