"""Who is a member where on any day, listed: by hand, and over random lives against a plain reading."""

from datetime import date, timedelta

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.registry import MemberExempted, MemberReinstated
from services.reporting.lists.members import MembersAsked, list_members
from services.reporting.lists.transfers import TransfersAsked, list_transfers
from tests.lives import CELLS, DAYS, FIRST, lives, roll_on
from tests.reporting.story import Publisher, admitted, told
from tests.reporting.test_lists import in_every_order, merged, released
from tests.reporting.test_members import LIFE, PAPER, TREE, ended, transferred
from tests.reporting.test_views import forget
from tests.telling import lifted, restricted


async def listed(roster, root="P-1", day="2025-06-30", **asked):
    return (await list_members(roster, root, date.fromisoformat(day), MembersAsked(**asked))).items


async def places(roster, day, root="P-1", **asked):
    return {one.member: one.organization for one in await listed(roster, root, day, **asked)}


async def waiting(roster, day):
    page = await list_transfers(roster, "P-1", date.fromisoformat(day), TransfersAsked())
    return [one.member for one in page.items]


async def tell(roster, *events, size=100):
    deliveries = told(*TREE, *events)
    for start in range(0, len(deliveries), size):
        await roster.apply(deliveries[start : start + size])


PLACES = [
    ("2024-03-14", {}),
    ("2024-03-15", {"M-1": "C-1", "M-2": "C-1"}),
    ("2025-03-31", {"M-1": "C-1", "M-2": "C-1"}),
    ("2025-04-01", {"M-1": "C-2", "M-2": "C-1"}),
    ("2025-06-01", {"M-1": "C-3", "M-2": "C-1"}),
    ("2025-09-01", {"M-2": "C-1"}),
]


@pytest.mark.parametrize("size", [1, 4, 20])
async def test_a_member_is_listed_where_they_are_on_that_day(roster, size):
    await tell(roster, *LIFE, size=size)

    assert [there for _, there in PLACES] == [await places(roster, day) for day, _ in PLACES]


async def test_a_member_is_shown_with_the_days_that_count(roster):
    await tell(roster, *LIFE)

    [one] = await listed(roster, "C-3")

    assert ("M-1", "C-3", "Chi bộ C-3", "FULL") == (
        one.member,
        one.organization,
        one.organization_name,
        one.standing,
    )
    assert ["2024-03-15", "2024-03-15", "2025-03-15", "2025-06-01"] == [
        str(day) for day in (one.decided_on, one.admitted_on, one.full_from, one.here_since)
    ]
    assert [None] * 5 == [one.away_from, one.exempted_on, one.released_to, one.ended_on, one.end_reason]


async def test_what_happened_later_is_not_told_of_an_earlier_day(roster):
    await tell(roster, *LIFE)

    [one] = await listed(roster, "C-1", "2025-03-14", standing="PROBATIONARY")

    assert ("M-1", None, None) == (one.member, one.full_from, one.ended_on)


async def test_whose_membership_ended_is_listed_only_if_asked_for(roster):
    await tell(roster, *LIFE)

    [one] = await listed(roster, day="2025-09-01", standing="ENDED")

    assert ("M-1", "C-3", "ENDED", "2025-09-01", "LEFT") == (
        one.member,
        one.organization,
        one.standing,
        str(one.ended_on),
        one.end_reason,
    )


async def test_a_merger_takes_its_members_along_from_its_day(roster):
    await tell(roster, *LIFE, merged("C-3", "C-2", "2025-07-01"), merged("C-2", "C-1", "2025-08-01"))

    assert ["C-3", "C-2", "C-1"] == [
        (await places(roster, day))["M-1"] for day in ("2025-06-30", "2025-07-01", "2025-08-01")
    ]
    assert {"M-1": "C-2"} == await places(roster, "2025-07-01", "C-2")
    assert "C-1" == (await places(roster, "2025-07-01", structure="now"))["M-1"]


async def test_an_exemption_is_shown_until_the_member_is_reinstated(roster):
    exempted = {"organization": "C-1", "member": "M-2", "decision": PAPER}
    await tell(
        roster,
        *LIFE,
        MemberExempted(**exempted, exempted_on="2025-07-01", ground="ABROAD"),
        MemberReinstated(**exempted, reinstated_on="2025-08-01"),
    )

    assert [[], ["M-2"], []] == [
        [one.member for one in await listed(roster, day=day, exempted=True)]
        for day in ("2025-06-30", "2025-07-31", "2025-08-01")
    ]


async def test_a_release_is_shown_until_somebody_accepts_or_it_lapses(roster):
    await tell(
        roster,
        admitted("M-1", "C-1", date(2024, 3, 15)),
        released("M-1", "C-1", "C-2", "2025-01-10", "2025-01-31"),
        released("M-1", "C-1", "C-3", "2025-03-10", "2025-04-10"),
        transferred("M-1", "C-1", "C-3", "2025-04-01"),
    )

    days = ["2025-01-09", "2025-01-10", "2025-01-31", "2025-02-01", "2025-03-10", "2025-04-01"]
    assert [None, "C-2", "C-2", None, "C-3", None] == [
        (await listed(roster, day=day))[0].released_to for day in days
    ]


async def test_who_is_away_for_a_while_is_listed_there_with_the_cell_they_return_to(roster):
    away = transferred("M-2", "C-1", "C-3", "2025-02-01").model_copy(update={"kind": "TEMPORARY"})
    back = transferred("M-2", "C-3", "C-1", "2025-05-01").model_copy(
        update={"kind": "TEMPORARY", "reason": "RETURN"}
    )
    await tell(roster, admitted("M-2", "C-1", date(2024, 3, 15)), away, back)

    assert {"M-2": "C-3"} == await places(roster, "2025-02-01", away=True)
    assert "C-1" == (await listed(roster, day="2025-04-30"))[0].away_from
    assert {"M-2": "C-1"} == await places(roster, "2025-05-01", away=False)


MANY = tuple(
    admitted(f"M-{number:02}", CELLS[number % 3], date(2024, 1 + number % 4, 1), standing)
    for number, standing in enumerate(["FULL", "PROBATIONARY"] * 6)
)


async def test_pages_in_any_order_are_the_whole_list_once(roster):
    await tell(roster, *MANY, ended("M-03", "C-1", "2025-01-01"), ended("M-04", "C-2", "2025-02-01"))

    whole, paged = await in_every_order(
        lambda asked: list_members(roster, "P-1", date(2025, 6, 30), asked), MembersAsked
    )

    assert {10} == {len(items) for items in whole.values()}
    assert whole == paged
    assert sorted(one.admitted_on for one in whole["admitted_on", "asc"]) == [
        one.admitted_on for one in whole["admitted_on", "asc"]
    ]
    assert [None] * 5 == [one.full_from for one in whole["full_from", "desc"][5:]]


async def test_a_list_without_a_match_is_empty(roster):
    await tell(roster, *MANY)

    assert [] == await listed(roster, "X-1")
    assert [] == await listed(roster, organization="C-9")


async def test_lists_are_filtered_by_standing_place_and_day_of_admission(roster):
    await tell(roster, *MANY)

    assert ["M-01", "M-07"] == [
        one.member for one in await listed(roster, standing="PROBATIONARY", organization="C-2")
    ]
    assert {"M-03", "M-07", "M-11"} == set(await places(roster, "2025-06-30", admitted_from="2024-04-01"))
    assert {"M-00", "M-04", "M-08"} == set(await places(roster, "2025-06-30", admitted_until="2024-01-31"))


@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "WyJtZW1iZXIiLCJkZXNjIiwiTSIsIk0iXQ", "WyJtZW1iZXIiLCJhc2MiLDEsMV0"]
)
async def test_a_cursor_of_another_list_or_order_is_refused_by_its_name(roster, cursor):
    with pytest.raises(RequestValidationError) as refused:
        await listed(roster, cursor=cursor)

    assert ("query", "cursor") == refused.value.errors()[0]["loc"]


@given(events=lives(), size=st.integers(1, 30), days=st.lists(st.integers(0, DAYS), min_size=3, max_size=6))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_over_random_lives_everyone_is_listed_once_and_where_they_are(roster, events, size, days):
    await forget([roster])
    deliveries = Publisher().tell(*TREE, *events)
    for start in range(0, len(deliveries), size):
        await roster.apply(deliveries[start : start + size])

    for day in (FIRST + timedelta(one) for one in days):
        found = (await list_members(roster, "P-1", day, MembersAsked())).items
        assert sorted(roll_on(events, day)) == sorted(
            (one.organization, one.member, one.standing) for one in found
        )


async def test_who_is_restricted_is_listed_on_no_day_until_that_is_lifted(roster):
    away = released("M-1", "C-3", "C-1", "2025-08-01", "2025-08-31")
    await tell(roster, *LIFE[:-1], away, size=3)
    assert ["M-1"] == await waiting(roster, "2025-08-15")

    await roster.apply(told(*TREE, *LIFE[:-1], away, restricted("M-1", "C-3", "2025-08-01"))[-1:])

    assert {"M-2": "C-1"} == await places(roster, "2025-06-30")
    assert {"M-2": "C-1"} == await places(roster, "2024-03-15")
    assert [] == await waiting(roster, "2025-08-15")


async def test_a_restriction_that_was_lifted_hides_nobody(roster):
    there_and_back = (restricted("M-1", "C-3", "2025-08-01"), lifted("M-1", "C-3", "2025-08-02"))
    await tell(roster, *LIFE, *there_and_back)

    assert {"M-1": "C-3", "M-2": "C-1"} == await places(roster, "2025-06-30")
