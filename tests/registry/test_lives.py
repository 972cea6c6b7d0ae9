"""Random lives of members: whatever is tried, nobody is ever in zero or two cells."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import MemberAdmitted, MemberRecognized, MembershipEnded, MemberTransferred
from services.registry.application.roll import full_stays
from tests.lives import CELLS, DAYS, FIRST, lived, lives, roll_on


@given(lives())
def test_on_every_day_a_member_is_in_exactly_one_cell(events):
    """Told one by one, comings and goings never leave anyone in no cell or in two, until the end."""
    cells, ended = defaultdict(Counter), set()
    for event in events:
        mine = cells[event.member]
        match event:
            case MemberAdmitted():
                mine[event.organization] += 1
            case MemberTransferred():
                mine[event.origin] -= 1
                mine[event.organization] += 1
            case MembershipEnded():
                mine[event.organization] -= 1
                ended.add(event.member)
        assert ([] if event.member in ended else [1]) == [count for count in mine.values() if count]


@given(lives())
def test_what_becomes_of_a_member_is_told_in_the_order_of_its_days(events):
    days = defaultdict(lambda: date.min)
    for event in events:
        if not isinstance(event, MemberRecognized):
            day = event.occurred_at
            assert days[event.member] is date.min or days[event.member] <= day
            days[event.member] = day


@given(lives())
def test_a_membership_ends_once_and_nothing_is_told_of_it_after(events):
    ended = set()
    for event in events:
        assert event.member not in ended
        if isinstance(event, MembershipEnded):
            ended.add(event.member)


@given(lives())
def test_what_a_transfer_and_an_end_say_of_the_standing_is_what_was_told(events):
    standings = {}
    for event in events:
        match event:
            case MemberAdmitted():
                standings[event.member] = event.standing
            case MemberRecognized():
                standings[event.member] = "FULL"
            case MemberTransferred() | MembershipEnded():
                assert standings[event.member] == event.standing


@given(lived(), st.integers(0, DAYS))
def test_who_is_a_full_member_where_on_a_day_is_what_was_told(life, days):
    members, events = life
    day = FIRST + timedelta(days)

    told = {(cell, member) for cell, member, standing in roll_on(events, day) if standing == "FULL"}
    stays = {(cell, one.code): full_stays(one, {cell}) for cell in CELLS for one in members}
    assert told == {who for who, of in stays.items() if any(since <= f"{day}" < until for since, until in of)}
