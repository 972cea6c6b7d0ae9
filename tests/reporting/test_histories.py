"""Members and their cells over random histories of both: in one cell on every day, and counted alike."""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.cell import Entry
from services.reporting.replay import ELSEWHERE, state
from services.reporting.views import Count
from tests.histories import CELLS, COMMITTEES, breaks, histories, lies_in, mergers_by
from tests.lives import DAYS, FIRST, roll_on
from tests.reporting.story import Publisher, founded
from tests.reporting.test_views import forget

TREE = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    *(founded(committee, "GRASSROOTS_COMMITTEE", "P-1") for committee in COMMITTEES),
    *(founded(cell, parent="G-1") for cell in CELLS),
)
DAY = st.integers(0, DAYS).map(lambda day: FIRST + timedelta(day))


@given(events=histories())
@settings(max_examples=100, deadline=None)
def test_nobody_ever_goes_from_where_they_are_not(events):
    assert [] == breaks(events)


@given(events=histories(), day=DAY)
@settings(max_examples=100, deadline=None)
def test_on_every_day_everyone_is_in_one_cell_that_stands(events, day):
    mergers = mergers_by(events, day)
    over = {one.organization for one in mergers}
    places = [(member, lies_in(cell, mergers)) for cell, member, _ in roll_on(events, day)]

    assert len(places) == len(dict(places))
    assert not over & {cell for _, cell in places}


@given(events=histories(), size=st.integers(1, 30), days=st.lists(DAY, min_size=2, max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_headcount_and_replay_are_the_plain_fold_and_a_merger_changes_no_total(
    headcount, events, size, days
):
    await forget([headcount])
    deliveries = Publisher().tell(*TREE, *events)
    for start in range(0, len(deliveries), size):
        await headcount.apply(deliveries[start : start + size])
    entries = [Entry(place, delivery.message) for place, delivery in enumerate(deliveries, 1)]

    for day in days:
        mergers = mergers_by(events, day)
        roll = Counter((lies_in(cell, mergers), standing) for cell, _, standing in roll_on(events, day))
        counted = {cell: Count(roll[cell, "FULL"], roll[cell, "PROBATIONARY"]) for cell in CELLS}
        gone = {one.organization for one in mergers}
        for cell in CELLS:
            lying = {one for one in gone if lies_in(one, mergers) == cell}
            told = [
                one for one in entries if one.message.organization in {cell, *lying} or one.type in ELSEWHERE
            ]
            assert counted[cell] == state(told, cell, day, lying=lying).members
        for cell in set(CELLS) - gone:
            assert counted[cell] == await headcount.on(cell, day)
        assert sum(one.total for one in counted.values()) == (await headcount.on("P-1", day)).total
