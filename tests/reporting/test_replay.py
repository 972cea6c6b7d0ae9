"""The replay of one cell, as a pure fold: what happened by then, and what could be known by then."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import OrganizationSplit
from services.reporting.cell import CellState, Entry, Visit
from services.reporting.replay import HISTORIES_MAX, Replay, state
from services.reporting.views import Count
from tests.chassis.story import until
from tests.reporting.story import (
    RECORDED,
    Publisher,
    accepted,
    admitted,
    assessed,
    attended,
    classified,
    corrected,
    founded,
    framework,
    framework_anew,
    held,
    restated,
    resubmitted,
    returned,
    selected,
    told,
)
from tests.telling import delivered

EVENING = datetime(2024, 11, 5, 16, 59, tzinfo=UTC)
"""A minute before midnight in the province."""

YEAR = (
    founded("C-1", parent="D-1", on=date(2020, 1, 1)),
    framework("P-1", date(2024, 5, 19)),
    framework("D-1", date(2024, 9, 1), number="161-KH/HU"),
    admitted("M-1", "C-1", date(2020, 2, 3)),
    admitted("M-2", "C-1", date(2024, 3, 1), "PROBATIONARY"),
    selected("C-1", "PILOT", date(2024, 6, 1)),
    held("MT-1", "C-1", EVENING),
    attended("S-1", "C-1", "MT-1", date(2024, 11, 5)),
    assessed("C-1", "2024-11", date(2024, 12, 6), four_good=True),
    corrected("C-1", "2024-11", date(2024, 12, 10), four_good=False),
    classified("C-1", "2024", "GOOD", date(2024, 12, 20)),
)


def entries(*events):
    return [Entry(place, delivery.message) for place, delivery in enumerate(told(*events), 1)]


def as_of(on, events=YEAR, known_at=None):
    return state(entries(*events), "C-1", date.fromisoformat(on), known_at)


def test_a_code_that_is_withheld_stands_nowhere_in_what_an_event_says_however_deep():
    split = OrganizationSplit(
        organization="C-1",
        into=["C-2"],
        transfers=[{"member": "M-1", "to": "C-2"}, {"member": "M-2", "to": "C-2"}],
        effective_on=date(2025, 7, 1),
        decision={"number": "1205-QĐ/TU", "date": date(2025, 6, 27)},
    )
    meeting, parted, visit = (
        replace(entry, withheld={"M-1", "S-1"}).data
        for entry in entries(
            held("MT-1", "C-1", EVENING), split, attended("S-1", "C-1", "MT-1", date(2024, 11, 5))
        )
    )

    assert ["[restricted]"] == [task["member"] for task in meeting["tasks"]]
    assert [("[restricted]", "C-2"), ("M-2", "C-2")] == [
        (one["member"], one["to"]) for one in parted["transfers"]
    ]
    assert ("[restricted]", "C-1", 20) == (visit["supervisor"], visit["organization"], meeting["present"])


def test_an_event_is_on_a_day_of_the_provinces_calendar():
    late, later = entries(held("MT-1", "C-1", EVENING), held("MT-2", "C-1", EVENING + timedelta(minutes=1)))

    assert (date(2024, 11, 5), date(2024, 11, 6)) == (late.on, later.on)
    assert "MeetingHeld" == late.name


def test_a_meeting_nobody_was_summoned_to_has_no_attendance():
    empty = held("MT-1", "C-1", EVENING, full=0, probationary=0, present=0)

    assert as_of("2024-11-05", [empty]).meetings[0].attendance is None


def test_before_anything_happened_there_is_only_the_code():
    assert CellState(on=date(2019, 12, 31), name="C-1") == as_of("2019-12-31")


def test_an_organization_has_its_name_from_the_day_it_was_founded():
    founding = as_of("2020-01-01")

    assert ("Chi bộ C-1", "SUBORDINATE_CELL", "D-1") == (founding.name, founding.kind, founding.parent)


def test_a_member_counts_from_the_ceremony_by_standing():
    assert Count(1, 0) == as_of("2024-02-29").members
    assert Count(1, 1) == as_of("2024-03-01").members


def test_the_framework_in_force_is_the_one_that_took_effect_last():
    assert as_of("2024-05-18").framework is None
    assert "05-HD/BTCTU" == as_of("2024-08-31").framework.number
    assert ("161-KH/HU", "D-1") == (
        as_of("2024-09-01").framework.number,
        as_of("2024-09-01").framework.issuer,
    )


def test_a_framework_that_was_amended_is_in_force_no_more():
    newest = framework_anew("D-1", date(2024, 10, 1), amends=framework("D-1", date(2024, 9, 1), "161-KH/HU"))

    assert "161-KH/HU" == as_of("2024-09-30", (*YEAR, newest)).framework.number
    assert ("7-HD/HU", "QUARTER") == (
        as_of("2024-10-01", (*YEAR, newest)).framework.number,
        as_of("2024-10-01", (*YEAR, newest)).framework.period,
    )


def test_a_framework_for_schools_is_in_force_in_no_other_cell():
    schools = framework_anew("D-1", date(2024, 10, 1), kinds=["SCHOOL"])

    assert "161-KH/HU" == as_of("2024-10-01", (*YEAR, schools)).framework.number


def test_a_cell_is_a_pilot_from_the_day_it_was_selected():
    assert as_of("2024-05-31").model is None
    assert "PILOT" == as_of("2024-06-01").model


def test_a_day_ends_at_midnight_in_the_province():
    (meeting,) = as_of("2024-11-05").meetings

    assert ("MT-1", 22, 20, Decimal("90.91"), 1) == (
        meeting.code,
        meeting.summoned,
        meeting.present,
        meeting.attendance,
        meeting.tasks,
    )
    assert () == as_of("2024-11-04").meetings


def test_a_visit_is_shown_with_its_meeting():
    assert (Visit("S-1", "D-1", "MT-1", date(2024, 11, 5)),) == as_of("2024-11-05").visits


def test_a_self_assessment_is_late_after_the_fifth_and_a_correction_changes_only_its_result():
    (before,) = as_of("2024-12-09").assessments
    (after,) = as_of("2024-12-10").assessments

    assert (True, True, False) == (before.late, before.four_good, before.corrected)
    assert (True, False, True) == (after.late, after.four_good, after.corrected)
    assert date(2024, 12, 6) == after.submitted_on
    assert {"MEETING_QUALITY": False} == after.goods


LIFE = (
    assessed("C-1", "2024-10", date(2024, 11, 4), four_good=True),
    returned("C-1", "2024-10", date(2024, 11, 8)),
    resubmitted("C-1", "2024-10", date(2024, 11, 11), four_good=True),
    accepted("C-1", "2024-10", date(2024, 11, 14)),
    restated("C-1", "2024-10", date(2024, 12, 2), four_good=False),
)


@pytest.mark.parametrize(
    ("on", "shown"),
    [
        ("2024-11-04", ("SUBMITTED", True, False)),
        ("2024-11-08", ("RETURNED", True, False)),
        ("2024-11-11", ("SUBMITTED", True, False)),
        ("2024-11-14", ("ACCEPTED", True, False)),
        ("2024-12-02", ("ACCEPTED", False, True)),
    ],
)
@pytest.mark.parametrize("order", [LIFE, LIFE[::-1]], ids=["as it went", "told backwards"])
def test_a_self_assessment_shows_what_became_of_it_by_that_day(on, shown, order):
    (one,) = as_of(on, (founded("C-1", parent="D-1", on=date(2020, 1, 1)), *order)).assessments

    assert shown == (one.state, one.four_good, one.restated)
    assert (date(2024, 11, 4), False) == (one.submitted_on, one.late)


def test_a_class_shows_from_the_day_of_its_decision():
    (decided,) = as_of("2024-12-20").classes

    assert ("2024", "GOOD", Decimal("92.50"), 2) == (
        decided.year,
        decided.level,
        decided.score,
        decided.events,
    )
    assert () == as_of("2024-12-19").classes


def test_the_events_of_others_are_not_counted_as_the_cells_own():
    assert 9 == as_of("2024-12-31").events


def test_what_was_recorded_later_was_not_known():
    publisher = Publisher()
    on_time = publisher.message(YEAR[0])
    late = publisher.message(YEAR[3], recorded_at=RECORDED + timedelta(days=300))
    told_late = [Entry(1, delivered(on_time).message), Entry(2, delivered(late).message)]

    assert 0 == state(told_late, "C-1", date(2024, 12, 31), RECORDED + timedelta(days=299)).members.total
    assert 1 == state(told_late, "C-1", date(2024, 12, 31), RECORDED + timedelta(days=300)).members.total


@given(st.permutations(entries(*YEAR)))
def test_the_order_of_arrival_does_not_change_the_past(shuffled):
    assert as_of("2024-12-31") == state(shuffled, "C-1", date(2024, 12, 31))


@pytest.fixture
async def replay(ledger, tree, headcount):
    deliveries = told(
        founded("P-1", "PROVINCIAL_COMMITTEE"),
        founded("D-1", "DISTRICT_COMMITTEE", "P-1"),
        founded("D-2", "DISTRICT_COMMITTEE", "P-1"),
        framework("D-2", date(2024, 10, 1), number="not ours"),
        *YEAR,
    )
    await ledger.apply(deliveries)
    await tree.apply(deliveries)
    return Replay(ledger, tree, headcount)


async def test_a_timeline_holds_the_events_about_one_organization_in_ledger_order(replay):
    timeline = await replay.timeline("C-1")

    assert [5, 8, 9, 10, 11, 12, 13, 14, 15] == [entry.position for entry in timeline]
    assert "registry.OrganizationFounded.v1" == timeline[0].type
    assert [15] == [entry.position for entry in await replay.timeline("C-1", after=14)]
    assert [5, 8] == [entry.position for entry in await replay.timeline("C-1", limit=2)]


async def test_the_state_from_the_ledger_is_the_fold_with_the_frameworks_of_all_superiors(replay):
    assert as_of("2024-12-31") == await replay.state("C-1", date(2024, 12, 31))
    assert "05-HD/BTCTU" == (await replay.state("C-1", date(2024, 8, 31))).framework.number


async def test_an_organization_nobody_founded_has_an_empty_state(replay):
    assert CellState(on=date(2024, 12, 31), name="X-1") == await replay.state("X-1", date(2024, 12, 31))


async def test_few_histories_are_in_memory_at_once(replay, database):
    async with await psycopg.AsyncConnection.connect(database) as other:
        await other.execute("LOCK TABLE ledger.entry IN ACCESS EXCLUSIVE MODE")
        asked = [asyncio.create_task(replay.timeline("C-1")) for _ in range(HISTORIES_MAX + 2)]
        await until(lambda: replay.bound.used() == HISTORIES_MAX)

    assert [9] * len(asked) == [len(timeline) for timeline in await asyncio.gather(*asked)]
    assert 0 == replay.bound.used()
