"""What was held where, on real PostgreSQL: the figures of a cell, and of nobody else."""

from decimal import Decimal

import pytest

from contracts.assessment_meetings import MinutesCorrected
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


def put_right(present, at):
    held = met("TU-FINANCE", "2024-11-28").model_dump() | {"present": present, "excused": 20 - present}
    return MinutesCorrected.model_validate(held | {"corrected_at": at, "reason": "miscounted"})


EARLIER, LATER = put_right(17, "2024-11-29T00:00:00Z"), put_right(19, "2024-11-30T00:00:00Z")


@pytest.mark.parametrize("order", [(EARLIER, LATER), (LATER, EARLIER)], ids=["in order", "the other way"])
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
async def test_of_corrected_minutes_the_latest_are_counted(meetings, order, at_once):
    told = Telling().all(met("TU-FINANCE", "2024-11-28"), *order)

    for batch in [told] if at_once else [[one] for one in told]:
        await meetings.apply(batch)

    november = await meetings.figures("TU-FINANCE", Period("2024-11"))
    assert Measured(Decimal("95.00"), ("TU-FINANCE-2024-11-28",)) == november["ATTENDANCE_PCT"]
