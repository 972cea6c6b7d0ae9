"""From a superior's report to the secretary's inbox: what a class rests on, and who is told of it, once."""

import pytest

from contracts.classification import evidence_of
from contracts.message import Event
from tests.system.clerk import ROOT
from tests.system.district import District
from tests.telling import founded, issued, met, submitted

CELL, COMMITTEE = "LC-TRIAL-1", "LC-TRIAL"
REPORT = {
    "organization": CELL,
    "year": 2024,
    "decided_by": COMMITTEE,
    "common_score": "28",
    "results_score": "62",
    "tasks": {"assigned": 100, "done": 100, "late": 0, "above_requirement": 29},
    "disciplined": 0,
    "shortcomings": {"found": 2, "remedied": 2},
}
YEAR = [
    founded(COMMITTEE, under="LAI-CHAU", kind="SUPERIOR_COMMITTEE", on="2004-01-01"),
    founded(CELL, under=COMMITTEE, kind="GRASSROOTS_CELL", on="2004-01-01"),
    issued(COMMITTEE, effective_on="2024-10-01"),
    met(CELL, "2024-10-28"),
    submitted(CELL, "2024-10"),
    submitted(CELL, "2024-11"),
]
"""A cell that met in October, assessed itself for October and November, and says nothing of December."""


@pytest.fixture
async def trial(province, ask):
    """The cell's year, told by its province's system; telling it again changes nothing."""
    async with District(province.nats_url("LAI-CHAU"), "LAI-CHAU") as district:
        receipts = await district.tell(*(envelope(district, event) for event in YEAR))
    assert {"accepted", "duplicate"} >= {receipt["outcome"] for receipt in receipts}, receipts
    await ask.settled()


def envelope(district: District, event: Event) -> dict:
    data = event.model_dump(mode="json", exclude_none=True)
    return district.event(event.type, data, id=f"trial-{YEAR.index(event)}")


async def inbox(ask, recipient, rule):
    listed = await ask.json("notification", f"/inbox?organization={recipient}", role="secretary")
    return [
        (notice["organization"], notice["period"], notice["role"])
        for notice in listed
        if notice["rule"] == rule
    ]


async def test_a_decided_class_names_its_events_and_reaches_both_inboxes_once(ask, trial):
    receipt = await ask.json("classification", "/decisions", method="POST", json=REPORT)
    again = await ask("classification", "/decisions", method="POST", json=REPORT)
    decision = await ask.json("classification", f"/decisions/{CELL}/2024", role="auditor")
    await ask.settled()

    assert f"classification-{CELL}-2024" == receipt["subject"]
    assert (409, "AlreadyDecided") == (again.status_code, again.json()["title"])
    assert ("GOOD", "90", False) == (decision["level"], decision["score"], decision["four_good"])
    assert decision["reasons"][-1].endswith("missing 2024-12")
    assert 4 == len(decision["events"])
    assert evidence_of(decision["events"]) == decision["evidence"]
    assert [(CELL, "2024", "SECRETARY")] == await inbox(ask, CELL, "CELL_CLASSIFIED")
    assert [(CELL, "2024", "SUPERIOR")] == await inbox(ask, COMMITTEE, "CELL_CLASSIFIED")


async def test_the_political_school_is_excellent_as_its_superior_decided_and_may_not_decide_itself(ask):
    school = "BT-TRUONG-CHINH-TRI"
    itself = REPORT | {"organization": school, "decided_by": school, "year": 2023}

    decision = await ask.json("classification", f"/decisions/{school}/2024", role="auditor")
    refused = await ask("classification", "/decisions", method="POST", json=itself)

    assert ("EXCELLENT", "BT-CO-QUAN") == (decision["level"], decision["decided_by"])
    assert (409, "NotSuperior") == (refused.status_code, refused.json()["title"])


@pytest.mark.parametrize(
    ("code", "results", "tasks", "late", "above", "level"),
    [
        ("RATED-A", "61.99", 100, 0, 30, "GOOD"),
        ("RATED-B", "62", 100, 0, 29, "GOOD"),
        ("RATED-C", "62", 100, 0, 30, "EXCELLENT"),
        ("RATED-D", "62", 100, 20, 30, "COMPLETED"),
        ("RATED-E", "62", 1000, 201, 300, "NOT_COMPLETED"),
        ("RATED-F", "21.99", 10, 0, 3, "NOT_COMPLETED"),
    ],
)
async def test_a_score_and_the_tasks_behind_it_give_the_level(
    clerk, code, results, tasks, late, above, level
):
    counted = {"assigned": tasks, "done": tasks, "late": late, "above_requirement": above}
    report = REPORT | {"organization": await clerk.found(code), "decided_by": ROOT}
    await clerk.tell("classification", "/decisions", report | {"results_score": results, "tasks": counted})

    assert level == (await clerk.read("classification", f"/decisions/{code}/2024"))["level"]


@pytest.mark.parametrize("view", ["tree", "calls", "inboxes"])
async def test_a_rebuild_of_what_notification_reads_tells_nobody_anything(ask, trial, view):
    before = await ask.json("notification", "/status", role="operator")
    await ask.json("notification", f"/views/{view}/rebuild", method="POST", role="operator")
    await ask.until("notification", f"/views/{view}/rebuild", lambda rebuild: rebuild["state"] == "DONE")

    assert before["head"] == (await ask.json("notification", "/status", role="operator"))["head"]


async def test_the_policy_itself_is_never_rebuilt(ask, trial):
    answer = await ask("notification", "/views/on_classified/rebuild", method="POST", role="operator")

    assert (409, "NeverRebuilt") == (answer.status_code, answer.json()["title"])
