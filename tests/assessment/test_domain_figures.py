"""What meetings amount to: each figure, and the meetings it rests on. Numbers of the seeds, and others."""

from datetime import date
from decimal import Decimal

import pytest

from services.assessment.domain import Period
from services.assessment.domain.criteria import Threshold
from services.assessment.domain.figures import MEASURES, Counted, Measured, counted_from, figures


def counted(on: str, kind: str = "REGULAR", **changed) -> Counted:
    """Return a meeting of 20, all present, for 90 minutes."""
    meeting = {
        "meeting": f"{kind[0]}-{on}",
        "kind": kind,
        "held_on": date.fromisoformat(on),
        "duration_min": 90,
        "summoned": 20,
        "present": 20,
        "excused": 0,
        "unexcused": 0,
        "discusses_solutions": False,
    }
    return Counted(**meeting | changed)


def months(year: int, held: int, solving: int) -> list[Counted]:
    """Return a meeting on the 28th of each of the first `held` months, `solving` of them on solutions."""
    return [
        counted(f"{year}-{month:02}-28", discusses_solutions=month <= solving) for month in range(1, held + 1)
    ]


def value(name, meetings, period):
    return figures(meetings, Period(period))[name].value


def test_there_is_a_figure_for_all_that_a_criterion_may_be_measured_by():
    assert set(MEASURES) == set(figures([], Period("2024-11")))


# -- Than Uyên: at least half of the meetings discuss solutions, on the 28th of every month


@pytest.mark.parametrize(
    ("held", "solving", "share", "passes"),
    [(12, 6, "50.00", True), (12, 5, "41.67", False), (11, 6, "54.55", True), (7, 3, "42.86", False)],
)
def test_half_of_the_meetings_to_date_discuss_solutions(held, solving, share, passes):
    found = value("SOLUTION_MEETINGS_PCT", months(2023, held, solving), "2023")

    assert Decimal(share) == found
    assert passes is Threshold("gte", Decimal(50)).passes(found)


def test_the_share_of_a_month_is_that_of_the_year_up_to_it():
    meetings = months(2023, 12, 2)

    found = figures(meetings, Period("2023-03"))["SOLUTION_MEETINGS_PCT"]

    assert Measured(Decimal("66.67"), ("R-2023-01-28", "R-2023-02-28", "R-2023-03-28")) == found


def test_where_nothing_was_held_nothing_can_be_assessed_but_that():
    found = figures(months(2022, 12, 12), Period("2023"))

    assert {Measured(None, ()), Measured(Decimal(0), ())} == set(found.values())
    assert {"REGULAR_MEETINGS", "THEMATIC_MEETINGS_IN_QUARTER"} == {
        name for name, one in found.items() if one.value == 0
    }


def test_the_28th_is_a_day_of_every_month_of_any_year():
    assert 12 == value("REGULAR_MEETINGS", months(2023, 12, 0), "2023")
    assert 1 == value("REGULAR_MEETINGS", months(2024, 12, 0), "2024-02")


# -- Tam Kỳ: 90 % present; exactly 85 % is not over 85


@pytest.mark.parametrize(
    ("present", "summoned", "percent", "passes"),
    [(18, 20, "90.00", True), (17, 20, "85.00", False), (35, 41, "85.37", True), (11, 13, "84.62", False)],
)
def test_attendance_is_of_everyone_summoned(present, summoned, percent, passes):
    meeting = counted("2024-09-03", present=present, summoned=summoned, excused=summoned - present)

    found = figures([meeting], Period("2024-09"))["ATTENDANCE_PCT"]

    assert Measured(Decimal(percent), ("R-2024-09-03",)) == found
    assert passes is Threshold("gt", Decimal(85)).passes(found.value)


def test_attendance_of_two_meetings_is_of_all_who_were_summoned_to_either():
    meetings = [counted("2024-09-03", present=18), counted("2024-09-20", summoned=10, present=5)]

    assert Decimal("76.67") == value("ATTENDANCE_PCT", meetings, "2024-09")


# -- The rest


def test_the_shortest_meeting_counts_but_for_one_called_for_an_urgent_matter():
    meetings = [
        counted("2024-09-03", duration_min=95),
        counted("2024-09-12", "THEMATIC", duration_min=80),
        counted("2024-09-20", "EXTRAORDINARY", duration_min=20),
    ]

    found = figures(meetings, Period("2024-09"))["DURATION_MIN"]

    assert Measured(Decimal(80), ("R-2024-09-03", "T-2024-09-12")) == found


def test_absences_without_reason_add_up():
    meetings = [counted("2024-09-03", unexcused=1), counted("2024-09-20", unexcused=2)]

    assert 3 == value("UNEXCUSED_ABSENCES", meetings, "2024-09")
    assert value("UNEXCUSED_ABSENCES", meetings, "2024-08") is None


def test_only_regular_meetings_are_the_months_meeting():
    meetings = [counted("2024-09-12", "THEMATIC"), counted("2024-09-20", "EXTRAORDINARY")]

    assert 0 == value("REGULAR_MEETINGS", meetings, "2024-09")


def test_a_thematic_meeting_counts_for_its_quarter_from_its_month_on():
    meetings = [counted("2024-11-15", "THEMATIC")]

    assert [0, 0, 1, 1] == [
        value("THEMATIC_MEETINGS_IN_QUARTER", meetings, month)
        for month in ("2024-09", "2024-10", "2024-11", "2024-12")
    ]


def test_a_year_has_as_many_as_its_poorest_quarter():
    three = [counted(f"2024-{month}-15", "THEMATIC") for month in ("01", "02", "05", "11")]

    assert 0 == value("THEMATIC_MEETINGS_IN_QUARTER", three, "2024")
    assert 1 == value("THEMATIC_MEETINGS_IN_QUARTER", [*three, counted("2024-07-15", "THEMATIC")], "2024")


def test_figures_of_a_month_look_back_to_the_beginning_of_its_year():
    assert date(2024, 1, 1) == counted_from(Period("2024-11")) == counted_from(Period("2024"))


def test_the_order_in_which_meetings_are_told_of_changes_nothing():
    meetings = [*months(2024, 12, 7), counted("2024-05-05", "THEMATIC", present=11, excused=9)]

    assert figures(meetings, Period("2024")) == figures(reversed(meetings), Period("2024"))
