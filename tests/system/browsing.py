"""A real browser on a page of the province, signed in."""

import shutil

import pytest
from playwright.async_api import Error, async_playwright, expect

from tests.patience import PATIENCE_S

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
BOTH_WAYS = pytest.mark.parametrize(
    ("viewport", "scripted"), [(PHONE, False), (DESK, True)], ids=["phone without JavaScript", "desk"]
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture(scope="module")
async def browser():
    """Return a headless Chromium, the system's or playwright's own (`make browsers`)."""
    async with async_playwright() as playwright:
        system = shutil.which("chromium") or shutil.which("chromium-browser")
        try:
            running = await playwright.chromium.launch(executable_path=system, args=FLAGS)
        except Error as error:
            pytest.skip(f"no Chromium (`make browsers` installs one): {error.message.splitlines()[0]}")
        yield running
        await running.close()


async def signed_in(browser, province, role="officer", **options):
    """Return a page of a browser of its own, signed in with one click, and what its console complained of."""
    context = await browser.new_context(locale="en-GB", **options)
    context.set_default_timeout(PATIENCE_S * 1000)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(province.url("reporting") + "/")
    if await page.locator(f"button[value={role}]").count():
        await page.locator(f"button[value={role}]").click()
    else:
        await page.locator("textarea, input[name=token]").first.fill(province.token(role))
        await page.locator("form button").last.click()
    await page.wait_for_url(lambda url: "sign-in" not in url)
    return page, complaints
