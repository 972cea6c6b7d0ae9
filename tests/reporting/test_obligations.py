"""What cells owed and what became of it: the last that was told counts, and lists say what is missing."""

from datetime import date

import pytest

from contracts.assessment_duties import ObligationEnded, ObligationExcused, ObligationsOpened
from services.reporting.known import Known
from services.reporting.ledger import Ledger
from services.reporting.lists.obligations import ObligationsAsked
from services.reporting.lists.page import page_of
from services.reporting.views import Duties, Roster, Views
from tests.logs import prepared
from tests.reporting.conftest import TODAY
from tests.reporting.story import Publisher, admitted, founded, told
from tests.telling import restricted

pytestmark = pytest.mark.anyio

TREE = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("C-1", "GRASSROOTS_CELL", "P-1"),
    founded("C-2", "GRASSROOTS_CELL", "P-1"),
)
NOVEMBER = "2024-11"
RULES = {"name": "obligations", "version": "1"}
DUE = {"MEETING": date(2024, 11, 30), "SELF_ASSESSMENT": date(2024, 12, 5), "VISIT": date(2024, 12, 31)}
TODAY_ON = date(2024, 12, 4)


def owed(duty, subject=NOVEMBER, by="C-1"):
    return {"duty": duty, "subject": subject, "owed_by": by, "due_on": DUE[duty]}


def opened(cell, *duties):
    return ObligationsOpened(
        organization=cell,
        period=NOVEMBER,
        opened_on=date(2024, 11, 1),
        rules=RULES,
        obligations=[one | {"opens_on": date(2024, 11, 1)} for one in duties],
    )


def ended(cell, duty, outcome, done_on=None, because=None, **more):
    return ObligationEnded(
        organization=cell,
        period=NOVEMBER,
        judged_on=date(2024, 12, 3),
        outcome=outcome,
        done_on=done_on,
        because=because,
        rules=RULES,
        **owed(duty, **more),
    )


def excused(cell, duty):
    return ObligationExcused(
        organization=cell,
        period=NOVEMBER,
        duty=duty,
        subject=NOVEMBER,
        excused_by="P-1",
        decision={"number": "9-QĐ/TU", "date": date(2024, 12, 2)},
        reason="A storm",
    )


BOTH = owed("MEETING"), owed("SELF_ASSESSMENT")


@pytest.fixture
async def duties(pool):
    await prepared(Roster(pool))
    return await prepared(Duties(pool))


async def states(duties, cell="C-1", day=TODAY_ON):
    return {one.duty: one.state for one in await duties.of([cell], NOVEMBER, day)}


async def test_what_is_open_is_overdue_after_its_day(duties):
    await duties.apply(told(*TREE, opened("C-1", *BOTH)))

    assert {"MEETING": "OVERDUE", "SELF_ASSESSMENT": "OPEN"} == await states(duties)
    assert {"MEETING": "OPEN", "SELF_ASSESSMENT": "OPEN"} == await states(duties, day=date(2024, 11, 30))


async def test_the_last_that_is_told_counts_in_one_batch_or_in_many(duties):
    events = [
        opened("C-1", *BOTH),
        ended("C-1", "MEETING", "MISSED"),
        ended("C-1", "MEETING", "MET", date(2024, 11, 29)),
    ]
    publisher = Publisher()
    for event in (*TREE, *events):
        await duties.apply(publisher.tell(event))

    assert {"MEETING": "MET", "SELF_ASSESSMENT": "OPEN"} == await states(duties)
    meeting = next(one for one in await duties.of(["C-1"], NOVEMBER, TODAY_ON) if one.duty == "MEETING")
    assert (date(2024, 11, 1), date(2024, 11, 29)) == (meeting.opens_on, meeting.done_on)


async def test_what_is_opened_again_is_open_again(duties):
    again = opened("C-1", owed("MEETING") | {"due_on": date(2024, 12, 15)})
    await duties.apply(told(*TREE, opened("C-1", *BOTH), ended("C-1", "MEETING", "MISSED"), again))

    assert {"MEETING": "OPEN", "SELF_ASSESSMENT": "OPEN"} == await states(duties)


async def test_a_decision_is_shown_beside_what_it_excuses(duties):
    gone = ended("C-1", "MEETING", "EXCUSED", because="DECISION")
    await duties.apply(told(*TREE, opened("C-1", *BOTH), excused("C-1", "MEETING"), gone))

    [meeting, _] = await duties.of(["C-1"], NOVEMBER, TODAY_ON)
    assert ("EXCUSED", "P-1", "9-QĐ/TU", "A storm") == (
        meeting.state,
        meeting.excused_by,
        meeting.decision,
        meeting.reason,
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0)])
async def test_cells_and_what_they_owe_may_be_told_in_any_order(duties, order):
    publisher = Publisher()
    parts = [
        publisher.tell(*TREE),
        publisher.tell(opened("C-1", *BOTH), ended("C-1", "MEETING", "MISSED")),
        publisher.tell(opened("C-2", *BOTH)),
    ]
    for number in order:
        await duties.apply(parts[number])

    assert {
        "MEETING": {"MISSED": 1, "OVERDUE": 1},
        "SELF_ASSESSMENT": {"OPEN": 2},
    } == await duties.totals("P-1", NOVEMBER, TODAY_ON, TODAY_ON)


async def test_a_committee_sees_cell_by_cell_what_is_missing(duties):
    met = (ended("C-2", "MEETING", "MET", date(2024, 11, 5)),)
    await duties.apply(told(*TREE, opened("C-1", *BOTH), opened("C-2", *BOTH), *met))
    page = {"missing": True, "after": "", "limit": 10}

    missing = await duties.by_cell("P-1", NOVEMBER, TODAY_ON, TODAY_ON, **page)
    assert [("C-1", ["MEETING", "SELF_ASSESSMENT"])] == [(one.code, sorted(one.owed)) for one in missing]
    every = await duties.by_cell("P-1", NOVEMBER, TODAY_ON, TODAY_ON, **page | {"missing": False})
    assert ["C-1", "C-2"] == [one.code for one in every]
    rest = await duties.by_cell("P-1", NOVEMBER, TODAY_ON, TODAY_ON, missing=False, after="C-1", limit=1)
    assert ["C-2"] == [one.code for one in rest]
    assert [] == await duties.by_cell("P-1", "2024-10", TODAY_ON, TODAY_ON, **page)


async def test_who_restricts_the_use_of_their_data_is_counted_and_not_named(pool):
    views = Views.over(pool, lambda: TODAY)
    visit = owed("VISIT", "M-1", "M-1")
    publisher = Publisher()
    for view in views.all:
        await prepared(view)
    batch = publisher.tell(
        *TREE,
        admitted("M-1", "C-2", date(2020, 1, 1)),
        restricted("M-1", "C-2", "2024-12-01"),
        opened("C-1", visit, *BOTH),
    )
    for view in views.all:
        await view.apply(batch)

    shown = await views.obligations.of(["C-1"], NOVEMBER, TODAY_ON)
    assert ["MEETING", "SELF_ASSESSMENT"] == [one.duty for one in shown]
    assert {"OPEN": 1} == (await views.obligations.totals("P-1", NOVEMBER, TODAY_ON, TODAY_ON))["VISIT"]
    listed = await page_of(
        Known(views, await prepared(Ledger(pool)), lambda: TODAY),
        "P-1",
        TODAY_ON,
        ObligationsAsked(month=NOVEMBER),
    )
    assert ["MEETING", "SELF_ASSESSMENT"] == [one.duty for one in listed.items]


async def test_the_list_is_of_the_month_of_its_day_and_can_be_narrowed_to_what_is_missing(pool):
    views = Views.over(pool, lambda: TODAY)
    for view in views.all:
        await prepared(view)
    batch = told(*TREE, opened("C-1", *BOTH), ended("C-1", "SELF_ASSESSMENT", "LATE", date(2024, 12, 9)))
    for view in views.all:
        await view.apply(batch)
    known = Known(views, await prepared(Ledger(pool)), lambda: TODAY)

    async def asked(day, **more):
        page = await page_of(known, "P-1", day, ObligationsAsked(**more))
        return [(one.organization, one.duty, one.state) for one in page.items]

    assert [] == await asked(TODAY_ON)
    assert [("C-1", "MEETING", "OVERDUE")] == await asked(TODAY_ON, month=NOVEMBER, missing=True)
    assert [("C-1", "SELF_ASSESSMENT", "LATE")] == await asked(TODAY_ON, month=NOVEMBER, missing=False)
    assert [("C-1", "SELF_ASSESSMENT", "LATE")] == await asked(date(2024, 11, 30), state="LATE")
