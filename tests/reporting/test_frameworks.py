"""What cells owe by frameworks of either version: by quarters, until another amends them, by kinds."""

from datetime import date

import pytest

from tests.reporting.story import founded, framework, framework_anew, told

pytestmark = pytest.mark.anyio

TREE = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("D-1", "DISTRICT_COMMITTEE", "P-1"),
    founded("C-1", "GRASSROOTS_CELL", "D-1"),
)
MONTHLY = framework("P-1", date(2024, 5, 19))


async def test_a_framework_for_quarters_asks_for_their_last_months_and_ends_what_it_amends(completeness):
    by_quarter = framework_anew("P-1", date(2024, 8, 31), amends=MONTHLY)
    await completeness.apply(told(*TREE, by_quarter, MONTHLY))

    assert [1, 0, 1, 0] == [one.due for one in await completeness.months("C-1", "2024-07", "2024-10")]


async def test_a_cell_owes_one_self_assessment_a_month_however_many_frameworks_ask_for_it(completeness):
    await completeness.apply(
        told(*TREE, MONTHLY, framework("D-1", date(2024, 6, 1)), framework_anew("P-1", date(2024, 6, 1)))
    )

    assert [1, 1] == [one.due for one in await completeness.months("C-1", "2024-08", "2024-09")]


async def test_a_framework_for_some_kinds_asks_no_others(completeness):
    schools = framework_anew("P-1", date(2024, 1, 1), period="MONTH", kinds=["SCHOOL"])
    await completeness.apply(told(*TREE, schools))

    assert 0 == (await completeness.months("P-1", "2024-07", "2024-07"))[0].due
