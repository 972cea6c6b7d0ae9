"""The page of a month: which month, and which tasks fell due by the minutes that count."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from services.chassis.delivery import Envelope
from services.reporting.cell import Entry
from services.reporting.console.cells.desk import Clocked
from services.reporting.console.cells.month import drawn, due_tasks, last_of, neighbours
from services.reporting.console.texts import load


def entry(position, name, at, **data):
    message = Envelope(
        id=f"assessment-{position}",
        source="assessment",
        type=f"assessment.{name}.v1",
        subject="C-1",
        time=at,
        sequence=position,
        previous=position - 1,
        recordedtime=at,
        correlationid="c",
        causationid="c",
        actor="C-1",
        organization="C-1",
        raw_data=msgspec.Raw(msgspec.json.encode(data)),
    )
    return Entry(position, message)


@pytest.mark.parametrize(
    ("month", "before", "after"),
    [
        ("2024-11", "2024-10", "2024-12"),
        ("2024-12", "2024-11", "2025-01"),
        ("2025-01", "2024-12", "2025-02"),
        ("2025-02", "2025-01", None),
        ("2030-01", "2029-12", None),
    ],
)
def test_a_month_leads_to_the_one_before_and_to_one_that_has_begun(month, before, after):
    assert {"before": before, "after": after} == neighbours(month, date(2025, 2, 14))


@pytest.mark.parametrize(
    ("month", "last"), [("2024-02", 29), ("2025-02", 28), ("2024-12", 31), ("2024-11", 30)]
)
def test_a_month_ends_on_its_last_day(month, last):
    assert last == last_of(month).day


def test_tasks_fall_due_by_the_minutes_that_count_with_what_was_last_heard():
    task = {"member": "M-1", "what": "Talk", "due_on": "2024-11-20"}
    later = {**task, "due_on": "2024-12-20"}
    november, december = datetime(2024, 11, 5, tzinfo=UTC), datetime(2024, 12, 5, tzinfo=UTC)
    told = [
        entry(3, "TaskReported", december, meeting="A", task=1, state="DONE"),
        entry(1, "MeetingHeld", november, meeting="A", tasks=[task, later]),
        entry(2, "MeetingHeld", november, meeting="B", tasks=[task]),
        entry(4, "MinutesCorrected", december, meeting="B", tasks=[later]),
    ]

    assert [("A", 1, "DONE")] == [(one.meeting, one.number, one.state) for one in due_tasks(told, "2024-11")]
    assert [("A", 2, "OPEN"), ("B", 1, "OPEN")] == [
        (one.meeting, one.number, one.state) for one in due_tasks(told, "2024-12")
    ]


def test_a_bar_says_in_words_what_became_of_a_duty():
    bars = drawn({"MEETING": {"MET": 3, "MISSED": 1}}, load("en"))

    assert 'aria-label="Meeting: in time: 3, missed: 1"' in bars["MEETING"]
    assert 2 == bars["MEETING"].count("<rect")


def test_a_clock_says_how_many_days_are_left_or_passed():
    told = {"due_on": "2024-11-20", "done_on": None, "state": "RUNNING"}

    assert 6 == Clocked.of(told, date(2024, 11, 14)).days
    assert 2 == Clocked.of({**told, "state": "OVERDUE"}, date(2024, 11, 22)).days
