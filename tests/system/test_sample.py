"""The sample, loaded as districts publish it: the figures the five articles name, read over HTTP."""


async def test_than_uyen_has_59_grassroots_organizations_and_218_subordinate_cells(ask):
    kinds = (await ask.json("reporting", "/organizations/THAN-UYEN/structure"))["kinds"]

    assert 59 == kinds["GRASSROOTS_COMMITTEE"] + kinds["GRASSROOTS_CELL"]
    assert 218 == kinds["SUBORDINATE_CELL"]


async def test_than_uyen_has_3390_members_and_three_pilot_cells(ask):
    count = await ask.json("reporting", "/organizations/THAN-UYEN/headcount?on=2024-12-31")
    structure = await ask.json("reporting", "/organizations/THAN-UYEN/structure?on=2024-12-31")

    assert 3390 == count["total"]
    assert 3 == structure["models"]["PILOT"]


async def test_binh_thuan_has_698_grassroots_organizations_and_2163_subordinate_cells(ask):
    kinds = (await ask.json("reporting", "/organizations/BINH-THUAN/structure"))["kinds"]

    assert (239, 459) == (kinds["GRASSROOTS_COMMITTEE"], kinds["GRASSROOTS_CELL"])
    assert (16, 2163) == (kinds["SUB_COMMITTEE"], kinds["SUBORDINATE_CELL"])


async def test_binh_thuan_admitted_2070_members_against_a_target_of_1980(ask):
    admissions = await ask.json("reporting", "/organizations/BINH-THUAN/admissions?year=2024")

    assert (2070, 1980, "104.55") == (admissions["admitted"], admissions["target"], admissions["percent"])


async def test_muong_khuong_has_3860_members_in_42_organizations(ask):
    count = await ask.json("reporting", "/organizations/MUONG-KHUONG/headcount?on=2024-12-31")
    kinds = (await ask.json("reporting", "/organizations/MUONG-KHUONG/structure?on=2024-12-31"))["kinds"]

    assert 3860 == count["total"]
    assert (20, 22) == (kinds["GRASSROOTS_COMMITTEE"], kinds["GRASSROOTS_CELL"])


async def test_nine_of_ten_were_present_in_truong_dong_with_the_city_secretary(ask):
    state = await ask.json("reporting", "/cells/TRUONG-DONG/state?on=2024-09-30")

    [meeting] = [m for m in state["meetings"] if m["held_at"].startswith("2024-09")]
    assert 90 == 100 * meeting["present"] / meeting["summoned"]
    assert ["TAM-KY"] == [visit["superior"] for visit in state["visits"]]


async def test_bieu_nghi_held_a_thematic_meeting_in_november_2024_with_22_members(ask):
    state = await ask.json("reporting", "/cells/BIEU-NGHI/state?on=2024-11-30")

    assert 22 == sum(state["members"].values())
    [meeting] = [
        m for m in state["meetings"] if m["held_at"].startswith("2024-11") and m["kind"] == "THEMATIC"
    ]
    assert meeting["resolution"] is not None
    assert meeting["tasks"] > 0


async def test_the_cell_had_none_of_this_on_an_earlier_day(ask):
    state = await ask.json("reporting", "/cells/BIEU-NGHI/state?on=2024-06-01")

    assert [] == state["meetings"]


async def test_the_launch_of_muong_khuong_reached_its_twenty_committees_with_eight_agreements(ask):
    [launch] = await ask.json("assessment", "/movements?organization=MUONG-KHUONG&on=2024-12-31")
    agreements = await ask.json("assessment", "/agreements?organization=MUONG-KHUONG")
    share = await ask.json("assessment", "/model-cells/share?organization=MUONG-KHUONG&on=2024-12-31")

    assert ("2024-06-28", 20, 0) == (launch["launched_on"], launch["launched"], launch["waiting"])
    assert [True] * 8 == [one["complete"] for one in agreements["items"]]
    assert {"MK-TT-MUONG-KHUONG": (6, 2, 0), "MK-NAM-LU": (10, 2, 0)} == {
        one["organization"]: (one["cells"], one["need"], one["shortfall"]) for one in share["committees"]
    }


async def test_than_uyens_plan_carries_on_the_provinces_programme_and_its_finance_cell_registered_by_it(ask):
    [launch] = await ask.json("assessment", "/movements?organization=LAI-CHAU&on=2023-12-31")
    carried = {one["organization"]: one["launched_on"] for one in launch["committees"] if one["launched_on"]}
    coverage = await ask.json("assessment", "/coverage?organization=TU-TAI-CHINH&year=2023")
    timeline = await ask.json("reporting", "/cells/TU-TAI-CHINH/timeline")
    [registered] = [one["data"] for one in timeline["entries"] if "CellRegistered" in one["type"]]

    assert {"THAN-UYEN": "2022-10-31"} == carried
    assert (1, 1, "100.00") == (coverage["cells"], coverage["registered"], coverage["percent"])
    assert ("161-KH/HU", "01-NQ/CB") == (
        registered["framework"]["number"],
        registered["resolution"]["number"],
    )


async def test_the_reform_of_2025_ended_a_district_and_left_the_day_before_as_it_was(ask):
    async def lao_cai(day):
        kinds = (await ask.json("reporting", f"/organizations/LAO-CAI/structure?on={day}"))["kinds"]
        count = await ask.json("reporting", f"/organizations/LAO-CAI/headcount?on={day}")
        levels = ("DISTRICT_COMMITTEE", "SUPERIOR_COMMITTEE", "GRASSROOTS_COMMITTEE", "GRASSROOTS_CELL")
        return [kinds.get(kind, 0) for kind in levels], count["total"]

    before, after = await lao_cai("2025-06-30"), await lao_cai("2025-07-01")

    assert ([1, 0, 20, 22], [0, 4, 20, 21]) == (before[0], after[0])
    assert 3860 == before[1] == after[1]
    ended = await ask.json("reporting", "/organizations/MUONG-KHUONG/headcount?on=2025-07-01")
    now = await ask.json("reporting", "/organizations/LAO-CAI/headcount?on=2024-12-31&structure=now")
    assert (0, 3860) == (ended["total"], now["total"])
    assert ["XA-BAN-LAU", "XA-CAO-SON", "XA-MUONG-KHUONG", "XA-PHA-LONG"] == [
        child["code"] for child in now["children"] if child["count"]
    ]
