"""`known_at` over HTTP: every query that can be asked of the past takes it, or says that it has to wait."""

import csv

import pytest
from psycopg import OperationalError

from services.reporting import known as module
from tests.reporting.test_api import api, asked, client_of, refused, views

__all__ = ["api", "views"]

NINE = "2024-01-01T00:00:09Z"
"""By then four events of the registry were recorded, two seconds apart: of three organizations, a target."""

ALL = "2024-12-31T00:00:00Z"

NOT_OF_A_DAY = {"/organizations", "/cells/{code}/timeline", "/ledger"}
"""Where the caller's part begins today, and what was published, each with the time it was recorded."""


def queries(api):
    """Return the parameters of each query, by its path beneath /reporting/v1."""
    paths = api._transport.app.openapi()["paths"]
    return {
        path.removeprefix("/reporting/v1"): {one["name"] for one in methods["get"].get("parameters", ())}
        for path, methods in paths.items()
        if path.startswith("/reporting/v1")
    }


async def test_every_query_that_can_be_asked_of_the_past_takes_what_was_known(views, ledger):
    async with client_of(views, ledger) as client:
        without = {path for path, parameters in queries(client).items() if "known_at" not in parameters}

    assert without == NOT_OF_A_DAY


FIGURES = {
    "structure": {},
    "headcount": {},
    "sizes": {},
    "admissions": {"year": "2024"},
    "completeness": {"from": "2024-01", "to": "2024-12"},
    "missing": {"month": "2024-10"},
    "classes": {"year": "2024"},
    "tree": {},
    "organizations": {},
    "members": {},
    "officials": {},
    "transfers": {},
    "targets": {},
}


async def test_what_is_known_by_the_end_of_the_year_is_what_is_answered_then(api):
    async def figures(**more):
        paths = {figure: f"/organizations/D-1/{figure}" for figure in FIGURES}
        return {figure: await asked(api, paths[figure], **query, **more) for figure, query in FIGURES.items()}

    assert await figures() == await figures(known_at=ALL)


async def test_figures_are_those_of_what_had_been_recorded(api):
    async def known(figure, **query):
        return await asked(api, f"/organizations/D-1/{figure}", **query, known_at=NINE)

    assert {"GRASSROOTS_CELL": 2} == (await known("structure"))["kinds"]
    assert 0 == (await known("headcount"))["total"]
    admissions = await known("admissions", year="2024")
    assert (0, 2) == (admissions["admitted"], admissions["target"])
    assert [] == (await known("missing", month="2024-10"))["cells"]
    assert None is (await known("classes", year="2024"))["goal"]
    assert ["ADMISSIONS"] == [one["measure"] for one in (await known("targets"))["items"]]
    assert [] == (await known("members"))["items"]


async def test_a_file_holds_what_was_known(api):
    query = {"format": "csv", "known_at": NINE}
    file = await api.get("/organizations/D-1/targets", params=query)

    assert ["ADMISSIONS"] == [row["measure"] for row in csv.DictReader(file.text.splitlines())]


async def test_the_pages_of_a_list_are_of_one_instant(api):
    first = await asked(api, "/organizations/D-1/organizations", limit=1, known_at=ALL)
    query = {"limit": 1, "cursor": first["next"]}
    second = await asked(api, "/organizations/D-1/organizations", **query, known_at=ALL)

    assert ["C-1", "C-2"] == [page["items"][0]["code"] for page in (first, second)]
    for other in ({}, {"known_at": NINE}):
        assert (422, "Unprocessable") == await refused(
            api, "/organizations/D-1/organizations", **query, **other
        )


@pytest.mark.parametrize("figure", ["headcount", "members"])
async def test_an_instant_that_has_not_come_is_refused(api, figure):
    future = {"known_at": "2025-01-01T00:00:00Z"}

    assert (422, "Unprocessable") == await refused(api, f"/organizations/D-1/{figure}", **future)


async def test_whoever_cannot_be_answered_yet_is_told_how_far_it_is(api, monkeypatch):
    monkeypatch.setattr(module, "FILLED_WITHIN_S", 0.0)
    response = await api.get("/organizations/D-1/headcount", params={"known_at": NINE})

    assert (503, "1") == (response.status_code, response.headers["Retry-After"])
    assert response.json()["detail"].startswith("what was known at 2024-01-01T00:00:09+00:00 ")


async def test_a_fill_that_the_database_cuts_off_is_answered_like_any_query_then(api, monkeypatch):
    async def away(self):
        raise OperationalError("gone")

    monkeypatch.setattr(module.Filled, "_end", away)

    assert (503, "Unavailable") == await refused(api, "/organizations/D-1/headcount", known_at=NINE)
