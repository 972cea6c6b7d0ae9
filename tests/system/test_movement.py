"""The movement's rows of the acceptance table, told over HTTP and read back, with other numbers."""

import pytest

from tests.registry.files import as_csv
from tests.system.clerk import ROOT
from tests.system.test_counts import HEADER

SHARES = {1: 1, 4: 1, 5: 1, 6: 2, 10: 2, 11: 3, 16: 4, 218: 44}
"""How many models a committee needs of so many subordinate cells: a fifth, rounded up."""


async def test_a_committee_needs_a_fifth_of_its_subordinate_cells_rounded_up_as_models(clerk, ask):
    rows = [[f"SHARE-{n}", f"Đảng bộ {n}", "GRASSROOTS_COMMITTEE", ROOT, "2010-01-01"] for n in SHARES]
    rows += [["SHARE-CB", "Chi bộ cơ sở", "GRASSROOTS_CELL", ROOT, "2010-01-01"]]
    for n in SHARES:
        cells = [f"SHARE-{n}-{cell}" for cell in range(n)]
        rows += [[code, code, "SUBORDINATE_CELL", f"SHARE-{n}", "2010-01-01"] for code in cells]
    run = await ask.imported(as_csv(*rows, header=HEADER))
    assert ("DONE", 0) == (run["state"], run["problems_total"])
    await ask.settled()
    for n in range(2):
        chosen = {"organization": f"SHARE-11-{n}", "selected_by": "SHARE-11", "selected_on": "2024-07-10"}
        await clerk.tell("assessment", "/model-cells", chosen | {"role": "MODEL"})

    share = await clerk.read("assessment", f"/model-cells/share?organization={ROOT}")

    committees = {one["organization"]: one for one in share["committees"] if "SHARE-" in one["organization"]}
    assert SHARES == {one["cells"]: one["need"] for one in committees.values()}
    assert (["SHARE-11-0", "SHARE-11-1"], 1) == (
        committees["SHARE-11"]["chosen"],
        committees["SHARE-11"]["shortfall"],
    )
    assert "SHARE-CB" not in committees


def launch(organization, number, on, follows=None):
    above = {"organization": follows, "document": {"number": "268-KH/HU", "date": "2024-06-20"}}
    body = {"organization": organization, "document": {"number": number, "date": "2024-06-20"}}
    title = {"title": "Phát động phong trào thi đua", "launched_on": on}
    return body | title | ({"follows": above} if follows else {})


async def test_a_launch_reaches_the_committees_that_carry_it_on_afterwards(clerk):
    above = await clerk.found("LAUNCH-CT", "GRASSROOTS_COMMITTEE")
    parts = [await clerk.found(f"LAUNCH-BP-{n}", "SUB_COMMITTEE", under=above) for n in range(3)]
    await clerk.tell("assessment", "/movements", launch(above, "268-KH/HU", "2024-06-28"))
    too_early = await clerk.refused(
        "assessment", "/movements", launch(parts[0], "1-KH/ĐU", "2024-06-27", above)
    )
    await clerk.tell("assessment", "/movements", launch(parts[0], "1-KH/ĐU", "2024-06-28", above))
    await clerk.tell("assessment", "/movements", launch(parts[1], "2-KH/ĐU", "2024-07-05", above))

    [cascade] = await clerk.read("assessment", f"/movements?organization={above}")

    assert (409, "LaunchedBeforeSuperior") == too_early
    assert ("2024-06-28", 2, 1) == (cascade["launched_on"], cascade["launched"], cascade["waiting"])
    assert ["2024-06-28", "2024-07-05", None] == [one["launched_on"] for one in cascade["committees"]]


async def test_an_agreement_is_complete_when_both_sides_have_signed_the_same(clerk):
    cell, committee = await clerk.found_beneath_its_own("AGREED")
    agreed = {"agreement": "AGREED-2024-01", "agreed": "Xây dựng chi bộ bốn tốt"}
    by_cell = agreed | {"organization": cell, "partner": committee, "signed_on": "2024-06-30"}
    by_committee = agreed | {"organization": committee, "partner": cell, "signed_on": "2024-06-28"}

    await clerk.tell("assessment", "/agreements", by_cell)
    half = await clerk.read("assessment", "/agreements/AGREED-2024-01")
    other = await clerk.refused("assessment", "/agreements", by_committee | {"agreed": "Khác"})
    await clerk.tell("assessment", "/agreements", by_committee)
    whole = await clerk.read("assessment", "/agreements/AGREED-2024-01")

    assert [False, True] == [half["complete"], whole["complete"]]
    assert {cell: "2024-06-30", committee: None} == signed(half)
    assert {cell: "2024-06-30", committee: "2024-06-28"} == signed(whole)
    assert (409, "DiffersFromAgreed") == other


def signed(agreement):
    return {one["organization"]: one["signed_on"] for one in agreement["signatures"]}


@pytest.mark.parametrize(("code", "cells", "percents"), [("REGISTERED-A", 3, ["0.00", "33.33", "100.00"])])
async def test_a_registration_rests_on_a_resolution_of_the_cells_own_meeting(clerk, code, cells, percents):
    committee = await clerk.found(code, "GRASSROOTS_COMMITTEE")
    names = [await clerk.found(f"{code}-{n}", "SUBORDINATE_CELL", under=committee) for n in range(cells)]
    resolution = {"number": "1-NQ/CB", "title": "Đăng ký xây dựng chi bộ bốn tốt"}
    seen = []

    async def register(cell, on, **said):
        meeting = await clerk.meet(cell, on, **said)
        body = {"organization": cell, "year": "2025", "meeting": meeting, "registered_on": on}
        return "/registrations", body

    async def look():
        shown = await clerk.read("assessment", f"/coverage?organization={committee}&year=2025")
        seen.append(shown["percent"])
        return shown["missing"]

    unresolved = await clerk.refused("assessment", *await register(names[0], "2025-01-06"))
    await look()
    await clerk.tell("assessment", *await register(names[0], "2025-01-07", resolution=resolution))
    missing = await look()
    for cell in names[1:]:
        await clerk.tell("assessment", *await register(cell, "2025-01-08", resolution=resolution))

    assert ([], percents) == (await look(), seen)
    assert (names[1:], (409, "NoResolution")) == (missing, unresolved)
