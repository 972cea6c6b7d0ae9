"""What a cell owes opens, ends and is told everywhere by itself: nobody asks for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts.days import day_of
from tests.patience import PATIENCE_S
from tests.system.conftest import Ask, new_province

NOW = datetime.now(UTC)
MONTH = f"{day_of(NOW):%Y-%m}"
MEETING = {
    "meeting": "C-1-NOW",
    "organization": "C-1",
    "kind": "REGULAR",
    "held_at": (NOW - timedelta(minutes=1)).isoformat(),
    "duration_min": 95,
    "topic": "the month",
    "summoned": {"full": 3, "probationary": 0},
    "present": 3,
    "excused": 0,
    "unexcused": 0,
    "discusses_solutions": True,
}


@pytest.fixture
async def watched(tmp_path_factory) -> AsyncIterator[Ask]:
    """Return access to an empty province whose clock looks at the present month."""
    settings = {"assessment": {"OBLIGATIONS_FROM": MONTH}}
    with new_province(tmp_path_factory, settings=settings) as province:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            yield Ask(province, client)


def outcomes(shown):
    return {one["duty"]: one["outcome"] for one in shown["obligations"]}


async def test_the_clock_opens_a_month_and_ends_what_is_done(watched):
    for code, kind, parent in [("P-1", "PROVINCIAL_COMMITTEE", None), ("C-1", "GRASSROOTS_CELL", "P-1")]:
        founding = {"organization": code, "name": code, "kind": kind, "parent": parent}
        founding["founded_on"] = "2001-01-01"
        await watched.json("registry", "/organizations", method="POST", json=founding)
    await watched.settled()
    month = f"/obligations?organization=C-1&period={MONTH}"

    async def shows(met):
        await watched.until("assessment", month, met, role="auditor")

    await shows(lambda shown: outcomes(shown).get("MEETING", "") is None)

    await watched.json("assessment", "/meetings", method="POST", json=MEETING)
    await shows(lambda shown: outcomes(shown)["MEETING"] == "MET")
    await watched.settled()
    beneath = await watched.json("assessment", f"/obligations?organization=P-1&period={MONTH}")
    told = await watched.json("reporting", "/cells/C-1/timeline")

    assert {"MET": 1} == beneath["items"][0]["owed"]["MEETING"]
    assert {"ObligationsOpened", "ObligationEnded"} <= {one["type"].split(".")[1] for one in told["entries"]}
