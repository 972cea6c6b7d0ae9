"""Cells too small to decide, or as large as a committee: on any day, over the tree then or now."""

from datetime import date

import pytest

from services.chassis.sizes import cell_sizes
from services.reporting.lists.sizes import out_of_size
from tests.reporting.story import admitted, founded, told
from tests.reporting.test_members import ended, transferred
from tests.telling import merged

pytestmark = pytest.mark.anyio

TREE = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("G-1", "GRASSROOTS_COMMITTEE", "P-1"),
    founded("C-1", parent="G-1"),
    founded("C-2", parent="G-1"),
    founded("C-3", parent="G-1"),
    founded("S-1", "GRASSROOTS_CELL", "P-1"),
)
FIRST = date(2024, 1, 1)


def members(cell, full, probationary=0, on=FIRST):
    return [
        *(admitted(f"{cell}-F{n}", cell, on) for n in range(full)),
        *(admitted(f"{cell}-P{n}", cell, on, "PROBATIONARY") for n in range(probationary)),
    ]


async def flags(headcount, day, of="P-1", structure="then"):
    found = await out_of_size(headcount, of, date.fromisoformat(day), cell_sizes(), structure)
    return {cell.organization: (cell.flag, cell.full, cell.probationary) for cell in found}


async def test_a_transfer_that_leaves_two_full_members_flags_the_cell_from_that_day(headcount):
    left = transferred("C-1-F0", "C-1", "C-2", "2024-06-01", "FULL")
    await headcount.apply(told(*TREE, *members("C-1", 3, 5), *members("C-2", 4), left))

    assert {} == await flags(headcount, "2024-05-31")
    assert {"C-1": ("BELOW_MINIMUM", 2, 5)} == await flags(headcount, "2024-06-01")
    assert {"C-1": ("BELOW_MINIMUM", 2, 5)} == await flags(headcount, "2024-06-01", of="G-1")
    assert {} == await flags(headcount, "2024-06-01", of="C-2")


async def test_a_cell_without_any_member_is_not_judged(headcount):
    left = [ended(f"C-1-F{n}", "C-1", "2024-06-01") for n in range(3)]
    await headcount.apply(told(*TREE, *members("C-1", 3), *left))

    assert {} == await flags(headcount, "2024-06-01")


async def test_a_grassroots_cell_of_thirty_suggests_a_committee_and_a_subordinate_one_does_not(headcount):
    await headcount.apply(
        told(*TREE, *members("S-1", 25, 4), *members("C-1", 40), admitted("S-X", "S-1", date(2024, 3, 1)))
    )

    assert {} == await flags(headcount, "2024-02-29")
    assert {"S-1": ("COMMITTEE_SUGGESTED", 26, 4)} == await flags(headcount, "2024-03-01")


async def test_what_merged_counts_in_what_it_merged_into(headcount):
    story = told(*TREE, *members("C-1", 2), *members("C-2", 2), merged("C-1", "2024-06-01", into="C-2"))
    await headcount.apply(story)

    assert {"C-1", "C-2"} == (await flags(headcount, "2024-05-31")).keys()
    assert {} == await flags(headcount, "2024-06-01")
    assert {} == await flags(headcount, "2024-06-01", structure="now")


async def test_the_committee_itself_is_never_flagged(headcount):
    await headcount.apply(told(*TREE, admitted("M-1", "G-1", FIRST)))

    assert {} == await flags(headcount, "2024-06-01")
