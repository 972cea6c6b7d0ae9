"""The movement over HTTP as the articles tell it (S000, S001, S004), with other numbers, and in any order."""

import asyncio
from random import Random

import pytest

from contracts.catalogue import CATALOGUE
from services.assessment.reactions import handlers
from services.chassis.errors import NotYetKnown
from tests.assessment.bodies import ISSUE, MEETING, PILOT
from tests.assessment.movement import (
    COUNTERSIGN,
    LAUNCH,
    LAUNCH_BELOW,
    OFFICER,
    PLAN,
    REGISTER,
    REPLICATE,
    SIGN,
    SIGNED,
    launch,
    meeting,
    post,
    registration,
    signature,
)
from tests.edges import bearer
from tests.telling import Telling, dissolved, founded, moved

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("told")]


# -- S004: the launch cascade


async def test_each_committee_holds_its_own_launch_after_that_of_28_june_2024(api, ask):
    above = ("MUONG-KHUONG", "268-KH/HU", "2024-06-28")
    await post(api, "/movements", launch(*above))
    await post(api, "/movements", launch("MK-TT", "45-KH/ĐU", "2024-06-28", above))
    await post(api, "/movements", launch("MK-NAM-LU", "12-KH/ĐU", "2024-07-05", above))

    [cascade] = (await ask("/movements?organization=MUONG-KHUONG&on=2024-07-05")).json()

    assert ("2024-06-28", 2, 2) == (cascade["launched_on"], cascade["launched"], cascade["waiting"])
    assert {
        "MK-TT": "2024-06-28",
        "MK-NAM-LU": "2024-07-05",
        "MK-QUAN-SU": None,
        "MK-CONG-AN": None,
    } == {one["organization"]: one["launched_on"] for one in cascade["committees"]}
    [before] = (await ask("/movements?organization=MUONG-KHUONG&on=2024-07-04")).json()
    assert (1, 3) == (before["launched"], before["waiting"])


async def test_a_launch_that_was_carried_on_twice_reaches_the_lowest_committee(api, ask, told):
    await told(founded("MK-PART", under="MK-TT", kind="SUB_COMMITTEE"))
    top, middle = ("MUONG-KHUONG", "1-KH", "2024-06-28"), ("MK-TT", "2-KH", "2024-06-29")
    for body in (launch(*top), launch(*middle, top), launch("MK-PART", "3-KH", "2024-07-01", middle)):
        await post(api, "/movements", body)

    [cascade] = (await ask("/movements?organization=MUONG-KHUONG")).json()

    assert ["MK-PART", "MK-TT"] == [
        one["organization"] for one in cascade["committees"] if one["launched_on"]
    ]


# -- S004: eight agreements


async def test_exactly_eight_agreements_of_that_day_have_both_signatures(api, ask, assessment):
    for number, code in enumerate(SIGNED, 1):
        await post(api, "/agreements", signature(number, "MUONG-KHUONG", code))
        await post(api, "/agreements", signature(number, code, "MUONG-KHUONG"), bearer("secretary", code))
    await post(api, "/agreements", signature(9, "MUONG-KHUONG", "MK-TT"))

    found = (await ask("/agreements?organization=MUONG-KHUONG")).json()["items"]

    complete = [one for one in found if one["complete"]]
    assert (9, 8) == (len(found), len(complete))
    others = {side["organization"] for one in complete for side in one["signatures"] if side["signed_on"]} - {
        "MUONG-KHUONG"
    }
    kinds = [(await assessment.cells.find(code)).kind for code in others]
    assert (4, 4) == (kinds.count("GRASSROOTS_COMMITTEE"), kinds.count("GRASSROOTS_CELL"))


async def test_an_agreement_is_shown_at_once_with_the_side_it_awaits(api):
    await post(api, "/agreements", signature(1, "MK-TT", "MUONG-KHUONG"))

    shown = (await api.get("/agreements/MK-2024-01", headers=OFFICER)).json()

    assert not shown["complete"]
    assert [
        {"organization": "MK-TT", "signed_on": "2024-06-28"},
        {"organization": "MUONG-KHUONG", "signed_on": None},
    ] == shown["signatures"]


async def test_an_agreement_is_shown_to_either_side_and_to_nobody_else(api):
    await post(api, "/agreements", signature(1, "MK-TT", "MUONG-KHUONG"))

    asked = [
        (await api.get("/agreements/MK-2024-01", headers=bearer("secretary", code))).status_code
        for code in ("MK-TT", "MUONG-KHUONG", "MK-NAM-LU")
    ]

    assert [200, 200, 403] == asked


async def test_an_agreement_that_nobody_signed_is_not_found(api):
    assert 404 == (await api.get("/agreements/MK-2024-01", headers=OFFICER)).status_code


async def test_agreements_are_listed_a_page_at_a_time(api, ask):
    for number in range(1, 6):
        await post(api, "/agreements", signature(number, "MK-TT", "MUONG-KHUONG"))
        await post(api, "/agreements", signature(number, "MUONG-KHUONG", "MK-TT"))

    pages, start = [], ""
    while start is not None:
        page = (await ask(f"/agreements?organization=MK-TT&limit=2{start}")).json()
        pages.append([one["agreement"][-1] for one in page["items"] if one["complete"]])
        start = f"&start={page['next']}" if page["next"] else None

    assert [["1", "2"], ["3", "4"], ["5"]] == pages


async def test_two_sides_that_sign_at_once_have_both_signed(api, assessment):
    sides = [signature(1, "MK-TT", "MUONG-KHUONG"), signature(1, "MUONG-KHUONG", "MK-TT")]

    await asyncio.gather(*[post(api, "/agreements", side) for side in sides])

    assert {"MK-TT", "MUONG-KHUONG"} == (await assessment.agreements.find("MK-2024-01")).signed.keys()


# -- S004: the share of model cells


@pytest.mark.parametrize(
    ("cells", "need"),
    [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3), (218, 44), (4, 1), (15, 3), (16, 4), (100, 20), (101, 21)],
)
async def test_a_committee_needs_a_fifth_of_its_subordinate_cells_as_models_rounded_up(
    api, ask, told, cells, need
):
    codes = [f"MK-C-{number:03}" for number in range(1, cells + 1)]
    await told(*[founded(code, under="MK-TT") for code in codes])
    for code in codes[: need - 1]:
        chosen = {"organization": code, "selected_by": "MK-TT", "selected_on": "2024-07-10", "role": "MODEL"}
        await post(api, "/model-cells", chosen)

    share = (await ask("/model-cells/share?organization=MUONG-KHUONG&on=2024-07-10")).json()

    [committee] = share["committees"]
    assert ("MK-TT", cells, need, 1) == tuple(
        committee[name] for name in ("organization", "cells", "need", "shortfall")
    )
    assert codes[: need - 1] == committee["chosen"]
    assert (need, need - 1, 1) == (share["need"], share["chosen"], share["shortfall"])
    assert ("model-cells 1", 20, "LOCAL_POLICY") == (share["rule"], share["percent"], share["legal_tag"])


async def test_grassroots_cells_are_outside_the_share(api, ask):
    share = (await ask("/model-cells/share?organization=MUONG-KHUONG")).json()

    assert (0, 0, []) == (share["cells"], share["need"], share["committees"])


async def test_one_committees_models_do_not_make_up_for_anothers(api, ask, told):
    await told(*[founded(f"A-{n}", under="MK-TT") for n in range(5)], founded("B-0", under="MK-NAM-LU"))
    for code in ("A-0", "A-1"):
        await post(
            api,
            "/model-cells",
            {"organization": code, "selected_by": "MK-TT", "selected_on": "2024-07-10", "role": "MODEL"},
        )

    share = (await ask("/model-cells/share?organization=MUONG-KHUONG")).json()

    assert (6, 2, 2, 1) == (share["cells"], share["need"], share["chosen"], share["shortfall"])


async def test_a_share_is_of_the_cells_and_models_of_its_day(api, ask, told):
    await told(*[founded(f"A-{n}", under="MK-TT") for n in range(6)])
    model = {"organization": "A-0", "selected_by": "MK-TT", "selected_on": "2024-07-10", "role": "MODEL"}
    await post(api, "/model-cells", model)
    await post(api, "/model-cells", model | {"organization": "A-1", "role": "PILOT"})
    await told(dissolved("A-0", "2024-09-01"), moved("A-5", "2024-09-01", under="MK-NAM-LU"))

    found = {
        on: [
            tuple(one[name] for name in ("organization", "cells", "need", "shortfall"))
            for one in (await ask(f"/model-cells/share?organization=MUONG-KHUONG&on={on}")).json()[
                "committees"
            ]
        ]
        for on in ("2024-07-09", "2024-07-10", "2024-09-01")
    }

    assert {
        "2024-07-09": [("MK-TT", 6, 2, 2)],
        "2024-07-10": [("MK-TT", 6, 2, 1)],
        "2024-09-01": [("MK-NAM-LU", 1, 1, 1), ("MK-TT", 4, 1, 1)],
    } == found


# -- S001: three pilots, of different kinds


async def test_three_pilots_of_different_kinds_are_selected_and_are_no_models(api, ask, told):
    kinds = {"KHOI-DAN": "MASS", "TAI-CHINH": "AGENCY", "NOI-TRU": "SCHOOL"}
    await told(*[founded(code, under="MK-TT") for code in kinds])
    for code in kinds:
        body = {"organization": code, "selected_by": "MUONG-KHUONG", "selected_on": "2023-01-10"}
        await post(api, "/model-cells", body | {"role": "PILOT"})

    share = (await ask("/model-cells/share?organization=MK-TT")).json()

    assert (3, 1, 0) == (share["cells"], share["need"], share["chosen"])


# -- S000: registration


async def test_every_cell_registers_as_its_meeting_resolved_and_the_coverage_is_whole(api, ask, told):
    cells = [f"A-{number}" for number in range(1, 4)]
    await told(*[founded(code, under="MK-TT") for code in cells])
    shares = []
    for cell in cells:
        await post(api, "/meetings", meeting(cell))
        await post(api, "/registrations", registration(cell, year="2024"), bearer("secretary", cell))
        covered = (await ask("/coverage?organization=MK-TT&year=2024")).json()
        shares.append((covered["registered"], covered["cells"], covered["percent"], covered["missing"]))

    assert [(1, 3, "33.33", ["A-2", "A-3"]), (2, 3, "66.67", ["A-3"]), (3, 3, "100.00", [])] == shares


async def test_coverage_counts_cells_that_stood_at_the_end_of_the_year(api, ask, told):
    await told(founded("A-1", under="MK-TT"), founded("A-2", under="MK-TT", on="2024-03-01"))
    await post(api, "/meetings", meeting("A-1", held_at="2023-11-28T14:00:00+07:00", tasks=[]))
    await post(api, "/registrations", registration("A-1", year="2023", registered_on="2023-12-01"))
    await post(api, "/registrations", registration("A-1", year="2024", registered_on="2023-12-01"))

    found = [(await ask(f"/coverage?organization=MK-TT&year={year}")).json() for year in (2022, 2023, 2024)]

    assert [("2022-12-31", 0, 1), ("2023-12-31", 1, 1), ("2024-12-31", 1, 2)] == [
        (one["on"], one["registered"], one["cells"]) for one in found
    ]


async def test_where_there_is_no_cell_there_is_no_share(ask):
    assert (await ask("/coverage?organization=MK-CONG-AN&year=2024")).json()["percent"] is None


# -- Replication


async def test_what_cells_took_over_from_a_model_is_listed(api, ask, told):
    await told(*[founded(f"A-{number}", under="MK-TT") for number in range(4)])
    model = {"organization": "A-0", "selected_by": "MK-TT", "selected_on": "2024-07-10", "role": "MODEL"}
    await post(api, "/model-cells", model)
    taken = {"model": "A-0", "practice": "Gửi nội dung trước", "replicated_on": "2024-09-05"}
    for number in range(1, 4):
        await post(
            api, "/replications", taken | {"replication": f"R-{number}", "organization": f"A-{number}"}
        )

    first = (await ask("/replications?model=A-0&limit=2")).json()
    rest = (await ask(f"/replications?model=A-0&limit=2&start={first['next']}")).json()

    assert ["A-1", "A-2"] == [one["organization"] for one in first["items"]]
    assert (["A-3"], None) == ([one["organization"] for one in rest["items"]], rest["next"])


# -- Who may


# -- Districts tell it in any order


DISTRICT_TOLD = [
    ("CriteriaFrameworkIssued", ISSUE),
    ("MeetingHeld", MEETING),
    ("ModelCellSelected", PILOT),
    ("MovementLaunched", LAUNCH),
    ("MovementLaunched", LAUNCH_BELOW),
    ("EmulationAgreementSigned", SIGN),
    ("EmulationAgreementSigned", COUNTERSIGN),
    ("CellRegistered", REGISTER),
    ("ModelReplicated", REPLICATE),
]


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_order_a_district_tells_it_in_the_answers_are_the_same(
    assessment, asked, api, ask, seed
):
    hears, waiting = handlers(assessment), Random(seed).sample(DISTRICT_TOLD, len(DISTRICT_TOLD))
    for _ in DISTRICT_TOLD:
        later = []
        for name, data in waiting:
            event = CATALOGUE[f"assessment.{name}.v1"].model_validate(data)
            try:
                await hears[name](event, asked)
            except NotYetKnown:
                later.append((name, data))
        waiting = later

    [cascade] = (await ask("/movements?organization=THAN-UYEN")).json()
    [agreement] = (await ask("/agreements?organization=TU-FINANCE")).json()["items"]
    coverage = (await ask("/coverage?organization=TU-AGENCIES&year=2025")).json()
    replications = (await ask("/replications?model=TU-FINANCE")).json()["items"]

    assert [] == waiting
    assert (PLAN, 1, 0) == (cascade["document"], cascade["launched"], cascade["waiting"])
    assert agreement["complete"]
    assert (1, 1) == (coverage["registered"], coverage["cells"])
    assert ["TU-SCHOOL"] == [one["organization"] for one in replications]


async def test_a_launch_of_before_the_reform_told_after_it_follows_who_was_then_above(
    assessment, asked, api, ask, tree
):
    reformed = Telling()
    reformed.positions["registry"] = 16
    await tree.apply(reformed.all(moved("TU-AGENCIES", "2024-08-01", under="LAI-CHAU")))
    for data in (LAUNCH, LAUNCH_BELOW):
        event = CATALOGUE["assessment.MovementLaunched.v1"].model_validate(data)
        await handlers(assessment)["MovementLaunched"](event, asked)

    [then] = (await ask("/movements?organization=THAN-UYEN&on=2024-07-31")).json()
    [now] = (await ask("/movements?organization=THAN-UYEN")).json()

    assert [("TU-AGENCIES", "2024-06-28")] == [
        (one["organization"], one["launched_on"]) for one in then["committees"]
    ]
    assert [] == now["committees"]
