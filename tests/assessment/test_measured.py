"""Self-assessments whose figures come from the meetings that were recorded, over HTTP and from districts."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.assessment import SelfAssessmentSubmitted
from services.assessment.domain.criteria import DiffersFromRecorded
from services.assessment.publication import publish
from services.assessment.reactions import handlers
from tests.assessment.bodies import CORRECTION, FRAMEWORK, ISSUE, MEETING, NOVEMBER
from tests.edges import bearer
from tests.telling import Telling

pytestmark = pytest.mark.anyio

OFFICER = bearer("officer", "THAN-UYEN")
SECRETARY = bearer("secretary", "TU-FINANCE")
DRAFT = "/self-assessments/TU-FINANCE/2024-11/draft"
CORRECTIONS = "/self-assessments/TU-FINANCE/2024-11/corrections"

[GOOD] = ISSUE["goods"]
[ATTENDANCE] = GOOD["criteria"]
RECORDED = {
    "criterion": "resolution_recorded",
    "name_vi": "Có nghị quyết",
    "name_en": "Resolution recorded",
    "kind": "ACHIEVED",
    "period": "MONTH",
    "source": "12-HD/BTCTW, 2018-07-06",
    "legal_tag": "LOCAL_POLICY",
}
MEASURING = ISSUE | {
    "goods": [GOOD | {"criteria": [ATTENDANCE | {"measured_by": "ATTENDANCE_PCT"}, RECORDED]}]
}
BY_HAND = {"criterion": "resolution_recorded", "achieved": True}
SUBMITTING = NOVEMBER | {"results": [BY_HAND]}


Reads = Callable[[], Awaitable[None]]


@pytest.fixture
def read(store, views) -> Reads:
    tell = Telling()
    known = 0

    async def read() -> None:
        nonlocal known
        facts = await store.read(known, 100)
        known += len(facts)
        told = tell.all(*[event for one in facts if (event := publish(one.fact))])
        for view in vars(views).values():
            await view.apply(told)

    return read


@pytest.fixture
async def issued(api, read):
    assert 201 == (await api.post("/frameworks", json=MEASURING, headers=OFFICER)).status_code
    await read()


@pytest.fixture
async def held(api, issued, read):
    assert 201 == (await api.post("/meetings", json=MEETING, headers=SECRETARY)).status_code
    await read()


async def submitted(api, body: dict[str, Any], to: str = "/self-assessments") -> tuple[int, str]:
    response = await api.post(to, json=body, headers=SECRETARY)
    return response.status_code, response.json().get("title", "")


async def result(api) -> dict[str, Any]:
    shown = await api.get("/self-assessments/TU-FINANCE/2024-11", headers=SECRETARY)
    return shown.json()["stands"]


async def test_a_draft_shows_each_value_and_from_which_meetings(api, held):
    draft = (await api.get(DRAFT, headers=SECRETARY)).json()

    assert FRAMEWORK == draft["framework"]
    attendance, recorded = draft["results"]
    assert ("90.00", True, ["TU-FINANCE-2024-11"]) == (
        attendance["value"],
        attendance["achieved"],
        attendance["measured_from"],
    )
    assert (None, None, None) == (recorded["measured_by"], recorded["value"], recorded["achieved"])


async def test_a_draft_without_meetings_says_that_there_is_nothing_to_measure(api, issued):
    attendance, _ = (await api.get(DRAFT, headers=SECRETARY)).json()["results"]

    assert ("ATTENDANCE_PCT", None, []) == (
        attendance["measured_by"],
        attendance["value"],
        attendance["measured_from"],
    )


async def test_a_cell_of_which_nothing_is_asked_has_no_draft(api, issued):
    response = await api.get(DRAFT.replace("2024-11", "2024-05"), headers=SECRETARY)

    assert (404, "NotFound") == (response.status_code, response.json()["title"])


async def test_a_neighbour_does_not_see_the_draft(api, held):
    assert 403 == (await api.get(DRAFT, headers=bearer("secretary", "TU-SCHOOL"))).status_code


async def test_what_a_cell_leaves_out_is_filled_in(api, held):
    assert (201, "") == await submitted(api, SUBMITTING)

    stands = await result(api)
    assert {
        "criterion": "attendance_pct",
        "achieved": True,
        "value": "90.00",
        "note": None,
        "measured_from": ["TU-FINANCE-2024-11"],
    } == stands["results"][0]
    assert stands["four_good"]


async def test_a_month_without_meetings_can_be_submitted_and_is_not_four_good(api, issued):
    assert (201, "") == await submitted(api, SUBMITTING)

    stands = await result(api)
    assert (None, False) == (stands["goods"][0]["achieved"], stands["four_good"])


async def test_a_figure_that_differs_from_the_minutes_is_a_conflict(api, held):
    stated = SUBMITTING | {"results": [BY_HAND, {"criterion": "attendance_pct", "value": "95"}]}

    assert (409, "DiffersFromRecorded") == await submitted(api, stated)


async def test_a_correction_is_filled_by_what_is_recorded_then(api, held, read):
    await submitted(api, SUBMITTING)
    second = MEETING | {"meeting": "TU-FINANCE-2024-11-B", "present": 16, "excused": 4, "kind": "THEMATIC"}
    await api.post("/meetings", json=second, headers=SECRETARY)
    await read()

    assert (201, "") == await submitted(api, CORRECTION | {"results": [BY_HAND]}, CORRECTIONS)

    attendance = (await result(api))["results"][0]
    assert ("85.00", False, 2) == (
        attendance["value"],
        attendance["achieved"],
        len(attendance["measured_from"]),
    )


async def test_a_meeting_that_the_view_has_yet_to_read_is_waited_for(assessment, api, held, monkeypatch):
    """The view follows the service's own stream: what was recorded before counts all the same."""
    asked = []
    view = assessment.self_assessments.meetings
    monkeypatch.setattr(view, "followed", frozenset({"assessment"}))

    async def reached(source: str, position: int) -> None:
        asked.append((source, position))

    monkeypatch.setattr(view, "reached", reached)

    await submitted(api, SUBMITTING)
    await submitted(api, CORRECTION | {"results": [BY_HAND]}, CORRECTIONS)

    assert [("assessment", 2)] * 2 == asked  # for the meeting, not for what was submitted after it


async def test_a_district_whose_minutes_are_on_their_way_waits_and_is_then_as_measured(
    assessment, api, issued, read, asked
):
    hears = handlers(assessment)["SelfAssessmentSubmitted"]
    attendance = {"criterion": "attendance_pct", "value": "90.00", "measured_from": ["ANOTHER"]}
    event = SelfAssessmentSubmitted.model_validate(NOVEMBER | {"results": [BY_HAND, attendance]})

    with pytest.raises(DiffersFromRecorded):
        await hears(event, asked)
    await api.post("/meetings", json=MEETING, headers=SECRETARY)
    await read()
    await hears(event, asked)

    assert ["TU-FINANCE-2024-11"] == (await result(api))["results"][0]["measured_from"]
