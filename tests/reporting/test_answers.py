"""What the pages ask is answered from the views, the ledger and the replay."""

from datetime import UTC, date, datetime

import pytest

from services.chassis.clock import utc_now
from services.chassis.parked import ParkingLot
from services.reporting.console.answers import Answers
from services.reporting.console.queries import Listing, ViewProgress
from services.reporting.known import Known
from services.reporting.replay import Replay
from services.reporting.views import Count, Views
from tests.reporting.story import (
    admitted,
    assessed,
    classified,
    founded,
    framework,
    held,
    selected,
    told,
)

LAST = date(2024, 12, 31)
STORY = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("D-1", "DISTRICT_COMMITTEE", "P-1"),
    founded("D-2", "DISTRICT_COMMITTEE", "P-1"),
    founded("C-1", "GRASSROOTS_CELL", "D-1"),
    founded("C-2", "GRASSROOTS_CELL", "D-1"),
    founded("C-3", "GRASSROOTS_CELL", "D-2"),
    admitted("M-1", "C-3", date(2022, 3, 1)),
    framework("P-1", date(2024, 11, 1)),
    selected("C-1", "MODEL", date(2024, 6, 28)),
    held("MT-1", "C-1", datetime(2024, 11, 28, 12, tzinfo=UTC)),
    assessed("C-1", "2024-11", date(2024, 12, 1)),
    classified("C-1", "2025", "GOOD", LAST),
)


@pytest.fixture
async def answers(
    tree, headcount, completeness, classes, structure, roster, officials, obligations, ledger, pool
):
    views = Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)
    deliveries = told(*STORY)
    await ledger.apply(deliveries)
    for view in views.all:
        await view.apply(deliveries)

    async def standing():
        view = {"name": "tree", "version": 1, "positions": {"registry": 14}, "lag": 0, "rebuilding": False}
        return {"views": [view]}

    return Answers(Known(views, ledger, utc_now), Replay(ledger, tree, headcount), ParkingLot(pool), standing)


async def codes(answers, listing, code="P-1"):
    children = await answers.children(code, 2024, LAST, listing)
    return [child.node.code for child in children.rows]


async def test_the_way_down_to_an_organization_begins_at_the_root(answers):
    assert ["P-1", "D-1", "C-1"] == [node.code for node in await answers.ancestors(await answers.find("C-1"))]


async def test_years_are_those_of_admissions_self_assessments_and_classes(answers):
    assert [2022, 2024, 2025] == await answers.years("P-1")


async def test_a_child_comes_with_the_figures_of_its_subtree(answers):
    first = (await answers.children("P-1", 2024, LAST, Listing())).rows[0]

    assert ("D-1", 2, 0, 12) == (first.node.code, first.beneath, first.members, len(first.months))
    assert (2, 1, 1) == (first.months[10].due, first.months[10].submitted, first.months[10].on_time)


async def test_children_are_found_by_code_or_name_whatever_the_case(answers):
    assert ["D-2"] == await codes(answers, Listing(matching="d-2"))
    assert ["D-1", "D-2"] == await codes(answers, Listing(matching="CHI BỘ"))


@pytest.mark.parametrize(
    ("order", "first"), [("code", "D-1"), ("name", "D-1"), ("members", "D-2"), ("beneath", "D-2")]
)
async def test_children_are_listed_in_the_order_asked_for(answers, order, first):
    assert first == (await codes(answers, Listing(order=order)))[-1 if order == "members" else 0]


async def test_children_are_listed_by_share_submitted_in_pages(answers):
    assert ["D-1"] == await codes(answers, Listing(order="submitted", descending=True, limit=1))
    assert ["D-2"] == await codes(answers, Listing(order="submitted", descending=True, limit=1, offset=1))
    assert 2 == (await answers.children("P-1", 2024, LAST, Listing(limit=1))).total


async def test_a_state_is_the_one_the_replay_folds(answers):
    state = await answers.state("C-1", LAST)

    assert ("Chi bộ C-1", Count(0, 0), "MODEL", "05-HD/BTCTU") == (
        state.name,
        state.members,
        state.model,
        state.framework.number,
    )
    assert ["MT-1"] == [meeting.code for meeting in state.meetings]
    assert ["2024-11"] == [assessment.period for assessment in state.assessments]
    assert ["2025"] == [decided.year for decided in state.classes]


async def test_a_timeline_carries_every_message_whole(answers):
    timeline = await answers.timeline("C-1")

    assert ["OrganizationFounded", "ModelCellSelected", "MeetingHeld", "SelfAssessmentSubmitted"] == [
        entry.name for entry in timeline[:4]
    ]
    assert timeline[2].data == timeline[2].message.plain["data"]
    assert "THAN-UYEN" == timeline[2].message.actor


async def test_the_operator_sees_ledger_views_and_what_is_parked(answers):
    sources = await answers.sources()

    assert [("assessment", 8, 4), ("classification", 2, 1), ("registry", 14, 7)] == [
        (source.name, source.position, source.events) for source in sources
    ]
    assert [ViewProgress("tree", 1, {"registry": 14}, 0)] == await answers.views()
    assert [] == await answers.parked()


async def test_figures_of_a_subtree_are_those_of_the_views(answers):
    assert Count(1, 0) == await answers.headcount("P-1", LAST)
    assert [(date(2022, 3, 1), 1)] == await answers.growth("P-1", date(2022, 1, 1), LAST)
    assert (1, None) == _figures(await answers.admissions("P-1", 2022))
    assert 12 == len(await answers.months("P-1", 2024))
    assert 1 == (await answers.distribution("P-1", 2025)).levels["GOOD"]
    assert {"MODEL": 1} == await answers.models("P-1", LAST)
    assert 3 == (await answers.kinds("P-1"))["GRASSROOTS_CELL"]


def _figures(admissions):
    return admissions.admitted, admissions.target
