"""The console in a real browser, on a phone and on a desk, with and without JavaScript."""

import re

import pytest
from anyio import Path as AsyncPath
from playwright.async_api import expect

from contracts.reasons import REASONS
from tests.system.browsing import DESK, PHONE, signed_in

PAGES = [
    "/",
    "/?of=QUANG-NINH",
    "/organizations/THAN-UYEN",
    "/organizations/BIEU-NGHI",
    "/organizations/THAN-UYEN/record",
    "/organizations/BIEU-NGHI/record?on=2024-06-30",
    "/organizations/THAN-UYEN/members?standing=FULL&sort=admitted_on&order=desc",
    "/organizations/THAN-UYEN/organizations",
    "/organizations/BINH-THUAN/targets",
    "/organizations/BINH-THUAN/transfers",
    "/members/QN-M-00022",
    "/districts",
]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("address", PAGES)
async def test_a_page_fits_its_screen_and_complains_of_nothing(province, browser, viewport, address):
    page, complaints = await signed_in(browser, province, viewport=viewport)
    answer = await page.goto(province.url("reporting") + address)

    assert 200 == answer.status
    assert viewport["width"] == await page.evaluate("document.documentElement.scrollWidth")
    assert [] == complaints


async def test_the_overview_shows_the_heat_map_and_the_classes_as_charts(province, browser):
    page, _ = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + "/?of=QUANG-NINH&year=2024")

    assert await page.locator("table.heat tbody tr").count() >= 1
    assert 12 == await page.locator("table.heat thead th.month").count()
    await page.goto(province.url("reporting") + "/organizations/MUONG-KHUONG?year=2024")
    assert 1 == await page.locator("section:has(h2:text-is('Classes by year')) svg").count()


async def test_binh_thuans_admissions_are_shown_in_percent(province, browser):
    page, _ = await signed_in(browser, province, viewport=PHONE)
    await page.goto(province.url("reporting") + "/organizations/BINH-THUAN?year=2024")

    assert "104.55" in await page.locator("main").inner_text()


async def test_the_day_slider_redraws_the_state_of_a_cell(province, browser):
    page, complaints = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + "/organizations/BIEU-NGHI?on=2024-12-31")
    assert "22" in await page.locator("#state, .state").first.inner_text()
    slider = page.locator("input[type=range]")
    await slider.focus()
    await slider.press("Home")
    await expect(page.locator("#state, .state").first).to_contain_text("1963")

    assert [] == complaints


async def test_without_javascript_a_past_day_is_a_form_away(province, browser):
    page, _ = await signed_in(browser, province, viewport=PHONE, java_script_enabled=False)
    await page.goto(province.url("reporting") + "/organizations/BIEU-NGHI")
    await page.locator("#on").fill("2024-06-30")
    await page.locator("form:has(#on) button").first.click()

    assert "30 Jun 2024" in await page.locator("main").inner_text()


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "without JavaScript"])
async def test_a_list_is_filtered_sorted_and_paged(province, browser, scripted):
    page, _ = await signed_in(browser, province, viewport=DESK, java_script_enabled=scripted)
    await page.goto(province.url("reporting") + "/organizations/THAN-UYEN/members")
    await page.get_by_label("Standing").select_option("FULL")
    await page.get_by_role("button", name="Show", exact=True).click()
    await page.get_by_role("link", name="Admitted").click()
    await page.get_by_role("link", name="Next").click()

    assert ["FULL", "admitted_on"] == re.findall(r"(?:standing|sort)=(\w+)", page.url)
    assert 50 == await page.locator("table.list tbody tr").count()


@pytest.mark.parametrize(("kind", "begins"), [("CSV", b"\xef\xbb\xbfcode,name"), ("XLSX", b"PK")])
async def test_a_list_is_downloaded_as_it_is_narrowed(province, browser, kind, begins):
    page, _ = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + "/organizations/BINH-THUAN/organizations?kind=SUB_COMMITTEE")
    async with page.expect_download() as download:
        await page.get_by_role("link", name=kind).click()
    saved = await AsyncPath(await (await download.value).path()).read_bytes()

    assert begins == saved[: len(begins)]
    assert kind != "CSV" or saved.count(b"\r\n") == 1 + 16


async def test_a_past_tree_says_what_became_of_its_parts(province, browser):
    page, _ = await signed_in(browser, province, viewport=PHONE, java_script_enabled=False)
    await page.goto(province.url("reporting") + "/organizations/BINH-THUAN/record")
    await page.locator("#on").fill("2024-06-30")
    await page.locator("form:has(#on) button").first.click()

    assert "30 Jun 2024" in await page.locator(".tree h2").inner_text()
    await page.get_by_role("link", name="Structure now").click()
    assert "Today's structure" in await page.locator(".tree h2").inner_text()


async def test_both_languages_are_a_click_apart(province, browser):
    page, _ = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + "/organizations/BIEU-NGHI")
    await page.get_by_text("VI", exact=True).first.click()
    await expect(page.locator("html")).to_have_attribute("lang", "vi")

    assert "Chi bộ khu Biểu Nghi" in await page.title()


async def test_an_operator_does_not_read_about_single_members(province, browser):
    page, _ = await signed_in(browser, province, "operator", viewport=DESK)
    answer = await page.goto(province.url("reporting") + "/members/QN-M-00022")

    assert 403 == answer.status
    await page.goto(province.url("reporting") + "/organizations/BIEU-NGHI/members")
    assert 0 == await page.locator("a[href^='/members/']").count()


async def test_an_officer_does_not_see_the_operators_page(province, browser):
    page, _ = await signed_in(browser, province, viewport=DESK)
    answer = await page.goto(province.url("reporting") + "/operations")

    assert 403 == answer.status


async def test_an_operator_reads_in_words_why_a_districts_event_was_rejected(province, browser, district):
    [receipt] = await district.tell(
        district.event("registry.OrganizationFounded.v1", {"organization": "X-9"})
    )
    page, complaints = await signed_in(browser, province, "operator", viewport=DESK)
    await page.goto(province.url("reporting") + "/operations")
    await page.get_by_text("VI", exact=True).first.click()

    assert "rejected" == receipt["outcome"]
    await expect(page.get_by_text(REASONS["BreaksContract"].vi).first).to_be_visible()
    assert [] == complaints


async def test_an_officer_reads_what_has_arrived_of_a_district_and_what_is_missing(
    province, browser, district
):
    source = "urn:tam-ky:districts-page"
    founded = district.event("registry.OrganizationFounded.v1", {"organization": "X-9"})
    await district.tell(founded | {"source": source, "number": 3})
    page, complaints = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + "/districts")
    row = page.locator("tr", has_text=source)

    await expect(row).to_contain_text("1 of 3")
    await expect(row).to_contain_text("1-2")
    assert [] == complaints


async def test_a_member_is_named_to_an_officer_who_says_what_for_and_the_look_is_recorded(
    province, browser, ask
):
    cell = {"name": "Chi bộ Khối phố 9", "kind": "GRASSROOTS_CELL", "parent": "TAM-KY"}
    person = {
        "member": "M-NAMED-1",
        "organization": "NAMED-1",
        "decision": {"number": "31-QĐ/TU", "date": "2024-11-04"},
        "ceremony_on": "2024-11-20",
        "standing": "FULL",
        "name": "Võ Thị Hạnh",
    }
    told = {"organization": "NAMED-1", "founded_on": "2020-05-19", **cell}
    assert 201 == (await ask("registry", "/organizations", method="POST", json=told)).status_code
    assert 201 == (await ask("registry", "/members", method="POST", json=person)).status_code
    await ask.settled()
    page, complaints = await signed_in(browser, province, viewport=PHONE, java_script_enabled=False)
    await page.goto(province.url("reporting") + "/organizations/NAMED-1/members")
    assert "Võ Thị Hạnh" not in await page.content()

    await page.locator("select[name=names]").select_option("CONTACT")
    await page.get_by_role("button", name="Show names").click()

    assert "Võ Thị Hạnh" in await page.locator("table.list").inner_text()
    await page.locator("table.list a", has_text="M-NAMED-1").click()
    assert "Võ Thị Hạnh" not in await page.content()
    await page.get_by_role("button", name="Show names").click()
    assert "Võ Thị Hạnh" in await page.locator("h1").inner_text()
    looks = (await ask.json("registry", "/members/M-NAMED-1/person/accesses"))["accesses"]
    assert ["MEMBER_FILE", "CONTACT"] == [look["purpose"] for look in looks]
    assert PHONE["width"] == await page.evaluate("document.documentElement.scrollWidth")
    assert [] == complaints
