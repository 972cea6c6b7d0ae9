"""A cell's year over NATS: told in the order in which it happened, and in any other, it is the same year."""

from random import Random

from tests.assessment.bodies import ISSUE
from tests.assessment.movement import LAUNCH
from tests.assessment.scored import ADOPT_BELOW, ISSUE_POINTS
from tests.assessment.year import ASKED, plainly, told
from tests.system.district import District

PROVINCE, COMMITTEE = "QUANG-NAM", "ORDERS"
BETWEEN = "ORDERS-CT"
NAMES = {"THAN-UYEN": COMMITTEE, "TU-AGENCIES": BETWEEN, "LAI-CHAU": PROVINCE, "TU-SCHOOL": "ORDERS-O"}


async def test_a_year_that_a_district_tells_in_any_order_is_taken_whole_and_is_the_same(province, clerk):
    await clerk.found(COMMITTEE, "DISTRICT_COMMITTEE", under=PROVINCE)
    await clerk.found(BETWEEN, "GRASSROOTS_COMMITTEE", under=COMMITTEE)
    for cell in ("ORDERS-A", "ORDERS-B", "ORDERS-O"):
        await clerk.found(cell, "SUBORDINATE_CELL", under=BETWEEN)
    await clerk.tell("assessment", "/frameworks", ISSUE | {"organization": COMMITTEE})
    await clerk.tell("assessment", "/frameworks", ISSUE_POINTS | {"organization": COMMITTEE})
    await clerk.tell("assessment", "/adoptions", ADOPT_BELOW | {"organization": BETWEEN})
    await clerk.tell("assessment", "/movements", LAUNCH | {"organization": COMMITTEE})
    in_order, shuffled = told("ORDERS-A", **NAMES), told("ORDERS-B", **NAMES)
    Random(2024).shuffle(shuffled)

    async with District(province.nats_url(PROVINCE), PROVINCE) as district:
        for year in (in_order, shuffled):
            events = [district.event(f"assessment.{name}.v1", said) for name, said in year]
            outcomes = [(one["outcome"], one.get("reason")) for one in await district.tell(*events)]
            assert [("accepted", None)] * len(year) == outcomes
    await clerk.ask.settled()
    for period in ("2024-11", "2024-12"):
        judged = {"organization": COMMITTEE, "period": period}
        await clerk.ask.json("assessment", "/obligations/recompute", method="POST", json=judged)
    await clerk.ask.settled()

    for path in ASKED:
        one, other = [
            plainly(await clerk.read("assessment", path.format(cell)), cell)
            for cell in ("ORDERS-A", "ORDERS-B")
        ]
        assert one == other, path
