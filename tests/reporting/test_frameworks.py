"""What cells owe by frameworks of either version: by quarters, until another amends them, by kinds."""

from datetime import date

import pytest

from tests.reporting.story import founded, framework, framework_anew, told
from tests.telling import adopted, issued_anew

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


TO_ADOPT = issued_anew("P-1", effective_on="2024-05-19", requires_adoption=True)
NEXT_DOOR = founded("C-2", "GRASSROOTS_CELL", "D-1")


def all_of(code, number="7-HD/HU"):
    """Return that D-1 and a cell adopted it, the cell twice."""
    days = [("D-1", "2024-05-20"), (code, "2024-11-05"), (code, "2024-08-31")]
    return [adopted(who, "P-1", on, number) for who, on in days]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
async def test_one_to_adopt_asks_only_a_cell_that_did_from_the_month_of_its_day_on(
    completeness, turned, at_once
):
    """Whichever comes first, the framework or its adoptions, and whether they are read together."""
    news = told(*TREE, NEXT_DOOR, *[*all_of("C-1"), TO_ADOPT][:: -1 if turned else 1])
    for part in [news] if at_once else [[one] for one in news]:
        await completeness.apply(part)
    owed = {
        code: [one.due for one in await completeness.months(code, "2024-07", "2024-09")]
        for code in ("C-1", "C-2", "P-1")
    }

    assert {"C-1": [0, 1, 1], "C-2": [0, 0, 0], "P-1": [0, 1, 1]} == owed


async def test_adopting_one_that_binds_everybody_or_another_of_that_number_changes_nothing(completeness):
    await completeness.apply(
        told(*TREE, MONTHLY, TO_ADOPT, adopted("C-1", "D-1", "2024-06-01"), *all_of("C-1", "05-HD/BTCTU"))
    )
    assert [1, 1] == [one.due for one in await completeness.months("C-1", "2024-06", "2024-07")]


async def test_a_cell_that_issued_one_to_adopt_owes_by_it_itself(completeness):
    own = issued_anew("C-1", effective_on="2024-06-01", requires_adoption=True)
    await completeness.apply(told(*TREE, own))

    assert [0, 1] == [one.due for one in await completeness.months("C-1", "2024-05", "2024-06")]
