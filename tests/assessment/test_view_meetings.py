"""What was held where, on real PostgreSQL: the figures of a cell, and of nobody else."""

from decimal import Decimal

import pytest

from services.assessment.domain import Period
from services.assessment.domain.figures import Measured
from tests.telling import Telling, met

pytestmark = pytest.mark.anyio


@pytest.fixture
def meetings(views):
    return views.meetings


async def test_a_month_is_measured_by_what_the_cell_held_in_it(meetings):
    await meetings.apply(
        Telling().all(
            met("TU-FINANCE", "2024-10-28", present=10),
            met("TU-FINANCE", "2024-11-28", present=17),
            met("TU-FINANCE", "2024-11-15", kind="THEMATIC", present=20),
            met("TU-SCHOOL", "2024-11-28", present=1),
        )
    )

    november = await meetings.figures("TU-FINANCE", Period("2024-11"))

    both = ("TU-FINANCE-2024-11-15", "TU-FINANCE-2024-11-28")
    assert Measured(Decimal("92.50"), both) == november["ATTENDANCE_PCT"]
    assert Measured(Decimal(1), both[:1]) == november["THEMATIC_MEETINGS_IN_QUARTER"]
    assert Measured(Decimal("33.33"), ("TU-FINANCE-2024-10-28", *both)) == november["SOLUTION_MEETINGS_PCT"]


async def test_a_meeting_counts_for_its_day_in_the_province(meetings):
    await meetings.apply(Telling().all(met("TU-FINANCE", "2024-12-01", hour="00:30")))

    assert 1 == (await meetings.figures("TU-FINANCE", Period("2024-12")))["REGULAR_MEETINGS"].value
    assert 0 == (await meetings.figures("TU-FINANCE", Period("2024-11")))["REGULAR_MEETINGS"].value


async def test_what_is_told_twice_is_counted_once(meetings):
    told = Telling().all(met("TU-FINANCE", "2024-11-28"))

    await meetings.apply(told)
    await meetings.apply(told)

    assert 1 == (await meetings.figures("TU-FINANCE", Period("2024")))["REGULAR_MEETINGS"].value
