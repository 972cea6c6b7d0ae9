"""Pages on what happens in cells, in a real browser: asked of assessment by the reader's own right."""

import pytest
from playwright.async_api import expect

from tests.system.browsing import DESK, PHONE, signed_in
from tests.system.test_forms import cell_of, fill, record

pytestmark = pytest.mark.browser

MINUTES = {
    "kind": "THEMATIC",
    "held_at": "2026-10-05T19:00:00+07:00",
    "duration_min": 95,
    "topic": "A drain for the ward",
    "summoned": {"full": 9, "probationary": 1},
    "present": 9,
    "excused": 1,
    "unexcused": 0,
    "discusses_solutions": True,
    "resolution": {"number": "4-NQ/CB", "title": "On the drain"},
    "tasks": [{"member": "M-DESK", "what": "Talk to the households", "due_on": "2026-10-20"}],
}


async def met(ask, cell, meeting, **more):
    """Found a cell that held a meeting, and return when everybody knows."""
    await cell_of(ask, cell)
    held = {**MINUTES, "organization": cell, "meeting": meeting, **more}
    assert 201 == (await ask("assessment", "/meetings", method="POST", json=held)).status_code
    await ask.settled()


async def fits(page, viewport):
    assert viewport["width"] == await page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize(("viewport", "scripted"), [(PHONE, False), (DESK, True)], ids=["phone", "desk"])
async def test_a_concern_is_raised_from_its_meeting_and_goes_its_way(
    province, browser, ask, viewport, scripted
):
    code = "DESK-S" if scripted else "DESK-P"
    await met(ask, code, f"{code}-M")
    page, complaints = await signed_in(browser, province, viewport=viewport, java_script_enabled=scripted)
    await page.goto(province.url("reporting") + f"/meetings/{code}-M")
    await fits(page, viewport)
    await page.locator("details.offers summary").click()
    await page.get_by_role("link", name="Raise a concern").click()
    await fill(page, raised_to="TAM-KY", matter="The drain floods", category="WATER")
    await record(page)

    await page.goto(province.url("reporting") + "/organizations/TAM-KY/concerns?which=overdue")
    await fits(page, viewport)
    row = page.locator("table.concerns tr", has_text=f"Chi bộ {code}")
    await expect(row).to_contain_text("overdue")
    await row.get_by_role("link", name="The drain floods").click()
    await page.locator("details.offers summary").click()
    await page.get_by_role("link", name="Pass up").click()
    await fill(page, to="QUANG-NAM", escalated_on="2026-11-02")
    await page.get_by_label("beyond its competence").check()
    await record(page)

    assert "Passed up" in await page.locator("dl.figures").inner_text()
    assert "beyond" in await page.locator("ol.timeline").inner_text()
    await fits(page, viewport)
    assert [] == complaints


async def test_a_task_is_reported_from_the_page_of_its_meeting_and_each_pack_judges_it(
    province, browser, ask
):
    await met(ask, "DESK-T", "DESK-T-1")
    later = {**MINUTES, "organization": "DESK-T", "meeting": "DESK-T-2", "tasks": []}
    later["held_at"] = "2026-11-05T19:00:00+07:00"
    assert 201 == (await ask("assessment", "/meetings", method="POST", json=later)).status_code
    await ask.settled()
    page, complaints = await signed_in(browser, province, "secretary", viewport=DESK)
    await page.goto(province.url("reporting") + "/organizations/DESK-T?on=2026-11-06")
    await page.get_by_role("link", name="A drain for the ward").last.click()
    await page.get_by_role("link", name="Report on a task").click()
    await fill(page, state="DONE", at_meeting="DESK-T-2", reported_on="2026-11-05")
    await record(page)

    assert "Done" in await page.locator("table.list").inner_text()
    quality = await page.locator(".verdicts").inner_text()
    assert "12-HD/BTCTW" in quality
    assert "not scored" in quality
    assert [] == complaints


async def test_whom_nobody_follows_is_assigned_a_supervisor(province, browser, ask):
    await cell_of(ask, "DESK-V")
    page, complaints = await signed_in(browser, province, viewport=PHONE, java_script_enabled=False)
    await page.goto(province.url("reporting") + "/organizations/DESK-V/supervision?year=2026")
    assert "nobody" in await page.locator("main").inner_text()
    await page.locator("details.offers summary").click()
    await page.get_by_role("link", name="Assign a supervisor").click()
    await fill(page, superior="TAM-KY", supervisor="TK-M-09001", assigned_on="2026-01-05")
    await fill(page, rules__name="tam-ky", rules__version="1")
    await record(page)

    assert "TK-M-09001" in await page.locator("main").inner_text()
    await fits(page, PHONE)
    assert [] == complaints


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_movement_and_the_criteria_are_readable(province, browser, ask, viewport):
    code = f"DESK-{viewport['width']}"
    await met(ask, code, f"{code}-M", held_at="2026-01-05T19:00:00+07:00", tasks=[])
    registered = {"organization": code, "year": "2026", "meeting": f"{code}-M", "registered_on": "2026-01-06"}
    assert 201 == (await ask("assessment", "/registrations", method="POST", json=registered)).status_code
    await ask.settled()
    page, complaints = await signed_in(browser, province, "auditor", viewport=viewport)
    await page.goto(province.url("reporting") + f"/organizations/{code}/movement")
    assert "registered" in await page.locator("dl.figures").inner_text()
    await page.goto(province.url("reporting") + "/organizations/TAM-KY/movement")
    assert "Cells registered for" in await page.locator("main").inner_text()
    await fits(page, viewport)
    await page.goto(province.url("reporting") + "/organizations/QUANG-NINH/criteria")
    await fits(page, viewport)
    words = await page.locator("main").inner_text()

    assert "Regular meeting held once a month" in words
    assert "more than 85 %" in words
    assert "Required by law" in words
    assert [] == complaints


async def test_an_operator_is_shown_figures_and_nothing_of_what_happens_in_cells(province, browser):
    page, _ = await signed_in(browser, province, "operator", viewport=DESK)
    await page.goto(province.url("reporting") + "/organizations/TAM-KY")
    assert ["The month"] == await page.locator("nav.of-cells a").all_inner_texts()
    refused = await page.goto(province.url("reporting") + "/organizations/TAM-KY/concerns")

    assert 403 == refused.status


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_month_of_a_cell_is_on_one_page(province, browser, ask, viewport):
    code = f"DESK-M-{viewport['width']}"
    await met(ask, code, f"{code}-M")
    page, complaints = await signed_in(browser, province, "auditor", viewport=viewport)
    await page.goto(province.url("reporting") + f"/organizations/{code}/month?month=2026-10")
    words = await page.locator("main").inner_text()

    assert "A drain for the ward" in words
    assert "Talk to the households" in words
    assert "not submitted" in words
    await fits(page, viewport)
    await page.get_by_role("link", name="Sep 2026").click()
    assert "No meeting in this month." in await page.locator("main").inner_text()
    await page.goto(province.url("reporting") + "/organizations/TAM-KY/month?month=2026-10")
    await fits(page, viewport)
    assert [] == complaints
