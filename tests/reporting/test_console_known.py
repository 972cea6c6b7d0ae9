"""Pages of what was known on a day: what they leave out, and what they carry along."""

import re
from datetime import UTC, date, datetime

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.edge.auth import Caller
from services.chassis.edge.rights import Rights
from services.chassis.parked import ParkingLot
from services.reporting import known as module
from services.reporting.console import SignIn, pages, routes
from services.reporting.console.answers import Answers
from services.reporting.console.asking import asked, known_day
from services.reporting.console.knowing import Knowing, Unrecorded, known
from services.reporting.console.lists import listed
from services.reporting.console.record import record
from services.reporting.console.records import OF_RECORD
from services.reporting.console.services import Services
from services.reporting.console.texts import load
from services.reporting.known import Known
from services.reporting.lists.export import Workbooks
from services.reporting.replay import Replay
from services.reporting.views import Views
from tests.reporting.story import Publisher, admitted, founded
from tests.telling import delivered

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
TODAY = NOW.date()
HELD = date(2024, 11, 20)
LATE = datetime(2026, 11, 1, 9, tzinfo=UTC)
"""When somebody told of the admission of 20 November 2024, and of the cell C-2."""

BEFORE, AFTER = Knowing(TODAY, date(2026, 10, 31)), Knowing(TODAY, date(2026, 11, 1))


@pytest.fixture
async def answers(
    tree, headcount, completeness, classes, structure, roster, officials, obligations, ledger, pool
):
    views = Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)
    tell = Publisher()
    deliveries = [
        *tell.tell(founded("P-1", "PROVINCIAL_COMMITTEE"), founded("C-1", parent="P-1")),
        delivered(tell.message(founded("C-2", parent="P-1"), LATE)),
        delivered(tell.message(admitted("M-1", "C-1", HELD), LATE)),
    ]
    for view in (ledger, *views.all):
        await view.apply(deliveries)
    return Answers(Known(views, ledger, lambda: NOW), Replay(ledger, tree, headcount), ParkingLot(pool), dict)


@pytest.fixture
def shown(answers):
    """Return a function: the page that `show` makes of an organization, of what was known."""

    async def page(show, code, known_by, *names, **more):
        async with known(answers, await answers.find(code), known_by, *names) as (then, node):
            return await show(then, node, **more)

    return page


async def counted(shown, code, knowing):
    more = {"asked": pages.Asked(on=HELD), "today": knowing.last, "texts": load("en")}
    page = await shown(record, code, knowing, *OF_RECORD, **more)
    return page["members"].total


@pytest.mark.parametrize("code", ["C-1", "P-1"])
async def test_who_was_admitted_late_is_counted_from_when_it_was_told(shown, code):
    assert [0, 1, 1] == [await counted(shown, code, one) for one in (BEFORE, AFTER, Knowing(TODAY))]


async def test_the_state_and_the_timeline_of_a_cell_say_only_what_was_known(shown):
    async def cell(knowing):
        more = {"asked": pages.Asked(on=HELD), "today": knowing.last, "texts": load("en")}
        page = await shown(pages.cell, "C-1", knowing, **more)
        return page["state"].members.total, [entry.name for entry in page["entries"]]

    assert (0, ["OrganizationFounded"]) == await cell(BEFORE)
    assert (1, ["MemberAdmitted", "OrganizationFounded"]) == await cell(AFTER)


async def test_a_list_has_only_rows_that_were_known_and_is_of_no_later_day(shown):
    async def members(knowing, **address):
        page = await shown(listed, "P-1", knowing, which="members", address=address, knowing=knowing)
        return page["on"], [row.member for row in page["rows"]]

    assert (BEFORE.on, []) == await members(BEFORE)
    assert (AFTER.on, ["M-1"]) == await members(AFTER, as_of=str(TODAY))
    assert (HELD, ["M-1"]) == await members(AFTER, as_of=str(HELD))


async def test_of_an_organization_nobody_had_told_of_the_page_says_so(answers):
    with pytest.raises(Unrecorded):
        async with known(answers, await answers.find("C-2"), BEFORE):
            pass


def test_a_day_is_known_until_its_end_in_the_province():
    assert datetime(2026, 10, 31, 16, 59, 59, 999_999, UTC) == BEFORE.at
    assert "?known_on=2026-10-31" == BEFORE.address()


@pytest.mark.parametrize("wished", [None, TODAY, date(2027, 1, 1)])
def test_a_day_that_is_not_over_asks_for_all_that_is_known(wished):
    knowing = Knowing.of(wished, TODAY)

    assert (None, None, TODAY, "") == (knowing.on, knowing.at, knowing.last, knowing.address())


async def test_a_slider_counts_from_the_day_it_was_shown_with():
    """What was known then may begin later than the page on which the slider was drawn."""
    wish = await asked(on="2024-11-20", day=324, shown="2024-11-20", first="2024-01-01")

    assert HELD == pages.day_moved_to(wish.slid, wish.shown, wish.on, wish.slid_from)
    assert None is await known_day("")


@pytest.fixture
async def browse(answers, tree, officials):
    """Return a client of the console, signed in as an officer."""

    def clock():
        return NOW

    app = FastAPI()
    sign_in = SignIn(lambda _: Caller("reader", frozenset({"officer"}), "*"))
    rights = Rights(tree, officials, clock)
    app.include_router(routes(answers, sign_in, rights, Workbooks(), Services({"registry": ""}), clock))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://console", headers={"Accept-Language": "en"}
    ) as client:
        yield client


@pytest.mark.parametrize("place", ["?", "/record?", "/state?", "/members?", "/members?format=csv&"])
async def test_until_everything_is_read_a_page_says_how_far_it_is_and_looks_again(browse, monkeypatch, place):
    monkeypatch.setattr(module, "FILLED_WITHIN_S", 0.0)
    answer = await browse.get(f"/organizations/C-1{place}known_on=2026-10-31")

    assert (503, "1") == (answer.status_code, answer.headers["Retry-After"])
    assert "Reading what was known on 31 Oct 2026" in answer.text
    assert '<meta http-equiv="refresh" content="1">' in answer.text


async def test_a_page_carries_along_of_when_it_knows(browse):
    page = (await browse.get("/organizations/P-1/record?known_on=2026-10-31&on=2025-06-01")).text

    assert "This shows what was known at the end of 31 Oct 2026" in page
    links = {link for link in re.findall(r'href="(/organizations/[^"]+)"', page) if "lang=" not in link}
    assert "/organizations/P-1/members?known_on=2026-10-31" in links
    assert "/organizations/C-1/record?on=2025-06-01&amp;known_on=2026-10-31" in links


async def test_of_what_nobody_knew_a_page_says_that_nothing_was_recorded(browse):
    answer = await browse.get("/organizations/C-2?known_on=2026-10-31")

    assert 404 == answer.status_code
    assert "By the end of 31 Oct 2026 nothing had been recorded" in answer.text
