"""The rules of meetings and of those who sit in, each as a story."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.assessment.domain import Meeting
from services.assessment.domain.meeting import AlreadyAttended, NotHeldThere, NotThatDay
from services.assessment.domain.minutes import (
    ChairAbsent,
    DoesNotAddUp,
    DueBeforeMeeting,
    NamedTwice,
    NobodyPresent,
    VotesDoNotAddUp,
)
from services.assessment.domain.organization import BeforeFounding, InTheFuture, NotACell, NotASuperior
from tests.assessment.examples import CELL, COMMITTEE, DISTRICT, OTHER_CELL, attended, held, minutes
from tests.spec import fact, spec

given = spec(Meeting)
CODE = "TU-FINANCE-2024-11"
VISIT = (CELL, "TU-M-0900", "THAN-UYEN")
THAT_DAY: dict[str, Any] = {"attended_on": date(2024, 11, 28)}

# -- Holding


def test_a_cell_holds_a_meeting_and_its_minutes_are_recorded():
    given().when(Meeting.hold, CELL, CODE, minutes()).then(held)


@pytest.mark.parametrize("committee", [COMMITTEE, DISTRICT])
def test_a_committee_holds_no_cell_meeting(committee):
    given().when(Meeting.hold, committee, CODE, minutes()).refused(NotACell)


@pytest.mark.parametrize(
    "counts",
    [{"present": 17}, {"present": 21}, {"excused": 0}, {"unexcused": 1}, {"summoned_full": 20}],
)
def test_present_and_absent_add_up_to_all_who_were_summoned(counts):
    given().when(Meeting.hold, CELL, CODE, minutes(**counts)).refused(DoesNotAddUp)


def absent(*members, excused=True):
    return [{"member": member, "excused": excused} for member in members]


@pytest.mark.parametrize(
    "absences",
    [absent("TU-M-1", "TU-M-2", "TU-M-3"), absent("TU-M-1", excused=False)],
    ids=["more excused than counted", "one without reason where none is counted"],
)
def test_nobody_is_named_as_absent_who_is_not_counted_as_such(absences):
    given().when(Meeting.hold, CELL, CODE, minutes(absences=absences)).refused(
        DoesNotAddUp, "named as absent"
    )


def test_who_may_not_be_named_is_only_counted():
    unnamed = minutes(absences=[])

    given().when(Meeting.hold, CELL, CODE, unnamed).then(fact(Meeting.Held, **held.fields | {"absences": []}))


@pytest.mark.parametrize(
    "names",
    [
        {"absences": absent("TU-M-0007", "TU-M-0007")},
        {"absences": absent("TU-M-0900")},
        {"supervisors": ["TU-M-0900", "TU-M-0900"]},
    ],
    ids=["absent twice", "absent and a guest", "a guest twice"],
)
def test_minutes_name_a_member_once(names):
    given().when(Meeting.hold, CELL, CODE, minutes(**names)).refused(NamedTwice)


def test_whoever_is_in_the_chair_is_there():
    given().when(Meeting.hold, CELL, CODE, minutes(chaired_by="TU-M-0007")).refused(ChairAbsent)


@pytest.mark.parametrize(
    ("summoned", "in_favour"),
    [(19, 16), (18, 19), (17, 18)],
    ids=["a probationary one", "more", "fewer away"],
)
def test_only_full_members_vote_and_no_more_than_came(summoned, in_favour):
    vote = {"matter": "accounts", "summoned": summoned, "in_favour": in_favour, "secret": True}

    given().when(Meeting.hold, CELL, CODE, minutes(votes=[vote])).refused(VotesDoNotAddUp)


def test_a_vote_counts_against_all_full_members_summoned_however_few_came():
    vote = {"matter": "accounts", "summoned": 18, "in_favour": 10, "secret": True}
    few = minutes(present=10, excused=10, absences=[], votes=[vote])

    given().when(Meeting.hold, CELL, CODE, few).then(
        fact(Meeting.Held, **held.fields | {"present": 10, "excused": 10, "absences": [], "votes": [vote]})
    )


def test_where_nobody_came_no_meeting_was_held():
    nobody = minutes(present=0, excused=20, votes=[])

    given().when(Meeting.hold, CELL, CODE, nobody).refused(NobodyPresent)


def test_a_meeting_to_come_was_not_held():
    later = minutes(held_at=datetime(2024, 12, 31, 5, 0, 1, tzinfo=UTC))

    given().when(Meeting.hold, CELL, CODE, later).refused(InTheFuture)


def test_a_cell_did_not_meet_before_its_founding():
    before = minutes(held_at=datetime(2024, 6, 14, 7, tzinfo=UTC))

    given().when(Meeting.hold, OTHER_CELL, CODE, before).refused(BeforeFounding)


def test_the_day_of_founding_begins_at_midnight_in_the_province():
    founding_day = minutes(held_at=datetime(2024, 6, 14, 17, tzinfo=UTC))

    given().when(Meeting.hold, OTHER_CELL, CODE, founding_day).then(
        fact(Meeting.Held, **held.fields | {"organization": "TU-SCHOOL", "held_at": founding_day.held_at})
    )


def test_no_task_is_due_before_the_meeting_that_sets_it():
    late = minutes(tasks=[{"member": "TU-M-0001", "what": "prepare", "due_on": "2024-11-27"}])

    given().when(Meeting.hold, CELL, CODE, late).refused(DueBeforeMeeting)


def test_a_meeting_may_end_without_resolution_and_without_tasks():
    plain = minutes(resolution=None, tasks=[])

    given().when(Meeting.hold, CELL, CODE, plain).then(
        fact(Meeting.Held, **held.fields | {"resolution": None, "tasks": []})
    )


# -- Sitting in


def test_a_superior_sits_in_the_meeting_of_a_cell():
    given(held).when(Meeting.attend, *VISIT, **THAT_DAY).then(attended)


def test_a_visit_to_another_cell_than_the_one_that_met_is_refused():
    given(held).when(Meeting.attend, OTHER_CELL, "TU-M-0900", "THAN-UYEN", **THAT_DAY).refused(NotHeldThere)


@pytest.mark.parametrize("stranger", ["TU-FINANCE", "TU-SCHOOL", "TAM-KY"])
def test_supervisors_come_from_a_committee_above_the_cell(stranger):
    given(held).when(Meeting.attend, CELL, "TU-M-0900", stranger, **THAT_DAY).refused(NotASuperior)


@pytest.mark.parametrize("superior", ["LAI-CHAU", "THAN-UYEN", "TU-AGENCIES"])
def test_any_committee_above_the_cell_may_send_one(superior):
    sent = fact(Meeting.Attended, **attended.fields | {"superior": superior})

    given(held).when(Meeting.attend, CELL, "TU-M-0900", superior, **THAT_DAY).then(sent)


def test_a_meeting_is_attended_on_its_own_day():
    given(held).when(Meeting.attend, *VISIT, attended_on=date(2024, 11, 29)).refused(NotThatDay)


def test_a_late_evening_in_utc_is_the_next_day_in_the_province():
    late = fact(Meeting.Held, **held.fields | {"held_at": datetime(2024, 11, 27, 17, 30, tzinfo=UTC)})

    given(late).when(Meeting.attend, *VISIT, **THAT_DAY).then(attended)


def test_one_meeting_counts_once_for_each_supervisor():
    given(held, attended).when(Meeting.attend, *VISIT, **THAT_DAY).refused(AlreadyAttended)


def test_two_supervisors_may_sit_in_the_same_meeting():
    second = fact(Meeting.Attended, **attended.fields | {"supervisor": "TU-M-0901"})
    silent = fact(Meeting.Held, **held.fields | {"supervisors": None})

    given(silent, attended).when(Meeting.attend, CELL, "TU-M-0901", "THAN-UYEN", **THAT_DAY).then(second)
