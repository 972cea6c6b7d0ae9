"""Working days: weekends and holidays are not counted, by a calendar that is data."""

from datetime import date

import pytest

from services.chassis.calendar import PACK, working_days
from services.chassis.working_days import WorkingDays


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (date(2026, 11, 18), date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 11, 24)),
        (date(2026, 11, 21), date(2026, 11, 24)),
        (date(2026, 2, 13), date(2026, 2, 24)),
        (date(2026, 4, 29), date(2026, 5, 5)),
        (date(2026, 12, 31), date(2027, 1, 5)),
    ],
)
def test_weekends_and_holidays_are_not_counted(day, due_on):
    assert due_on == working_days().after(day, 2)


def test_a_calendar_that_was_replaced_is_kept_and_the_next_has_all_its_days():
    before, now = working_days(PACK.with_name("working-days-2026-1.json")), working_days()

    assert "45/2019/QH14 2019-11-20 2026-1" == before.name
    assert before.holidays < now.holidays


def test_no_day_of_2027_is_free_that_an_announcement_could_still_make_a_working_one():
    free = {day.isoformat() for day in working_days().holidays if day.year == 2027}
    announced = {"2027-02-04", "2027-02-11", "2027-09-01", "2027-09-03"}

    assert {"2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-04-16", "2027-05-03"} <= free
    assert free.isdisjoint(announced)


def test_the_tenth_working_day_after_a_friday_is_two_weeks_later():
    assert date(2026, 11, 20) == working_days().after(date(2026, 11, 6), 10)


def test_a_saturday_that_was_exchanged_is_worked():
    exchanged = WorkingDays("x", frozenset({date(2026, 8, 31)}), frozenset({date(2026, 8, 22)}))

    assert date(2026, 8, 22) == exchanged.after(date(2026, 8, 21), 1)
    assert date(2026, 9, 1) == exchanged.after(date(2026, 8, 28), 1)
