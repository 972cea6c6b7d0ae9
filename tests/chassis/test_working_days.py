"""Working days: weekends and holidays are not counted, by a calendar that is data."""

from datetime import date

import pytest

from services.chassis.calendar import PACK, BadCalendar, working_days
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


@pytest.mark.parametrize("version", ["2026-1", "2027-1"])
def test_a_calendar_that_was_replaced_is_kept_and_the_next_has_all_its_days(version):
    before, now = working_days(PACK.with_name(f"working-days-{version}.json")), working_days()

    assert f"45/2019/QH14 2019-11-20 {version}" == before.name
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


@pytest.mark.parametrize(
    ("friday", "tenth"),
    [
        (date(2024, 9, 6), date(2024, 9, 20)),
        (date(2024, 2, 2), date(2024, 2, 23)),
        (date(2025, 1, 17), date(2025, 2, 7)),
        (date(2026, 2, 6), date(2026, 2, 27)),
        (date(2024, 8, 30), date(2024, 9, 17)),
        (date(2024, 4, 26), date(2024, 5, 14)),
    ],
)
def test_the_tenth_working_day_after_a_friday_passes_over_holidays_and_tet(friday, tenth):
    assert tenth == working_days().after(friday, 10)


# -- A calendar with gaps


@pytest.fixture
def altered(tmp_path):
    """Return a writer of the calendar with a text replaced in it."""

    def write(before, after):
        text = PACK.read_text()
        assert before in text
        path = tmp_path / "calendar.json"
        path.write_text(text.replace(before, after))
        return path

    return write


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"2025-01-28": "Tết",\n', "", r"line 39: 2025 has 4 days of Tết, not 5 \(45/2019/QH14, 2019-11-20"),
        ('"2024-04-18": "Hùng Kings",\n', "", "line 27: 2024 has 0 days of Hùng Kings, not 1"),
        ('"2027-09-02": "National Day",\n', "", "2027 has 0 days of National Day, not 2"),
        ('"2026-09-02": "National Day"', '"2026-09-02": "a fair"', "2026 has 1 days of National Day, not 2"),
        ("    2025,\n", "", "line 9: 2026 does not follow 2024"),
        ('"2028-01-03"', '"2028-02-03"', "2028-02-03 is of none of the years listed"),
        ('"2024-09-03"', '"2024-09-07"', "line 38: 2024-09-07 is a day of the weekend"),
        ('"2024-05-04"', '"2024-05-03"', "2024-05-03 is worked anyway"),
        ('"2024-05-04"', '"the fourth of May"', "worked.0: Input should be a valid date"),
        ('"worked"', '"woked"', "woked: Extra inputs are not permitted"),
    ],
)
def test_a_calendar_with_a_gap_is_refused_with_its_line_its_rule_and_its_source(altered, before, after, told):
    with pytest.raises(BadCalendar, match=told):
        working_days(altered(before, after))


def test_a_calendar_without_years_or_holidays_is_refused(altered):
    with pytest.raises(BadCalendar, match="line 9: there is no year"):
        working_days(altered("2024,\n    2025,\n    2026,\n    2027\n", "\n"))
    with pytest.raises(BadCalendar, match="line 27: 2023 has 0 days of Tết, not 5"):
        working_days(altered("    2024,\n", "    2023,\n    2024,\n"))
