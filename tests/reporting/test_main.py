"""Reporting put together: its routes, its pages, and which of the two answers an address."""

import json

import httpx
import pytest

from services.reporting.main import ReportingSettings, create
from tests.reporting.test_api import PUBLIC


@pytest.fixture
async def composed(tmp_path):
    """Reporting as composed, before any server is there."""
    tokens = tmp_path / "tokens.json"
    tokens.write_text(json.dumps({"auditor": "a-token"}))
    settings = ReportingSettings(
        database_url="postgresql://nowhere/none",
        nats_url="nats://nowhere",
        auth_public_key=PUBLIC,
        sign_in_tokens=tokens,
    )
    return create(settings)


@pytest.fixture
async def browser(composed):
    transport = httpx.ASGITransport(composed.api)
    async with httpx.AsyncClient(transport=transport, base_url="http://it") as client:
        yield client


async def test_every_view_but_the_ledger_is_rebuilt_from_the_ledger(composed):
    feeds = {name: type(feed).__name__ for name, (_, feed) in composed.rebuilder.feeds.items()}

    assert {
        "ledger": "StreamFeed",
        "tree": "LedgerFeed",
        "headcount": "LedgerFeed",
        "completeness": "LedgerFeed",
        "classes": "LedgerFeed",
        "structure": "LedgerFeed",
        "roster": "LedgerFeed",
        "officials": "LedgerFeed",
        "obligations": "LedgerFeed",
    } == feeds


async def test_what_no_route_takes_is_a_page(browser):
    assert 303 == (await browser.get("/")).status_code
    assert "text/html; charset=utf-8" == (await browser.get("/nowhere")).headers["content-type"]


async def test_routes_are_not_hidden_by_the_pages_even_if_added_later(composed, browser):
    composed.api.add_api_route("/reporting/v1/later", lambda: {"answered": True})

    assert {"answered": True} == (await browser.get("/reporting/v1/later")).json()
    assert {"status": "alive"} == (await browser.get("/livez")).json()
    assert 401 == (await browser.get("/reporting/v1/organizations")).status_code


async def test_an_unknown_address_beneath_the_service_is_a_problem_document(browser):
    answer = await browser.get("/reporting/v1/nothing")

    assert (404, "application/problem+json") == (answer.status_code, answer.headers["content-type"])


async def test_the_sample_roles_are_offered_only_where_tokens_were_given(browser):
    assert "auditor" in (await browser.get("/sign-in")).text
    assert {} == ReportingSettings(database_url="x", nats_url="x", auth_public_key="x").tokens()
