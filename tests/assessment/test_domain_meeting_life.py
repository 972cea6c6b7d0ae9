"""How a meeting is called, called off, put right and followed up; the same in any order of arrival."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from services.assessment.domain import Meeting
from services.assessment.domain.call import (
    AlreadyScheduled,
    Call,
    CalledTooLate,
    MeetingCancelledAlready,
)
from services.assessment.domain.follow_up import (
    AlreadyReported,
    NotALaterMeeting,
    NotReportedThatDay,
    Report,
    UnknownTask,
)
from services.assessment.domain.meeting import AlreadyHeld, NotHeldThere, UnknownMeeting
from services.assessment.domain.minutes import BeforeMeeting, NothingCorrected
from services.assessment.domain.organization import BeforeFounding, InTheFuture, NotACell, Organization
from tests.assessment.examples import (
    CALL,
    CELL,
    DISTRICT,
    MINUTES,
    NAMED,
    OTHER_CELL,
    called_off,
    held,
    minuted,
    minutes,
    put_off,
    rewritten,
    scheduled,
    task_done,
)
from tests.spec import NOW, fact, spec

given = spec(Meeting)
CODE = "TU-FINANCE-2024-11"


def call(**changed):
    return Call(**CALL | {"topics": tuple(CALL["topics"])} | changed)


def at(day: int, hour: int = 2, month: int = 11) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=UTC)


SECOND = call(scheduled_for=at(29, 7), announced_at=at(22))
OFF = {"reason": "the storm", "cancelled_at": at(25)}
RIGHT = {"reason": "it ended earlier", "corrected_at": at(30)}

# -- Called


def test_a_cell_calls_a_meeting():
    given().when(Meeting.schedule, CELL, CODE, call()).then(scheduled)


def test_and_calls_it_for_another_time():
    given(scheduled).when(Meeting.announce, CELL, SECOND).then(put_off)


def test_what_was_announced_last_counts_however_it_arrives():
    for history in ((scheduled, put_off), (fact(Meeting.Scheduled, **put_off.fields), earlier_told_late)):
        assert at(29, 7) == given(*history).aggregate().call.scheduled_for


earlier_told_late = fact(Meeting.Announced, **scheduled.fields)


def test_a_committee_calls_no_cell_meeting():
    given().when(Meeting.schedule, DISTRICT, CODE, call()).refused(NotACell)


def test_a_meeting_is_called_before_it_begins():
    late = call(announced_at=CALL["scheduled_for"])

    given().when(Meeting.schedule, CELL, CODE, late).refused(CalledTooLate)


def test_a_call_to_come_is_not_a_call():
    given().when(
        Meeting.schedule, CELL, CODE, call(announced_at=at(31, 6, 12), scheduled_for=at(31, 7, 12))
    ).refused(InTheFuture)


def test_nothing_is_called_before_the_founding():
    early = call(announced_at=datetime(2024, 6, 1, tzinfo=UTC))

    given().when(Meeting.schedule, OTHER_CELL, CODE, early).refused(BeforeFounding)


def test_a_meeting_is_announced_once_at_one_moment():
    given(scheduled).when(Meeting.announce, CELL, call()).refused(AlreadyScheduled)


@pytest.mark.parametrize(
    "decision",
    [
        (Meeting.announce, OTHER_CELL, SECOND),
        (Meeting.cancel, OTHER_CELL, "why"),
        (Meeting.take_minutes, OTHER_CELL, minutes()),
    ],
    ids=["called", "called off", "held"],
)
def test_nobody_uses_the_code_of_another_cells_meeting(decision):
    verb, *args = decision
    stated = {"cancelled_at": at(25)} if verb is Meeting.cancel else {}

    given(scheduled).when(verb, *args, **stated).refused(NotHeldThere)


# -- Called off


def test_a_cell_calls_a_meeting_off():
    given(scheduled).when(Meeting.cancel, CELL, **OFF).then(called_off)


def test_what_was_called_off_is_not_called_again_nor_held_nor_called_off_twice():
    later = call(announced_at=at(26))

    given(scheduled, called_off).when(Meeting.announce, CELL, later).refused(MeetingCancelledAlready)
    given(scheduled, called_off).when(Meeting.take_minutes, CELL, minutes()).refused(MeetingCancelledAlready)
    given(scheduled, called_off).when(Meeting.cancel, CELL, **OFF).refused(MeetingCancelledAlready)


def test_that_it_was_put_off_before_may_be_told_after_it_was_called_off():
    given(scheduled, called_off).when(Meeting.announce, CELL, SECOND).then(put_off)


def test_what_was_held_is_not_called_off_nor_called_anew():
    given(held).when(Meeting.cancel, CELL, **OFF).refused(AlreadyHeld)
    given(held).when(Meeting.announce, CELL, call(announced_at=at(29), scheduled_for=at(30))).refused(
        AlreadyHeld
    )


def test_nothing_is_called_off_that_is_to_come():
    given(scheduled).when(Meeting.cancel, CELL, "why", cancelled_at=at(31, 6, 12)).refused(InTheFuture)


# -- Held as it was called


def test_minutes_are_taken_of_a_meeting_that_was_called():
    given(scheduled, put_off).when(Meeting.take_minutes, CELL, minutes()).then(minuted)


def test_minutes_are_taken_once():
    given(held).when(Meeting.take_minutes, CELL, minutes()).refused(AlreadyHeld)
    given(scheduled, minuted).when(Meeting.take_minutes, CELL, minutes()).refused(AlreadyHeld)


def test_that_it_was_called_may_be_told_after_its_minutes():
    given(held).when(Meeting.announce, CELL, call()).then(earlier_told_late)


# -- Put right


def test_minutes_are_replaced_as_a_whole_and_the_first_stay_on_record():
    given(held).when(Meeting.correct, CELL, minutes(duration_min=90), **RIGHT).then(rewritten)
    assert 90 == given(held, rewritten).aggregate().held.duration_min


def test_of_two_corrections_the_later_counts_however_they_arrive():
    longer = rewritten.fields | {"duration_min": 100, "corrected_at": at(29)}
    earlier = fact(Meeting.MinutesCorrected, **longer)

    for order in permutations((earlier, rewritten)):
        assert 90 == given(held, *order).aggregate().held.duration_min


def test_a_correction_says_something_new_at_a_moment_of_its_own():
    given(held).when(Meeting.correct, CELL, minutes(), **RIGHT).refused(NothingCorrected)
    given(held, rewritten).when(Meeting.correct, CELL, minutes(duration_min=80), **RIGHT).refused(
        NothingCorrected
    )


def test_minutes_are_corrected_after_the_meeting_and_before_today_is_over():
    changed = CELL, minutes(duration_min=90), "why"

    given(held).when(Meeting.correct, *changed, corrected_at=at(28, 6)).refused(BeforeMeeting)
    given(held).when(Meeting.correct, *changed, corrected_at=at(31, 6, 12)).refused(InTheFuture)


def test_minutes_that_are_not_there_yet_cannot_be_corrected():
    given(scheduled).when(Meeting.correct, CELL, minutes(), **RIGHT).refused(UnknownMeeting)


# -- Followed up

SPRING = {"meeting": "TU-FINANCE-2024-12", "organization": "TU-FINANCE"}


def december(**changed):
    fields = held.fields | SPRING | {"held_at": at(28, 7, 12), "tasks": []} | changed
    return given(fact(Meeting.Held, **fields)).aggregate()


DONE = Report(1, "DONE", date(2024, 12, 28))


def test_a_later_meeting_hears_what_became_of_a_task():
    given(held).when(Meeting.report, CELL, DONE, december()).then(task_done)


def test_the_latest_report_of_a_task_counts_however_they_arrive():
    under_way = fact(
        Meeting.TaskReported,
        **task_done.fields
        | {"state": "UNDER_WAY", "at_meeting": "TU-FINANCE-2024-11-B", "reported_on": "2024-11-30"},
    )

    for order in permutations((under_way, task_done)):
        assert "DONE" == given(held, *order).aggregate().tasks[1].state


def test_there_is_no_task_but_those_in_the_minutes():
    second = Report(2, "DONE", date(2024, 12, 28))

    given(held).when(Meeting.report, CELL, second, december()).refused(UnknownTask)


@pytest.mark.parametrize(
    "where",
    [{"held_at": MINUTES["held_at"]}, {"organization": "TU-SCHOOL"}],
    ids=["no later", "of another cell"],
)
def test_a_task_is_reported_at_a_later_meeting_of_the_cell(where):
    given(held).when(Meeting.report, CELL, DONE, december(**where)).refused(NotALaterMeeting)


def test_the_tasks_of_a_cell_that_merged_are_heard_where_it_went():
    merged = Organization(
        "TU-FINANCE",
        "SUBORDINATE_CELL",
        date(1995, 3, 1),
        ("LAI-CHAU", "THAN-UYEN", "TU-SCHOOL", "TU-FINANCE"),
    )
    heard = fact(Meeting.TaskReported, **task_done.fields | {"organization": "TU-SCHOOL"})

    given(held).when(Meeting.report, merged, DONE, december(organization="TU-SCHOOL")).then(heard)


def test_a_task_is_reported_on_the_day_of_the_meeting_that_hears_of_it():
    wrong = Report(1, "DONE", date(2024, 12, 29))

    given(held).when(Meeting.report, CELL, wrong, december()).refused(NotReportedThatDay)


def test_a_meeting_hears_once_of_a_task():
    given(held, task_done).when(Meeting.report, CELL, DONE, december()).refused(AlreadyReported)


def test_what_was_only_called_has_no_tasks():
    given(scheduled).when(Meeting.report, CELL, DONE, december()).refused(UnknownMeeting)


# -- Any order of arrival

TOLD = (
    ("scheduled", Meeting.announce, (CELL, call()), {}),
    ("put off", Meeting.announce, (CELL, SECOND), {}),
    ("held", Meeting.take_minutes, (CELL, minutes()), {}),
    ("corrected", Meeting.correct, (CELL, minutes(duration_min=90)), RIGHT),
    ("reported", Meeting.report, (CELL, DONE, december()), {}),
)
BEGUN = {"scheduled": Meeting.schedule, "held": Meeting.hold, "put off": Meeting.schedule}


def arriving(order):
    """Return a meeting that took in all of `order`, what had to wait for its minutes in the next round."""
    meeting, waiting = None, list(order)
    while waiting:
        name, verb, args, stated = waiting.pop(0)
        try:
            if meeting is None and name not in BEGUN:
                raise UnknownMeeting(CODE)
            if meeting is None:
                meeting = BEGUN[name](CELL, CODE, *args[1:], **stated, at=NOW)
            else:
                verb(meeting, *args, **stated, at=NOW)
        except UnknownMeeting:
            waiting.append((name, verb, args, stated))
    return meeting


def test_any_order_of_arrival_gives_the_same_meeting():
    ends = {
        (met.call.scheduled_for, met.held.duration_min, met.tasks[1].state)
        for met in map(arriving, permutations(TOLD))
    }

    assert {(at(29, 7), 90, "DONE")} == ends
    assert NAMED["meeting"] == CODE
