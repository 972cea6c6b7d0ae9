"""What becomes of members, as it is counted: by hand, and over random lives against a plain fold."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.registry import MemberRecognized, MembershipEnded, MemberTransferred
from services.chassis.clock import utc_now
from services.chassis.edge.after import After
from services.reporting.known import Known
from services.reporting.replay import Replay
from services.reporting.views import Count, Views
from tests.lives import CELLS, DAYS, FIRST, lives, roll_on
from tests.reporting.story import RECORDED, Publisher, admitted, founded, told
from tests.reporting.test_views import forget
from tests.telling import delivered, merged

TREE = (
    founded("P-1", "PROVINCIAL_COMMITTEE"),
    founded("G-1", "GRASSROOTS_COMMITTEE", "P-1"),
    *(founded(cell, parent="G-1") for cell in CELLS),
)
PAPER = {"number": "7-QĐ/ĐU", "date": "2025-04-20"}


def transferred(member, origin, to, on, standing="PROBATIONARY"):
    return MemberTransferred(
        organization=to,
        member=member,
        origin=origin,
        kind="OFFICIAL",
        transferred_on=on,
        decision=PAPER,
        reason="TRANSFER",
        standing=standing,
    )


def recognized(member, at, full_from):
    return MemberRecognized(organization=at, member=member, full_from=full_from, decision=PAPER)


def ended(member, at, on, standing="FULL"):
    return MembershipEnded(organization=at, member=member, ended_on=on, reason="LEFT", standing=standing)


LIFE = (
    admitted("M-1", "C-1", date(2024, 3, 15), "PROBATIONARY"),
    admitted("M-2", "C-1", date(2024, 3, 15)),
    transferred("M-1", "C-1", "C-2", "2025-04-01"),
    recognized("M-1", "C-1", "2025-03-15"),  # told five weeks late, when the member had moved on
    transferred("M-1", "C-2", "C-3", "2025-06-01", "FULL"),
    ended("M-1", "C-3", "2025-09-01"),
)
EXPECTED = [
    ("2025-03-14", {"C-1": (1, 1), "C-2": (0, 0), "C-3": (0, 0), "P-1": (1, 1)}),
    ("2025-03-15", {"C-1": (2, 0), "C-2": (0, 0), "C-3": (0, 0), "P-1": (2, 0)}),
    ("2025-03-31", {"C-1": (2, 0), "C-2": (0, 0), "C-3": (0, 0), "P-1": (2, 0)}),
    ("2025-04-01", {"C-1": (1, 0), "C-2": (1, 0), "C-3": (0, 0), "P-1": (2, 0)}),
    ("2025-06-01", {"C-1": (1, 0), "C-2": (0, 0), "C-3": (1, 0), "P-1": (2, 0)}),
    ("2025-08-31", {"C-1": (1, 0), "C-2": (0, 0), "C-3": (1, 0), "P-1": (2, 0)}),
    ("2025-09-01", {"C-1": (1, 0), "C-2": (0, 0), "C-3": (0, 0), "P-1": (1, 0)}),
]


@pytest.mark.parametrize("size", [1, 4, 20])
async def test_a_member_counts_where_they_are_by_the_standing_of_that_day(headcount, size):
    deliveries = told(*TREE, *LIFE)
    for start in range(0, len(deliveries), size):
        await headcount.apply(deliveries[start : start + size])

    for day, counts in EXPECTED:
        on = date.fromisoformat(day)
        assert counts == {
            code: (count.full, count.probationary)
            for code in counts
            if (count := await headcount.on(code, on)) is not None
        }


async def test_admissions_count_who_was_admitted_wherever_they_went(headcount):
    await headcount.apply(told(*TREE, *LIFE))

    assert (2, 0, 0) == tuple([(await headcount.admissions(cell, 2024)).admitted for cell in CELLS])
    assert [2024] == await headcount.years("P-1")


async def test_a_series_leaves_out_days_on_which_members_only_moved_within(headcount):
    await headcount.apply(told(*TREE, *LIFE))

    assert [(date(2024, 3, 15), 2), (date(2025, 9, 1), 1)] == await headcount.series(
        "P-1", date(2024, 1, 1), date(2025, 12, 31)
    )


async def test_where_else_the_members_of_a_cell_were_is_known(headcount):
    await headcount.apply(told(*TREE, *LIFE))

    assert ["C-1", "C-3"] == await headcount.elsewhere("C-2")
    assert [] == await headcount.elsewhere("G-1")


async def test_the_replay_of_each_cell_says_the_same(ledger, tree, headcount):
    deliveries = told(*TREE, *LIFE)
    for view in (ledger, tree, headcount):
        await view.apply(deliveries)
    replay = Replay(ledger, tree, headcount)

    for day, counts in EXPECTED:
        for cell in CELLS:
            state = await replay.state(cell, date.fromisoformat(day))
            assert Count(*counts[cell]) == state.members


async def test_the_replay_of_what_others_merged_into_counts_their_members_from_that_day(
    ledger, tree, headcount
):
    mergers = merged("C-1", "2025-05-01", into="C-2"), merged("C-2", "2025-07-01", into="C-3")
    deliveries = told(*TREE, *LIFE[:4], mergers[0], LIFE[4], mergers[1], LIFE[5])
    for view in (ledger, tree, headcount):
        await view.apply(deliveries)
    replay = Replay(ledger, tree, headcount)

    for day, counts in (
        ("2025-04-30", (1, 1, 0)),
        ("2025-05-01", (0, 2, 0)),
        ("2025-06-01", (0, 1, 1)),
        ("2025-07-01", (0, 0, 2)),
        ("2025-09-01", (0, 0, 1)),
    ):
        on = date.fromisoformat(day)
        assert [Count(full, 0) for full in counts] == [
            (await replay.state(cell, on)).members for cell in CELLS
        ]
        standing = [(cell, full) for cell, full in zip(CELLS, counts, strict=True) if full]
        assert [full for _, full in standing] == [(await headcount.on(cell, on)).full for cell, _ in standing]


async def test_what_was_not_known_yet_had_not_merged(ledger, tree, headcount):
    publisher = Publisher()
    before = publisher.tell(*TREE, *LIFE[:2])
    merger = merged("C-1", "2025-05-01", into="C-2")
    late = delivered(publisher.message(merger, RECORDED + timedelta(days=900)))
    for view in (ledger, tree, headcount):
        await view.apply([*before, late])

    replay, day = Replay(ledger, tree, headcount), date(2025, 5, 1)
    known_at, pasts = RECORDED + timedelta(days=899), Known(Views.over(ledger.pool), ledger, utc_now)
    async with pasts.read(After(()), known_at, "tree") as views:
        assert Count() == (await replay.state("C-2", day, (known_at, views.tree))).members
    assert Count(1, 1) == (await replay.state("C-2", day)).members


@given(events=lives(), size=st.integers(1, 30), days=st.lists(st.integers(0, DAYS), min_size=3, max_size=6))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_over_random_lives_the_headcount_is_the_plain_fold(headcount, events, size, days):
    await forget([headcount])
    publisher = Publisher()
    deliveries = publisher.tell(*TREE, *events)
    for start in range(0, len(deliveries), size):
        await headcount.apply(deliveries[start : start + size])

    for day in (FIRST + timedelta(one) for one in days):
        roll = Counter((cell, standing) for cell, _, standing in roll_on(events, day))
        for cell in CELLS:
            assert Count(roll[cell, "FULL"], roll[cell, "PROBATIONARY"]) == await headcount.on(cell, day)
