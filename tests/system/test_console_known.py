"""What was known on a day, in a real browser: a member of whom somebody told months after the ceremony."""

from datetime import UTC, date, datetime

import nats
import pytest

from contracts.subjects import events_subject
from tests.reporting.story import Publisher, admitted, founded
from tests.system.browsing import DESK, PHONE, signed_in

pytestmark = pytest.mark.browser

CEREMONY, TOLD = date(2024, 11, 20), datetime(2025, 3, 10, 9, tzinfo=UTC)
HISTORY = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("C-1", "GRASSROOTS_CELL", "P-1"),
    admitted("M-1", "C-1", date(2023, 5, 19)),
    admitted("M-2", "C-1", CEREMONY),
)


@pytest.fixture
async def told(fragile):
    """Return a province of one cell whose second member was told of late."""
    fragile.terminate("registry")  # what it would have published years ago is published for it
    publisher, client = (
        Publisher(),
        await nats.connect(fragile.nats_url("registry").split(","), inbox_prefix=b"_INBOX_registry"),
    )
    for event in HISTORY:
        message = publisher.message(event, TOLD if event is HISTORY[-1] else None)
        subject = events_subject(message.type, message.organization)
        await client.jetstream().publish(subject, message.model_dump_json().encode())
    await client.close()
    return fragile


async def members(page):
    return await page.locator("dl.figures > div", has_text="Members").first.locator("dd").first.inner_text()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_who_was_admitted_late_is_not_counted_as_known_before(told, browser, viewport, tmp_path):
    page, complaints = await signed_in(browser, told, viewport=viewport, java_script_enabled=viewport is DESK)
    address = told.url("reporting") + "/organizations/C-1"

    for place in ("/record", ""):
        await page.goto(f"{address}{place}?on=2024-12-31")
        assert "2" == await members(page)
        for day, counted in (("2025-03-09", "1"), ("2025-03-10", "2")):
            await page.get_by_label("As known on").fill(day)
            await page.get_by_role("button", name="Show", exact=True).click()
            await page.wait_for_url(lambda url, day=day: f"known_on={day}" in url)
            assert counted == await members(page)
            assert "what was known at the end of" in await page.locator(".notice.known").inner_text()
            assert viewport["width"] == await page.evaluate("document.documentElement.scrollWidth")
            if counted == "1":
                await page.screenshot(path=tmp_path / f"{place[1:] or 'cell'}.png", full_page=True)

    await page.goto(f"{address}?on=2024-12-31&known_on=2025-03-09")
    await page.get_by_role("link", name="Members").click()
    assert 1 == await page.locator("table.list tbody tr").count()
    await page.screenshot(path=tmp_path / "list.png", full_page=True)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    assert (await download.value).suggested_filename.endswith("known_on=2025-03-09.csv")
    await page.get_by_role("link", name="Show what is known today").click()
    assert 2 == await page.locator("table.list tbody tr").count()
    await page.goto(told.url("reporting") + "/?known_on=2025-03-09&year=2024")
    assert "1" == await members(page)
    await page.screenshot(path=tmp_path / "overview.png", full_page=True)
    assert [] == complaints
