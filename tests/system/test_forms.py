"""Commands as forms, in a real browser: what is recorded is shown, what is refused says why."""

import csv
from io import BytesIO

import openpyxl
import pytest
from anyio import Path as AsyncPath
from playwright.async_api import expect

from tests.system.browsing import BOTH_WAYS, DESK, PHONE, signed_in

pytestmark = pytest.mark.browser

DECISION = {"number": "31-QĐ/TU", "date": "2024-11-04"}


async def fill(page, **values):
    """Type into the fields of a form, by their place: `decision__number` is decision.number."""
    for place, value in values.items():
        field = page.locator(f'[name="{place.replace("__", ".")}"]')
        if await field.evaluate("one => one.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)


async def record(page, *, twice=False):
    button = page.locator("p.do button")
    await (button.dblclick() if twice else button.click())
    await expect(page.locator(".notice, [role=alert]")).to_be_visible()


async def cell_of(ask, code, *members, parent="TAM-KY"):
    """Found a cell with some full members, and return when everybody knows."""
    cell = {"organization": code, "name": f"Chi bộ {code}", "kind": "GRASSROOTS_CELL", "parent": parent}
    founded = {**cell, "founded_on": "2020-05-19"}
    assert 201 == (await ask("registry", "/organizations", method="POST", json=founded)).status_code
    for member in members:
        admitted = {
            "member": member,
            "organization": code,
            "decision": DECISION,
            "ceremony_on": "2024-11-20",
            "standing": "FULL",
        }
        assert 201 == (await ask("registry", "/members", method="POST", json=admitted)).status_code
    await ask.settled()


@BOTH_WAYS
async def test_a_cell_is_founded_and_a_member_admitted_and_the_pages_show_it(
    province, browser, ask, viewport, scripted
):
    code = "FORM-S" if scripted else "FORM-P"
    page, complaints = await signed_in(browser, province, viewport=viewport, java_script_enabled=scripted)
    await page.goto(province.url("reporting") + "/organizations/TAM-KY/record")
    await page.locator("details.offers summary").click()
    await page.get_by_role("link", name="Found an organization beneath").click()
    assert viewport["width"] == await page.evaluate("document.documentElement.scrollWidth")
    await fill(
        page, organization=code, name=f"Chi bộ {code}", kind="GRASSROOTS_CELL", founded_on="2024-05-19"
    )
    await record(page)

    assert "Recorded: Found an organization beneath." in await page.locator(".notice").inner_text()
    await page.get_by_role("link", name=f"Chi bộ {code}").first.click()
    await page.locator("details.offers summary").click()
    await page.get_by_role("link", name="Admit a member").click()
    await fill(page, member=f"M-{code}", decision__number="31-QĐ/TU", decision__date="2024-11-04")
    await fill(page, ceremony_on="2024-11-20", standing="PROBATIONARY", name="Võ Thị Lài")
    await record(page, twice=True)

    await page.wait_for_load_state("networkidle")
    assert f"/organizations/{code}/members" in page.url
    assert 1 == await page.locator("table.list tbody tr").count()
    assert "Võ Thị Lài" not in await page.content()
    assert viewport["width"] == await page.evaluate("document.documentElement.scrollWidth")
    assert [] == complaints


async def test_a_transfer_nobody_released_is_refused_with_its_rule_and_what_was_typed(province, browser, ask):
    await cell_of(ask, "FORM-A", "M-FORM-A")
    await cell_of(ask, "FORM-B")
    page, _ = await signed_in(browser, province, viewport=PHONE, java_script_enabled=False)
    await page.goto(
        province.url("reporting") + "/do/registry/members/M-FORM-A/transfer?organization=FORM-B&kind=OFFICIAL"
    )
    await fill(page, decision__number="45-QĐ/ĐU", decision__date="2025-01-09")
    async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        await record(page)

    assert 409 == (await answered.value).status
    why = await page.locator("[role=alert]").inner_text()
    assert "The member has not been released to this cell." in why
    assert "Rule:" in why
    assert "45-QĐ/ĐU" == await page.locator('[name="decision.number"]').input_value()


async def test_a_member_is_released_by_one_cell_and_accepted_by_the_other(province, browser, ask):
    await cell_of(ask, "FORM-C", "M-FORM-C")
    await cell_of(ask, "FORM-D")
    page, complaints = await signed_in(browser, province, "secretary", viewport=DESK)
    await page.goto(province.url("reporting") + "/members/M-FORM-C")
    await page.locator("details.offers summary").click()
    await page.get_by_role("link", name="Release to another cell").click()
    await fill(page, to="FORM-D", kind="OFFICIAL", released_on="2026-11-02")
    await fill(page, decision__number="44-GGT/ĐU", decision__date="2026-11-02")
    await record(page)
    assert "FORM-D" in await page.locator("main").inner_text()

    await page.goto(province.url("reporting") + "/organizations/FORM-D/transfers?side=arriving")
    await page.get_by_role("link", name="Accept", exact=True).click()
    await fill(page, decision__number="45-QĐ/ĐU", decision__date="2026-11-05", transferred_on="2026-11-05")
    await record(page)

    assert "M-FORM-C" in await page.locator("table.list").inner_text()
    assert [] == complaints


async def test_what_is_missing_is_told_at_its_field(province, browser, ask):
    await cell_of(ask, "FORM-E")
    page, _ = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + "/do/registry/organizations/FORM-E/renaming")
    await page.locator("form.filled").evaluate("form => (form.noValidate = true)")
    await fill(page, name="Chi bộ mới", decision__number="9-QĐ/ĐU")
    await record(page)

    wrong = page.locator('[name="decision.date"]')
    assert "true" == await wrong.get_attribute("aria-invalid")
    assert "Required" in await page.locator('[id="decision.date-wrong"]').inner_text()
    assert "Chi bộ mới" == await page.locator("[name=name]").input_value()


async def test_a_form_that_was_opened_before_a_change_is_not_recorded(province, browser, ask):
    await cell_of(ask, "FORM-F")
    page, _ = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + "/do/registry/organizations/FORM-F/renaming")
    await fill(page, name="Chi bộ sau", decision__number="9-QĐ/ĐU", decision__date="2025-01-02")
    first = {"name": "Chi bộ trước", "effective_on": "2025-01-01", "decision": DECISION}
    done = await ask("registry", "/organizations/FORM-F/renaming", method="POST", json=first)
    assert 201 == done.status_code
    await record(page)

    assert "It has changed since you opened this form." in await page.locator("[role=alert]").inner_text()
    await page.get_by_role("link", name="See how it is now").click()
    assert "Chi bộ trước" in await page.locator("main").inner_text()


async def test_a_split_grows_by_a_row_and_is_recorded(province, browser, ask):
    await cell_of(ask, "FORM-G", "M-FORM-G1", "M-FORM-G2")
    page, complaints = await signed_in(browser, province, viewport=PHONE, java_script_enabled=False)
    await page.goto(province.url("reporting") + "/do/registry/organizations/FORM-G/split")
    await fill(page, founding__0__organization="FORM-G1", founding__0__name="Chi bộ một")
    await page.locator("button[value=founding]").click()
    await fill(page, founding__1__organization="FORM-G2", founding__1__name="Chi bộ hai")
    await fill(page, transfers__0__member="M-FORM-G2", transfers__0__to="FORM-G2", effective_on="2025-07-01")
    await fill(page, decision__number="60-QĐ/ĐU", decision__date="2025-06-30")
    await record(page)

    assert "Recorded: Split." in await page.locator(".notice").inner_text()
    await page.goto(province.url("reporting") + "/organizations/FORM-G2/members")
    assert "M-FORM-G2" in await page.locator("table.list").inner_text()
    assert PHONE["width"] == await page.evaluate("document.documentElement.scrollWidth")
    assert [] == complaints


async def test_a_form_sent_from_another_site_records_nothing(province, browser, ask):
    await cell_of(ask, "FORM-H")
    page, _ = await signed_in(browser, province, viewport=DESK)
    answer = await page.request.post(
        province.url("reporting") + "/do/registry/organizations/FORM-H/renaming",
        form={"name": "Another"},
        headers={"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    )

    assert 403 == answer.status
    assert "Chi bộ FORM-H" == (await ask.json("registry", "/organizations/FORM-H"))["name"]


async def test_who_may_not_command_is_offered_nothing_and_refused(province, browser, ask):
    await cell_of(ask, "FORM-I")
    page, _ = await signed_in(browser, province, "auditor", viewport=DESK)
    await page.goto(province.url("reporting") + "/organizations/FORM-I/record")
    assert 0 == await page.locator("details.offers").count()
    await page.goto(province.url("reporting") + "/do/registry/organizations/FORM-I/renaming")
    await fill(page, name="Another", decision__number="9-QĐ/ĐU", decision__date="2025-01-02")
    await record(page)

    assert "You may not record this here." in await page.locator("[role=alert]").inner_text()


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
async def test_a_list_is_downloaded_with_the_names_that_are_shown_and_each_look_is_recorded(
    province, browser, ask, kind
):
    code = f"FORM-{kind}"
    await cell_of(ask, code, f"M-{code}-0")
    person = {"member": f"M-{code}", "organization": code, "decision": DECISION, "name": "Võ Thị Hạnh"}
    person |= {"ceremony_on": "2024-11-20", "standing": "FULL"}
    assert 201 == (await ask("registry", "/members", method="POST", json=person)).status_code
    await ask.settled()
    page, _ = await signed_in(browser, province, viewport=DESK)
    await page.goto(province.url("reporting") + f"/organizations/{code}/members?names=CONTACT")
    async with page.expect_download() as download:
        await page.get_by_role("link", name=kind, exact=True).click()
    saved = await AsyncPath(await (await download.value).path()).read_bytes()
    rows = list(openpyxl.load_workbook(BytesIO(saved)).active.values) if kind == "XLSX" else None
    told = rows or [tuple(line) for line in csv.reader(saved.decode("utf-8-sig").splitlines())]

    assert ("member", "name", "organization") == told[0][:3]
    assert (f"M-{code}", "Võ Thị Hạnh") == told[1][:2]
    looks = (await ask.json("registry", f"/members/M-{code}/person/accesses"))["accesses"]
    assert ["CONTACT", "CONTACT"] == [look["purpose"] for look in looks]


async def test_a_file_over_http_names_members_to_those_who_keep_files(province, ask):
    await cell_of(ask, "FORM-N")
    person = {"member": "M-FORM-N", "organization": "FORM-N", "decision": DECISION, "name": "Võ Thị Hạnh"}
    person |= {"ceremony_on": "2024-11-20", "standing": "FULL"}
    assert 201 == (await ask("registry", "/members", method="POST", json=person)).status_code
    await ask.settled()
    path = "/organizations/FORM-N/members?format=csv&names=SUPERVISION"

    assert "M-FORM-N,Võ Thị Hạnh,FORM-N" in (await ask("reporting", path, role="secretary")).text
    assert 403 == (await ask("reporting", path, role="auditor")).status_code


async def test_a_data_request_is_received_and_answered(province, browser, ask):
    await cell_of(ask, "FORM-R", "M-FORM-R")
    page, complaints = await signed_in(browser, province, viewport=PHONE, java_script_enabled=False)
    await page.goto(province.url("reporting") + "/do/registry/members/M-FORM-R/person/requests")
    await fill(page, request="DR-FORM-R", kind="ACCESS")
    await record(page)
    await page.goto(province.url("reporting") + "/organizations/FORM-R/data-requests")
    await page.get_by_role("link", name="Record the answer").click()
    await record(page)

    assert "DR-FORM-R" in await page.locator("table.list").inner_text()
    assert 0 == await page.get_by_role("link", name="Record the answer").count()
    assert PHONE["width"] == await page.evaluate("document.documentElement.scrollWidth")
    assert [] == complaints


async def test_a_self_assessment_is_asked_by_its_criteria_and_recorded(province, browser, ask):
    await cell_of(ask, "FORM-T", parent="QUANG-NINH")
    page, complaints = await signed_in(browser, province, "secretary", viewport=PHONE)
    await page.goto(
        province.url("reporting") + "/do/assessment/self-assessments?organization=FORM-T&period=2026-10"
    )
    assert "Regular meeting held once a month" in await page.locator("form.filled").inner_text()
    assert PHONE["width"] == await page.evaluate("document.documentElement.scrollWidth")
    for answer in await page.locator("select[name$=achieved]").all():
        await answer.select_option("true")
    await record(page)
    assert "A criterion is not answered." in await page.locator("[role=alert]").inner_text()

    for figure in await page.locator("input[name$=value]:not([type=hidden])").all():
        await figure.fill("100")
    await record(page)

    assert "Recorded: Submit the self-assessment." in await page.locator(".notice").inner_text()
    known = await ask.json("assessment", "/self-assessments/FORM-T/2026-10")
    assert "SUBMITTED" == known["state"]
    assert [] == [said for said in complaints if "409" not in said]
