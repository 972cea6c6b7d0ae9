"""The lists as pages: what an address asks, what can be chosen, and what is shown."""

from datetime import date

import pytest
from fastapi.exceptions import RequestValidationError

from services.chassis.clock import utc_now
from services.chassis.parked import ParkingLot
from services.reporting.console.answers import Answers
from services.reporting.console.knowing import Knowing
from services.reporting.console.lists import LISTS, listed, wanted
from services.reporting.console.texts import load
from services.reporting.known import Known
from services.reporting.replay import Replay
from services.reporting.views import Views
from tests.reporting.story import Publisher, target
from tests.reporting.test_reform import BEFORE, CHANGES, LIFE, TREE

TODAY = date(2025, 12, 31)


@pytest.fixture
async def shown(
    tree, headcount, completeness, classes, structure, roster, officials, obligations, ledger, pool
):
    """Return a function: a list's page, of an organization, as an address asks for it."""
    views = Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)
    deliveries = Publisher().tell(*TREE, *LIFE, *CHANGES, target("P-1", "2025", 2))
    for view in views.all:
        await view.apply(deliveries)
    answers = Answers(Known(views, ledger, utc_now), Replay(ledger, tree, headcount), ParkingLot(pool), dict)

    async def shown(which, code="P-1", **address):
        return await listed(answers, await answers.find(code), which, address, knowing=Knowing(TODAY))

    return shown


async def test_members_are_listed_on_a_day(shown):
    before, today = await shown("members", as_of=str(BEFORE)), await shown("members", lang="vi")

    assert ["M-1", "M-2"] == [row.member for row in before["rows"]]
    assert ["M-1", "M-2", "M-3"] == [row.member for row in today["rows"]]
    assert (False, TODAY) == (today["narrowed"], today["on"])


async def test_each_list_has_its_rows(shown):
    assert ["P-1"] == [row.organization for row in (await shown("targets"))["rows"]]
    assert [] == (await shown("transfers"))["rows"]
    ended = await shown("organizations", state="ENDED", sort="code", order="desc")
    assert ["G-2", "D-2", "D-1"] == [row.code for row in ended["rows"]]
    assert ended["narrowed"]


async def test_the_list_of_one_cell_does_not_repeat_where_they_are(shown):
    assert "organization_name" not in (await shown("members", "C-1"))["columns"]
    assert "organization_name" in (await shown("members", "G-1"))["columns"]


@pytest.mark.parametrize(
    "asked",
    [
        {"standing": "HALF"},
        {"as_of": "yesterday"},
        {"colour": "red"},
        {"sort": "x"},
        {"known_at": "2025-01-01T00:00:00Z"},
    ],
)
def test_what_a_list_does_not_know_is_refused(asked):
    with pytest.raises(RequestValidationError, match=next(iter(asked))):
        wanted(LISTS["members"], asked, Knowing(TODAY))


def test_a_filter_left_open_asks_nothing():
    asked = wanted(LISTS["members"], {"exempted": "", "standing": "FULL", "lang": "en"}, Knowing(TODAY))

    assert (None, "FULL") == (asked.exempted, asked.standing)
    assert [("standing", "FULL", False), ("exempted", "", True)] == [
        (one.name, one.chosen, one.optional) for one in LISTS["members"].choices(asked)[:2]
    ]


@pytest.mark.parametrize("which", LISTS)
def test_every_choice_and_column_has_its_words(which):
    kind, known = LISTS[which], load("en").sentences
    choices = kind.choices(kind.asked())

    assert [] == [
        f"filter.{which}.{one.name}" for one in choices if f"filter.{which}.{one.name}" not in known
    ]
    words = [f"{one.family}.{value}" for one in choices for value in one.values]
    assert [] == [word for word in [*words, *(f"list.{one}" for one in kind.columns)] if word not in known]
