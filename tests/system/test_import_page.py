"""A file through the browser: checked, refused row by row, imported, and followed without being asked."""

import pytest
from playwright.async_api import expect

from tests.system.browsing import BOTH_WAYS, DESK, PHONE, signed_in

pytestmark = pytest.mark.browser

HEADER = "organization,name,kind,parent,founded_on,sector\n"


def rows(prefix, count, *, parent="TAM-KY"):
    return "".join(
        f"{prefix}-{n},Chi bộ số {n},GRASSROOTS_CELL,{parent},2021-02-03,\n" for n in range(1, count + 1)
    )


async def send(page, province, text, button):
    await page.goto(province.url("reporting") + "/imports")
    file = {"name": "cells.csv", "mimeType": "text/csv", "buffer": text.encode()}
    await page.get_by_label("File").set_input_files(file)
    await page.get_by_role("button", name=button, exact=True).click()


@BOTH_WAYS
async def test_a_file_with_two_bad_rows_is_refused_and_the_good_one_imported(
    province, browser, ask, viewport, scripted
):
    prefix = "IMP-S" if scripted else "IMP-P"
    page, complaints = await signed_in(browser, province, viewport=viewport, java_script_enabled=scripted)
    bad = (
        f"{prefix}-8,=HYPERLINK(1),GRASSROOTS_CELL,TAM-KY,2021-02-03,\n{prefix}-9,Chi bộ,CELL,TAM-KY,soon,\n"
    )
    await send(page, province, HEADER + rows(prefix, 3) + bad, "Import")
    await expect(page.get_by_role("heading", name="Refused", exact=True)).to_be_visible()

    report = await page.locator("table.problems").first.inner_text()
    assert "A cell begins like a formula" in report
    assert "founded_on" in report
    assert viewport["width"] == await page.evaluate("document.documentElement.scrollWidth")
    assert 404 == (await ask("registry", f"/organizations/{prefix}-1")).status_code

    await send(page, province, HEADER + rows(prefix, 3), "Only check")
    await expect(page.get_by_role("heading", name="Nothing wrong")).to_be_visible()
    assert 404 == (await ask("registry", f"/organizations/{prefix}-1")).status_code

    await send(page, province, HEADER + rows(prefix, 3), "Import")
    await expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    assert "3" == await page.locator("dt:text-is('Recorded') + dd").inner_text()
    await ask.settled()
    assert 200 == (await ask("registry", f"/organizations/{prefix}-3")).status_code
    assert [] == complaints


async def test_duplicates_stand_side_by_side(province, browser, ask):
    page, _ = await signed_in(browser, province, viewport=PHONE)
    await send(page, province, HEADER + rows("IMP-D", 1), "Import")
    await expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    await ask.settled()
    await send(page, province, HEADER + rows("IMP-D", 1).replace("Chi bộ số 1", "Chi bộ khác"), "Import")
    await expect(page.get_by_role("heading", name="Refused", exact=True)).to_be_visible()

    beside = await page.locator("table.beside").inner_text()
    assert "Chi bộ khác" in beside
    assert "Chi bộ số 1" in beside
    assert PHONE["width"] == await page.evaluate("document.documentElement.scrollWidth")


async def test_an_empty_file_is_not_taken(province, browser):
    page, _ = await signed_in(browser, province, viewport=PHONE)
    await send(page, province, "", "Import")

    await expect(page.get_by_text("The file is empty.")).to_be_visible()


async def test_a_long_import_shows_how_far_it_is(province, browser):
    page, complaints = await signed_in(browser, province, viewport=DESK)
    await send(page, province, HEADER + rows("IMP-L", 6_000), "Import")
    await expect(page.locator("progress")).to_be_visible()
    await expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()

    assert "6,000" == await page.locator("dt:text-is('Recorded') + dd").inner_text()
    assert [] == complaints


async def test_a_file_sent_from_another_site_and_one_that_is_no_form_are_not_taken(province, browser):
    page, _ = await signed_in(browser, province, viewport=DESK)
    file = {"file": {"name": "cells.csv", "mimeType": "text/csv", "buffer": HEADER.encode()}}
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    address = province.url("reporting") + "/imports"

    assert 403 == (await page.request.post(address, multipart=file, headers=elsewhere)).status
    assert 422 == (await page.request.post(address, form={"file": "cells.csv"})).status


async def test_only_officers_import(province, browser):
    page, _ = await signed_in(browser, province, "secretary", viewport=DESK)
    answer = await page.goto(province.url("reporting") + "/imports")

    assert 403 == answer.status
