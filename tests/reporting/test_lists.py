"""The lists of a subtree beside that of its members: organizations, officials, transfers, targets."""

from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from fastapi.exceptions import RequestValidationError

from contracts.assessment_movement import CellRegistered
from contracts.registry import (
    MemberReleased,
    OfficialAppointed,
    OfficialRelieved,
    OrganizationDissolved,
    OrganizationMerged,
    OrganizationRenamed,
)
from contracts.registry_persons import MemberRestricted
from services.chassis.shares import percent_of
from services.reporting.lists.officials import OfficialsAsked, list_officials
from services.reporting.lists.organizations import OrganizationsAsked, list_organizations
from services.reporting.lists.targets import TargetsAsked, list_targets
from services.reporting.lists.transfers import TransfersAsked, list_transfers
from services.reporting.views import Views
from tests.reporting.story import admitted, founded, share, target, told
from tests.reporting.test_members import PAPER, TREE, transferred

JUNE = date(2025, 6, 30)


def released(member, at, to, on, accept_by, kind="OFFICIAL"):
    days = {"released_on": on, "accept_by": accept_by}
    return MemberReleased(organization=at, member=member, to=to, kind=kind, decision=PAPER, **days)


def merged(code, into, on):
    return OrganizationMerged(organization=code, into=into, effective_on=on, decision=PAPER)


async def pages_of(ask, asked):
    """Return the items of all pages of two."""
    found, cursor = [], None
    while True:
        page = await ask(asked.model_copy(update={"limit": 2, "cursor": cursor}))
        assert len(page.items) <= 2
        found += page.items
        if (cursor := page.next) is None:
            return found


async def in_every_order(ask, kind, **filters):
    """Return the whole list, and all its pages, by the column and order it is sorted by."""
    every = [
        kind(sort=sort, order=order, **filters)
        for sort in kind.model_fields["sort"].annotation.__args__
        for order in ("asc", "desc")
    ]
    whole = {(one.sort, one.order): list((await ask(one)).items) for one in every}
    return whole, {(one.sort, one.order): await pages_of(ask, one) for one in every}


# -- Organizations


REFORMED = (
    *TREE,
    OrganizationRenamed(organization="C-1", name="Chi bộ Mới", effective_on="2025-01-01", decision=PAPER),
    merged("C-2", "C-1", "2025-03-01"),
    OrganizationDissolved(organization="C-3", effective_on="2025-04-01", decision=PAPER),
)


@pytest.fixture
async def reformed(tree):
    await tree.apply(told(*REFORMED))
    return tree


async def codes(tree, root="P-1", day=JUNE, **asked):
    return [
        one.code for one in (await list_organizations(tree, root, day, OrganizationsAsked(**asked))).items
    ]


async def test_organizations_are_listed_as_they_stood_on_the_day(reformed):
    assert ["C-1", "G-1", "P-1"] == await codes(reformed)
    assert ["C-1", "C-2", "C-3", "G-1"] == await codes(reformed, "G-1", date(2024, 12, 31))
    assert [] == await codes(reformed, day=date(2019, 12, 31))
    assert [] == await codes(reformed, "X-1")


async def test_those_that_ended_are_listed_with_their_last_day_if_asked_for(reformed):
    ended = (await list_organizations(reformed, "G-1", JUNE, OrganizationsAsked(state="ENDED"))).items

    assert [("C-2", "2025-03-01"), ("C-3", "2025-04-01")] == [(one.code, str(one.ended_on)) for one in ended]
    assert ["C-1", "C-2", "C-3", "G-1", "P-1"] == await codes(reformed, state="ALL")


async def test_organizations_are_found_by_kind_parent_and_part_of_the_name_of_that_day(reformed):
    assert ["G-1"] == await codes(reformed, kind="GRASSROOTS_COMMITTEE")
    assert ["C-1"] == await codes(reformed, parent="G-1")
    assert ["C-1"] == await codes(reformed, name="bộ mới")
    assert [] == await codes(reformed, day=date(2024, 12, 31), name="bộ mới")
    assert [] == await codes(reformed, name="%")


@pytest.mark.parametrize("known_at", [None, datetime(2026, 1, 1, tzinfo=UTC)])
async def test_pages_of_organizations_in_any_order_are_the_whole_list_once(reformed, known_at):
    whole, paged = await in_every_order(
        lambda asked: list_organizations(reformed, "P-1", JUNE, asked),
        OrganizationsAsked,
        state="ALL",
        known_at=known_at,
    )

    assert {5} == {len(items) for items in whole.values()}
    assert whole == paged


# -- Transfers that wait

TWO = (
    *TREE,
    founded("G-2", "GRASSROOTS_COMMITTEE", "P-1"),
    founded("C-4", parent="G-2"),
    *(admitted(f"M-{one}", "C-1", date(2024, 1, 1)) for one in range(1, 5)),
    released("M-1", "C-1", "C-4", "2025-06-01", "2025-07-01"),
    released("M-2", "C-1", "C-2", "2025-06-02", "2025-06-29", kind="TEMPORARY"),
    released("M-3", "C-1", "C-4", "2025-06-01", "2025-07-01"),
    transferred("M-3", "C-1", "C-4", "2025-06-20"),
    merged("C-4", "G-2", "2025-06-25"),
)


async def waiting(roster, root="P-1", day=JUNE, **asked):
    return (await list_transfers(roster, root, day, TransfersAsked(**asked))).items


async def test_a_transfer_waits_from_the_release_until_it_is_accepted_or_lapses(roster):
    await roster.apply(told(*TWO))

    assert [[], ["M-2", "M-1", "M-3"], ["M-1"], []] == [
        [one.member for one in await waiting(roster, day=date.fromisoformat(day))]
        for day in ("2025-05-31", "2025-06-19", "2025-07-01", "2025-07-02")
    ]
    assert [("M-2", "LAPSED"), ("M-1", "WAITING")] == [
        (one.member, one.state) for one in await waiting(roster, state="ALL")
    ]


async def test_both_committees_see_it_where_what_was_merged_now_lies(roster):
    await roster.apply(told(*TWO))

    [leaving] = await waiting(roster, "G-1", side="leaving")
    [arriving] = await waiting(roster, "G-2")

    assert leaving == arriving
    assert ("M-1", "C-1", "G-2", "Chi bộ G-2", date(2025, 7, 1)) == (
        leaving.member,
        leaving.organization,
        leaving.destination,
        leaving.destination_name,
        leaving.accept_by,
    )
    assert [] == await waiting(roster, "G-2", side="leaving")
    assert ["M-2"] == [one.member for one in await waiting(roster, state="LAPSED", kind="TEMPORARY")]


async def test_pages_of_transfers_in_any_order_are_the_whole_list_once(roster):
    await roster.apply(told(*TWO))

    whole, paged = await in_every_order(
        lambda asked: list_transfers(roster, "P-1", date(2025, 6, 19), asked), TransfersAsked
    )

    assert {3} == {len(items) for items in whole.values()}
    assert whole == paged


# -- Officials


def appointed(member, at, position, on, until=None):
    return OfficialAppointed(
        organization=at, member=member, position=position, from_on=on, until_on=until, decision=PAPER
    )


TERMS = (
    *TREE,
    *(admitted(f"M-{one}", "C-1", date(2024, 1, 1)) for one in range(1, 5)),
    appointed("M-1", "C-1", "SECRETARY", "2024-03-01", "2025-03-01"),
    appointed("M-2", "C-1", "SECRETARY", "2025-03-02"),
    appointed("M-3", "G-1", "COMMITTEE_MEMBER", "2024-03-01"),
    OfficialRelieved(organization="G-1", member="M-3", position="COMMITTEE_MEMBER", relieved_on="2025-06-30"),
    appointed("M-4", "C-1", "DEPUTY_SECRETARY", "2024-03-01"),
    MemberRestricted(organization="C-1", member="M-4", restricted_on="2025-01-01"),
)


@pytest.fixture
async def in_office(views):
    for view in (views.tree, views.officials, views.roster):
        await view.apply(told(*TERMS))

    async def ask(root="P-1", day="2025-06-30", **asked):
        found = await list_officials(views, root, date.fromisoformat(day), OfficialsAsked(**asked))
        return [one.member for one in found.items]

    return ask


async def test_officials_are_listed_who_were_in_office_on_the_day(in_office):
    assert [["M-1", "M-3"], ["M-2", "M-3"], ["M-2"]] == [
        await in_office(day=day) for day in ("2025-03-01", "2025-06-29", "2025-06-30")
    ]
    assert ["M-1", "M-3"] == await in_office(state="ENDED")
    assert [] == await in_office(day="2024-02-29", state="ALL")


async def test_officials_are_filtered_by_position_and_place(in_office):
    assert ["M-2"] == await in_office(position="SECRETARY")
    assert ["M-3"] == await in_office(state="ALL", organization="G-1")
    assert [] == await in_office("C-2", state="ALL")


async def test_a_relief_is_not_told_of_an_earlier_day(in_office, views):
    asked = OfficialsAsked(organization="G-1", state="ALL")
    before, after = [
        (await list_officials(views, "P-1", date(2025, 6, day), asked)).items[0] for day in (29, 30)
    ]

    assert (None, date(2025, 6, 30)) == (before.relieved_on, after.relieved_on)


async def test_who_has_their_data_restricted_is_on_no_list_of_officials(in_office):
    assert "M-4" not in await in_office(state="ALL")


async def test_pages_of_officials_in_any_order_are_the_whole_list_once(in_office, views):
    whole, paged = await in_every_order(
        lambda asked: list_officials(views, "P-1", JUNE, asked), OfficialsAsked, state="ALL"
    )

    assert {3} == {len(items) for items in whole.values()}
    assert whole == paged


# -- Targets

SET = (
    *TREE,
    target("P-1", "2024", 1980),
    target("P-1", "2025", 2070),
    target("P-1", "2025", 2071),
    target("G-1", "2025", 12),
    share("P-1", "2025", "75.5"),
    share("G-1", "2025", "90", "COVERAGE"),
)


@pytest.fixture
async def views(tree, headcount, completeness, classes, structure, roster, officials, obligations):
    for view in (headcount, classes):
        await view.apply(told(*SET))
    return Views(tree, headcount, completeness, classes, structure, roster, officials, obligations)


async def targets(views, root="P-1", day=JUNE, **asked):
    found = (await list_targets(views, root, day, TargetsAsked(**asked))).items
    return [(one.organization, one.year, one.measure, one.target) for one in found]


async def test_targets_are_listed_by_organization_year_and_measure(views):
    assert [
        ("G-1", "2025", "ADMISSIONS", 12),
        ("G-1", "2025", "COVERAGE", 90),
        ("P-1", "2024", "ADMISSIONS", 1980),
        ("P-1", "2025", "ADMISSIONS", 2071),
        ("P-1", "2025", "GOOD_OR_BETTER", Decimal("75.50")),
    ] == await targets(views)


async def test_targets_are_filtered_by_organization_year_and_measure(views):
    assert [("P-1", "2024", "ADMISSIONS", 1980)] == await targets(views, year="2024")
    assert ["G-1"] == [one[0] for one in await targets(views, measure="COVERAGE")]
    assert 2 == len(await targets(views, "G-1"))
    assert 3 == len(await targets(views, organization="P-1"))
    assert [] == await targets(views, day=date(2019, 12, 31))


def registering(cell, year, on):
    return CellRegistered(organization=cell, year=year, meeting=f"{cell}-1", registered_on=on)


async def test_a_coverage_target_shows_which_share_of_its_cells_had_registered_by_the_day(views):
    among = [one for one in TREE if getattr(one, "kind", "").endswith("_CELL")]
    cells = [one.organization for one in among if one.parent == "G-1"]
    await views.structure.apply(told(*TREE, registering(cells[0], "2025", "2025-02-03")))

    async def reached(day, root="G-1"):
        found = await list_targets(views, root, day, TargetsAsked(organization="G-1", year="2025"))
        return {one.measure: one.reached for one in found.items}

    whole = percent_of(1, len(cells))
    assert {"ADMISSIONS": None, "COVERAGE": whole} == await reached(date(2025, 2, 3))
    assert {"ADMISSIONS": None, "COVERAGE": whole} == await reached(date(2026, 1, 1), "P-1")
    assert {"ADMISSIONS": None, "COVERAGE": 0} == await reached(date(2025, 2, 2))


async def test_pages_of_targets_in_any_order_are_the_whole_list_once(views):
    whole, paged = await in_every_order(lambda asked: list_targets(views, "P-1", JUNE, asked), TargetsAsked)

    assert {5} == {len(items) for items in whole.values()}
    assert whole == paged


@pytest.mark.parametrize("figure", ["sNaN", "NaN", "-Infinity", "1e999999", "1e-999999", "1.00001"])
async def test_a_cursor_with_a_figure_that_no_target_can_be_is_refused(views, figure):
    forged = msgspec.json.encode(["target", "asc", figure, "P-1", "2024", "ADMISSIONS"])
    cursor = urlsafe_b64encode(forged).decode().rstrip("=")

    with pytest.raises(RequestValidationError):
        await list_targets(views, "P-1", JUNE, TargetsAsked(sort="target", cursor=cursor))
