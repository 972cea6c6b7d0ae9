"""The registry's rows of the acceptance table once more, of a small province with other numbers."""

from collections.abc import Iterator, Sequence

import pytest

from tests.registry.files import as_csv

HEADER = ["organization", "name", "kind", "parent", "founded_on"]
PLACES = {
    "HAI-DANG": ("PROVINCIAL_COMMITTEE", ""),
    "HAI-AN": ("DISTRICT_COMMITTEE", "HAI-DANG"),
    **{f"HA-DB-{n}": ("GRASSROOTS_COMMITTEE", "HAI-AN") for n in range(3)},
    **{f"HA-CB-{n}": ("GRASSROOTS_CELL", "HAI-AN") for n in range(4)},
    "HA-BP": ("SUB_COMMITTEE", "HA-DB-0"),
    **{f"HA-BP-{n}": ("SUBORDINATE_CELL", "HA-BP") for n in range(2)},
    **{f"HA-DB-{n % 3}-{n}": ("SUBORDINATE_CELL", f"HA-DB-{n % 3}") for n in range(9)},
    "THUY-DUONG": ("DISTRICT_COMMITTEE", "HAI-DANG"),
    **{f"TD-DB-{n}": ("GRASSROOTS_COMMITTEE", "THUY-DUONG") for n in range(2)},
    **{f"TD-CB-{n}": ("GRASSROOTS_CELL", "THUY-DUONG") for n in range(3)},
    **{f"TD-DB-1-{n}": ("SUBORDINATE_CELL", "TD-DB-1") for n in range(3)},
}
"""Kind and parent by code: 3 + 4 grassroots organizations with 11 subordinate cells, 2 + 3 with 3."""


def members(place: str, number: int, ceremony: str, standing: str) -> Iterator[Sequence[str]]:
    """Yield rows of members, one cell after another."""
    cells = [code for code, (kind, _) in PLACES.items() if kind.endswith("_CELL") and code[:2] == place]
    for n in range(number):
        code, cell = f"M-{place}-{standing[0]}-{n}", cells[n % len(cells)]
        yield code, cell, "7-QĐ/HU", "2020-01-02", ceremony, standing, "", "", ""


@pytest.fixture
async def province(province, ask):
    """The province that has the small one beside the sample's. Twice the same is once."""
    rows = [[code, f"Đảng bộ {code}", kind, parent, "2010-01-01"] for code, (kind, parent) in PLACES.items()]
    everyone = [
        *members("HA", 40, "2020-02-03", "FULL"),
        *members("HA", 6, "2024-05-19", "PROBATIONARY"),
        *members("TD", 10, "2020-02-03", "FULL"),
        *members("TD", 7, "2024-09-02", "PROBATIONARY"),
    ]
    for file in (as_csv(*rows, header=HEADER), as_csv(*everyone)):
        run = await ask.imported(file)
        assert ("DONE", 0) == (run["state"], run["problems_total"])
    await ask.settled()
    return province


@pytest.mark.usefixtures("province")
async def test_a_small_province_answers_with_its_own_numbers(ask):
    async def kinds(code):
        return (await ask.json("reporting", f"/organizations/{code}/structure?on=2024-12-31"))["kinds"]

    async def count(code, day):
        counted = await ask.json("reporting", f"/organizations/{code}/headcount?on={day}")
        return counted["full"], counted["probationary"], counted["total"]

    hai_an, hai_dang = await kinds("HAI-AN"), await kinds("HAI-DANG")

    assert (3, 4, 11) == tuple(
        hai_an[kind] for kind in ("GRASSROOTS_COMMITTEE", "GRASSROOTS_CELL", "SUBORDINATE_CELL")
    )
    assert (5, 7) == (hai_dang["GRASSROOTS_COMMITTEE"], hai_dang["GRASSROOTS_CELL"])
    assert (1, 14) == (hai_dang["SUB_COMMITTEE"], hai_dang["SUBORDINATE_CELL"])
    assert [(40, 6, 46), (10, 7, 17), (50, 13, 63), (50, 0, 50)] == [
        await count("HAI-AN", "2024-12-31"),
        await count("THUY-DUONG", "2024-12-31"),
        await count("HAI-DANG", "2024-12-31"),
        await count("HAI-DANG", "2023-12-31"),
    ]


@pytest.mark.usefixtures("province")
async def test_its_targets_ask_for_nine_of_its_twelve_and_thirteen_of_twelve_admitted_exceed_theirs(ask):
    set_on = {"organization": "HAI-DANG", "set_on": "2024-01-10"}
    share = {"year": "2024", "measure": "GOOD_OR_BETTER", "percent": "70"} | set_on
    for path, target in (("targets", share), ("admission-targets", {"year": "2024", "target": 12} | set_on)):
        answer = await ask("registry", f"/{path}", method="POST", json=target)
        assert 201 == answer.status_code, answer.text
    await ask.settled()

    goal = (await ask.json("reporting", "/organizations/HAI-DANG/classes?year=2024"))["goal"]
    admissions = await ask.json("reporting", "/organizations/HAI-DANG/admissions?year=2024")

    assert (12, 9, False) == (goal["base"], goal["needed"], goal["met"])
    assert (13, 12, "108.33") == (admissions["admitted"], admissions["target"], admissions["percent"])
    assert (True, True) == (admissions["met"], admissions["exceeded"])
