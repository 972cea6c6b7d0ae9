"""What is to come or to be done in a cell is told to those who have to come or to do it, while it is news."""

import pytest

from contracts.catalogue import CATALOGUE
from services.chassis.delivery import Gap
from tests.notification.stories import notices_made, told
from tests.telling import Telling, restricted

pytestmark = pytest.mark.anyio

CELL = "TU-C-001"
FOLLOWS = {"superior": "THAN-UYEN", "year": "2024", "rules": {"name": "tam-ky", "version": "1"}}
SECRETARY, SUPERVISOR = "TU-C-001 SECRETARY", "THAN-UYEN SUPERVISOR"


def said(name, **fields):
    return CATALOGUE[f"assessment.{name}.v1"].model_validate({"organization": CELL, **fields})


def called(announced_at="2024-11-18T08:00:00+07:00", *, on="2024-11-25", hour=19):
    when = {"scheduled_for": f"{on}T{hour}:00:00+07:00", "announced_at": announced_at}
    return said("MeetingScheduled", meeting="TU-C-001-11", kind="REGULAR", **when)


def called_off(at="2024-11-20T08:00:00+07:00"):
    return said("MeetingCancelled", meeting="TU-C-001-11", cancelled_at=at, reason="a flood")


def follows(member, on="2024-01-15", cell=CELL):
    return said("SupervisionAssigned", organization=cell, supervisor=member, assigned_on=on, **FOLLOWS)


def follows_no_more(member, on):
    ends = {"superior": "THAN-UYEN", "year": "2024", "ended_on": on, "reason": "moved"}
    return said("SupervisionEnded", supervisor=member, **ends)


def returned(on, period="2024-10"):
    how = {"returned_by": "THAN-UYEN", "reason": "the minutes are missing", "resubmit_by": "2024-12-31"}
    return said("SelfAssessmentReturned", period=period, returned_on=on, **how)


def raised(on, to="THAN-UYEN", concern="KN-1"):
    about = {"matter": "a road", "category": "ROADS", "meeting": "TU-C-001-10", "raised_on": on}
    return said("ConcernRaised", concern=concern, raised_to=to, **about)


def escalated(on, to):
    up = {"by": "THAN-UYEN", "to": to, "escalated_on": on, "reasons": ["BEYOND_COMPETENCE"]}
    return said("ConcernEscalated", concern="KN-1", **up)


def mismatch(on, supervisor="M-0900"):
    who = {"superior": "THAN-UYEN", "supervisor": supervisor, "denied_by": "CELL"}
    return said("VisitMismatchNoted", meeting="TU-C-001-10", noted_on=on, **who)


def ended(duty="MEETING", outcome="MISSED", *, due_on="2024-11-10", subject="2024-10", owed_by=CELL):
    owed = {"duty": duty, "subject": subject, "owed_by": owed_by, "due_on": due_on, "period": "2024-10"}
    rules = {"name": "obligations", "version": "1"}
    return said("ObligationEnded", **owed, judged_on="2024-11-19", outcome=outcome, rules=rules)


@pytest.fixture
def hear(calls, on_assessment, tell):
    """Return what lets everybody read what assessment told, the policy last."""

    async def hearing(*events):
        deliveries = tell.all(*events)
        await calls.apply(deliveries)
        await on_assessment.apply(deliveries)

    return hearing


# -- Meetings


async def test_a_meeting_is_told_to_the_cells_secretary_and_to_each_who_follows_the_cell(hear, store):
    await hear(follows("M-0900"), follows("M-0901"), follows("M-0902", cell="TU-C-002"), called())

    rule = ("MEETING_CALLED", CELL, "2024-11-25")
    assert [(*rule, SECRETARY), (*rule, SUPERVISOR), (*rule, SUPERVISOR)] == await told(store)
    assert [None, "M-0900", "M-0901"] == [made.holder for made in await notices_made(store)]
    assert {"TU-C-001-11"} == {made.about for made in await notices_made(store)}


async def test_the_notice_lies_in_the_inbox_of_the_committee_with_the_meetings_code(hear, store, box, carry):
    await hear(follows("M-0900"), called())
    await carry()
    [notice] = await box.inbox("THAN-UYEN", 10)

    assert ("SUPERVISOR", "M-0900", "TU-C-001-11") == (notice.role, notice.holder, notice.about)


async def test_only_who_follows_the_cell_on_the_day_of_the_meeting_is_told(hear, store):
    await hear(
        follows("M-0900"),
        follows_no_more("M-0900", "2024-11-25"),
        follows("M-0901"),
        follows_no_more("M-0901", "2024-11-26"),
        follows("M-0902", on="2024-11-25"),
        follows("M-0903", on="2024-11-26"),
        called(),
    )

    assert [None, "M-0901", "M-0902"] == [made.holder for made in await notices_made(store)]


async def test_who_restricts_the_use_of_their_data_is_told_and_not_named(hear, store, restrictions):
    await restrictions.apply([Telling()(restricted("M-0900", "TU-C-002", "2024-11-01"))])
    await hear(follows("M-0900"), called())

    assert [(SECRETARY, None), (SUPERVISOR, None)] == [
        (f"{made.recipient} {made.role}", made.holder) for made in await notices_made(store)
    ]


async def test_a_meeting_called_anew_is_told_as_often_as_it_is_even_for_another_hour(hear, store):
    await hear(called())
    await hear(called("2024-11-19T08:00:00+07:00", on="2024-11-28"))
    await hear(called("2024-11-19T09:00:00+07:00", on="2024-11-28", hour=20))

    assert [
        ("MEETING_CALLED", CELL, "2024-11-25", SECRETARY),
        ("MEETING_CHANGED", CELL, "2024-11-28", SECRETARY),
        ("MEETING_CHANGED", CELL, "2024-11-28", SECRETARY),
    ] == await told(store)


async def test_an_earlier_call_that_comes_late_is_no_news(hear, store):
    await hear(called("2024-11-19T08:00:00+07:00", on="2024-11-28"))
    await hear(called("2024-11-18T08:00:00+07:00"))

    assert [("MEETING_CALLED", CELL, "2024-11-28", SECRETARY)] == await told(store)


async def test_a_meeting_called_off_is_told_with_the_day_it_was_called_for(hear, store):
    await hear(called(), called_off())

    assert [
        ("MEETING_CALLED", CELL, "2024-11-25", SECRETARY),
        ("MEETING_CANCELLED", CELL, "2024-11-25", SECRETARY),
    ] == await told(store)


async def test_a_meeting_that_was_to_begin_already_is_history(hear, clock, store):
    clock.set("2024-11-25", hour=19)
    await hear(called(), called_off())

    assert [] == await told(store)


async def test_nobody_is_told_before_it_is_known_who_follows_the_cell(calls, on_assessment, tell, store):
    deliveries = tell.all(follows("M-0900"), called())
    await calls.apply(deliveries[:1])

    with pytest.raises(Gap, match="calls has read assessment up to 1, not yet 2"):
        await on_assessment.apply(deliveries)
    assert [] == await told(store)


# -- Self-assessments


async def test_a_returned_self_assessment_is_told_to_the_cell_each_time(hear, store):
    await hear(returned("2024-11-10"), returned("2024-11-19"))

    assert [("SELF_ASSESSMENT_RETURNED", CELL, "2024-10", SECRETARY)] * 2 == await told(store)


async def test_what_was_returned_more_than_thirty_days_ago_is_no_news(hear, store):
    await hear(returned("2024-10-20"), returned("2024-10-21", "2024-09"))

    assert ["2024-09"] == [period for _, _, period, _ in await told(store)]


# -- Concerns


async def test_a_concern_is_told_to_each_committee_that_it_comes_to(hear, store):
    await hear(raised("2024-11-18"), escalated("2024-11-19", to="LAI-CHAU"))

    assert [
        ("CONCERN_RECEIVED", CELL, "2024-11-18", "THAN-UYEN COMMITTEE"),
        ("CONCERN_RECEIVED", CELL, "2024-11-19", "LAI-CHAU COMMITTEE"),
    ] == await told(store)
    assert {"KN-1"} == {made.about for made in await notices_made(store)}


async def test_two_concerns_of_one_day_are_two_notices_and_one_told_again_is_none(hear, store):
    await hear(raised("2024-11-18"), raised("2024-11-18", concern="KN-2"), raised("2024-11-18"))

    assert ["KN-1", "KN-2"] == [made.about for made in await notices_made(store)]


async def test_a_concern_of_long_ago_is_no_news(hear, store):
    await hear(raised("2024-10-20"), escalated("2024-10-20", to="LAI-CHAU"))

    assert [] == await told(store)


# -- Visits


async def test_a_visit_on_which_the_sides_differ_is_told_to_the_committee_that_clears_it_up(hear, store):
    await hear(mismatch("2024-10-20"), mismatch("2024-11-19"), mismatch("2024-11-19", "M-0901"))

    assert [("VISIT_MISMATCH", CELL, "2024-11-19", "THAN-UYEN COMMITTEE")] == await told(store)
    assert [("TU-C-001-10", None)] == [(made.about, made.holder) for made in await notices_made(store)]


# -- What was owed


@pytest.mark.parametrize(
    ("duty", "subject", "owed_by", "about", "told_to"),
    [
        ("MEETING", "2024-10", CELL, None, {SECRETARY, "THAN-UYEN SUPERIOR"}),
        ("THEMATIC_MEETING", "2024-Q4", CELL, None, {SECRETARY, "THAN-UYEN SUPERIOR"}),
        ("VISIT", "M-0900", "LAI-CHAU", None, {SECRETARY, "LAI-CHAU COMMITTEE"}),
        ("ACKNOWLEDGEMENT", "KN-1", "LAI-CHAU", "KN-1", {SECRETARY, "LAI-CHAU COMMITTEE"}),
    ],
)
async def test_what_was_missed_is_told_to_the_cell_and_to_who_owed_it_or_stands_above(
    hear, store, duty, subject, owed_by, about, told_to
):
    await hear(ended(duty, subject=subject, owed_by=owed_by))

    assert {(f"{duty}_MISSED", CELL, "2024-10", to) for to in told_to} == set(await told(store))
    assert {about} == {made.about for made in await notices_made(store)}


@pytest.mark.parametrize("subject", ["2024-10", "2024"])
async def test_a_missing_self_assessment_is_told_of_the_period_it_was_to_assess(hear, store, subject):
    await hear(ended("SELF_ASSESSMENT", subject=subject))

    assert [
        ("SELF_ASSESSMENT_MISSING", CELL, subject, SECRETARY),
        ("SELF_ASSESSMENT_MISSING", CELL, subject, "THAN-UYEN SUPERIOR"),
    ] == await told(store)


async def test_two_members_whose_visits_are_missing_are_one_notice_that_names_neither(hear, store):
    await hear(*(ended("VISIT", subject=one, owed_by="THAN-UYEN") for one in ("M-0900", "M-0901")))

    assert 2 == len(await told(store))
    assert {None} == {made.holder for made in await notices_made(store)}


async def test_what_is_judged_anew_is_not_told_again(hear, store):
    await hear(ended(), ended(outcome="LATE"), ended())

    assert 2 == len(await told(store))


@pytest.mark.parametrize("outcome", ["MET", "LATE", "EXCUSED"])
async def test_what_was_done_or_is_owed_no_more_is_told_to_nobody(hear, store, outcome):
    await hear(ended(outcome=outcome))

    assert [] == await told(store)


async def test_an_overdue_recognition_is_told_as_the_registry_notes_it_and_not_twice(hear, store):
    await hear(ended("RECOGNITION", subject="M-0900"))

    assert [] == await told(store)


async def test_what_fell_due_more_than_thirty_days_ago_is_told_to_nobody(hear, store):
    await hear(ended(due_on="2024-10-20"))

    assert [] == await told(store)
