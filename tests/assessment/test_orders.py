"""However a cell's year arrives, it ends in the same state: what speaks of the unknown waits for it."""

from random import Random

import pytest

from services.assessment.publication import publish
from services.assessment.reactions import handlers
from services.chassis.errors import NotYetKnown
from tests.assessment.year import ASKED, of_all, plainly, year
from tests.edges import bearer
from tests.telling import Telling, founded

pytestmark = pytest.mark.anyio

IN_ORDER = "TU-A0"
SHUFFLED = [f"TU-A{n}" for n in range(1, 9)]


@pytest.fixture
async def tell(assessment, store, views, tree, asked):
    """Return how a district's events arrive; those that speak of the unknown come again until it is known."""
    telling, read, hears = Telling(), [0], handlers(assessment)
    telling.positions["registry"] = 7
    cells = [founded(code, under="TU-AGENCIES") for code in (IN_ORDER, *SHUFFLED)]
    await tree.apply(telling.all(*cells))

    async def shown():
        recorded = await store.read(read[0], 5_000)
        read[0] += len(recorded)
        told = telling.all(*[event for one in recorded if (event := publish(one.fact))])
        for name, view in vars(views).items():
            if name != "roll":
                await view.apply(told)

    async def tell(events):
        waiting = events
        while waiting:
            again = []
            for event in waiting:
                try:
                    await hears[event.type.split(".")[1]](event, asked)
                except NotYetKnown as unknown:
                    again.append((event, unknown))
                    continue
                await shown()
            assert len(again) < len(waiting), [(type(one).__name__, repr(why)) for one, why in again]
            waiting = [event for event, _ in again]
        await shown()

    return tell


@pytest.fixture
def judge(api, tell):
    """Return how to judge what the cells owe, by all that was told."""

    async def judged():
        for period in ("2024-11", "2024-12"):
            body = {"organization": "THAN-UYEN", "period": period}
            answer = await api.post("/obligations/recompute", json=body, headers=bearer("officer"))
            assert 200 == answer.status_code, answer.text
        await tell([])

    return judged


async def state(api, cell):
    answers = {}
    for path in ASKED:
        response = await api.get(path.format(cell), headers=bearer("auditor"))
        assert 200 == response.status_code, (path, response.text)
        answers[path] = plainly(response.json(), cell)
    return answers


async def test_any_order_of_arrival_of_a_cells_year_gives_the_same_state(api, tell, judge):
    await tell(of_all())
    await tell(year(IN_ORDER))
    everything = [event for cell in SHUFFLED for event in year(cell)]
    Random(20241231).shuffle(everything)
    await tell(everything)
    await judge()

    expected = await state(api, IN_ORDER)

    for cell in SHUFFLED:
        assert expected == await state(api, cell), cell
    assert ("REOPENED", "ACCEPTED") == (
        expected["/concerns/{}-C1"]["state"],
        expected["/self-assessments/{}/2024-11"]["state"],
    )
    assert 2 == expected["/meetings/{}-2024-11"]["corrections"]
    assert ("81", "STRONG") == tuple(
        expected["/self-assessments/{}/2024-09"]["stands"][name] for name in ("points", "level")
    )
    visited = expected["/supervision?organization={}&year=2024"]["supervisors"][0]["cells"][0]
    assert (["CELL-2024-09", "CELL-2024-10-CD"], ["KEPT"], []) == (
        visited["meetings"],
        [plan["state"] for plan in visited["plans"]],
        visited["disputed"],
    )
    december = expected["/obligations?organization={}&period=2024-12"]["obligations"]
    owed = {one["duty"]: one["outcome"] for one in december}
    assert ("MET", "EXCUSED") == (owed["THEMATIC_MEETING"], owed["SELF_ASSESSMENT"])


async def test_so_does_the_year_told_backwards(api, tell, judge):
    await tell(of_all())
    await tell(year(IN_ORDER))
    await tell([*reversed(year(SHUFFLED[0]))])
    await judge()

    assert await state(api, IN_ORDER) == await state(api, SHUFFLED[0])
