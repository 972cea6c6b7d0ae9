"""Splits on a real log: what they found, whom they take along, and that all of it is stored or nothing."""

import asyncio

import pytest
from pydantic import ValidationError

from contracts.registry import MemberTransferred
from services.chassis.errors import NotFound
from services.chassis.eventlog.store import Store
from services.registry.application import ReleaseMember, SplitOrganization, TransferMember
from services.registry.domain.member import NotACell, NotAtThisCell
from services.registry.domain.organization import ParentCannotHold, UnknownSuccessor
from services.registry.domain.words import CodeTaken, Overtaken
from services.registry.publication import publish
from tests.registry import test_reorganization
from tests.registry.test_reorganization import REFORM, by, found_in, published

pytestmark = pytest.mark.anyio

store, hand, district = test_reorganization.store, test_reorganization.hand, test_reorganization.district

NEW, OLD = "MUONG-CANG-3", "MUONG-CANG-2"
INTO_TWO = {"into": [OLD], "founding": [{"organization": NEW, "name": "Chi bộ bản Mường Cang 3"}]}


def to(member, successor):
    return {"member": member, "to": successor}


async def test_a_split_founds_its_successors_in_the_same_transaction(hand, store, district):
    before = len(await published(store))
    receipt = await hand.split(
        "MUONG-CANG-1",
        into=["MUONG-CANG-2"],
        founding=[{"organization": "MUONG-CANG-3", "name": "Chi bộ bản Mường Cang 3"}],
    )

    assert "organization-MUONG-CANG-1" == receipt.subject
    assert [("OrganizationFounded", "MUONG-CANG-3"), ("OrganizationSplit", "MUONG-CANG-1")] == (
        await published(store)
    )[before:]
    founded = await found_in(store, "MUONG-CANG-3")
    assert ("SUBORDINATE_CELL", "MUONG-CANG", "2025-07-01") == (
        founded.kind,
        founded.parent,
        founded.founded_on,
    )


async def test_what_a_split_founds_stands_under_the_heir_of_a_parent_that_was_merged(hand, store, district):
    await hand.merge("MUONG-KIM", "MUONG-CANG")
    await hand.split("MUONG-KIM-1", founding=[{"organization": "KIM-3", "name": "Chi bộ bản Kim 3"}])

    assert "MUONG-CANG" == (await found_in(store, "KIM-3")).parent


async def test_of_a_split_that_is_refused_nothing_is_stored(hand, store, district):
    before = await store.head()
    new = {"organization": "MUONG-CANG-3", "name": "Chi bộ bản Mường Cang 3"}
    with pytest.raises(CodeTaken, match="MUONG-CANG-2 is taken"):
        await hand.split("MUONG-CANG-1", founding=[new, new | {"organization": "MUONG-CANG-2"}])
    with pytest.raises(UnknownSuccessor):
        await hand.split("MUONG-CANG-1", founding=[new], into=["NOWHERE"])
    with pytest.raises(ParentCannotHold):
        await hand.split("MUONG-CANG-1", founding=[new | {"kind": "DISTRICT_COMMITTEE"}])

    assert before == await store.head()


async def test_a_split_takes_the_members_it_names_along_and_the_rest_stay(hand, store, district):
    for number in range(4):
        await hand.admit(f"M-{number}", "MUONG-CANG-1")
    before = len(await published(store))

    receipt = await hand.split("MUONG-CANG-1", **INTO_TWO, transfers=[to("M-1", NEW), to("M-2", OLD)])

    assert [
        ("OrganizationFounded", NEW),
        ("MemberTransferred", NEW),
        ("MemberTransferred", OLD),
        ("OrganizationSplit", "MUONG-CANG-1"),
    ] == (await published(store))[before:]
    assert await store.head() == receipt.position
    assert ["MUONG-CANG-1", NEW, OLD, "MUONG-CANG-1"] == [
        (await hand.registry.members.find(f"M-{number}")).organization for number in range(4)
    ]


async def test_of_a_split_whose_members_cannot_go_nothing_is_stored(hand, store, district):
    await hand.admit("M-1", "MUONG-CANG-1")
    await hand.admit("M-2", "MUONG-CANG-2")
    before = await store.head()
    for reason, stray in ((NotAtThisCell, "M-2"), (NotFound, "NOBODY")):
        with pytest.raises(reason, match=stray):
            await hand.split("MUONG-CANG-1", **INTO_TWO, transfers=[to("M-1", NEW), to(stray, NEW)])
    with pytest.raises(NotACell):
        await hand.split("MUONG-CANG-1", into=["TAN-UYEN"], transfers=[to("M-1", "TAN-UYEN")])
    with pytest.raises(Overtaken, match="M-1"):
        await hand.split("MUONG-CANG-1", by("2024-01-31"), into=["MUONG-CANG-2"], transfers=[to("M-1", OLD)])

    assert before == await store.head()


async def test_members_who_came_with_a_merger_go_along_with_a_split(hand, store, district):
    await hand.admit("M-1", "MUONG-CANG-2")
    await hand.merge("MUONG-CANG-2", "MUONG-CANG-1")

    await hand.split("MUONG-CANG-1", into=["MUONG-KIM-1"], transfers=[to("M-1", "MUONG-KIM-1")])

    assert "MUONG-KIM-1" == (await hand.registry.members.find("M-1")).organization


async def test_a_member_is_in_one_cell_when_a_transfer_comes_at_the_moment_of_a_split(hand, store, district):
    release = {"organization": "MUONG-CANG-1", "to": "MUONG-KIM-1", "kind": "OFFICIAL"}
    for number in range(6):
        member = {"member": f"M-{number}", "decision": REFORM["decision"]}
        await hand.admit(f"M-{number}", "MUONG-CANG-1")
        days = {"released_on": "2025-06-20", "accept_by": "2025-07-10"}
        await hand.registry.memberships.release(ReleaseMember(**member, **release, **days), hand.asked)
        accepted = TransferMember(**member, organization="MUONG-KIM-1", transferred_on="2025-07-01")
        await asyncio.gather(
            hand.registry.memberships.transfer(accepted, hand.asked),
            hand.split("MUONG-CANG-1", into=["MUONG-CANG-2"], transfers=[to(f"M-{number}", OLD)]),
            return_exceptions=True,
        )

        told = [publish(fact) for _, fact, _ in await Store("registry", store.pool).read(0, 1_000)]
        moves = [one for one in told if isinstance(one, MemberTransferred) and one.member == f"M-{number}"]
        places = ["MUONG-CANG-1", *(one.organization for one in moves)]
        assert places[:-1] == [one.origin for one in moves]


@pytest.mark.parametrize(
    "transfers",
    [
        [to("M-1", "MUONG-KIM-1")],
        [to("M-1", "MUONG-CANG-1")],
        [to("M-1", NEW), to("M-1", OLD)],
        [to("M-1", NEW), to("M-1", NEW)],
    ],
)
def test_a_split_sends_each_member_once_and_to_a_successor(transfers):
    with pytest.raises(ValidationError, match="a split sends"):
        SplitOrganization(organization="MUONG-CANG-1", **INTO_TWO, transfers=transfers, **REFORM)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"into": ["A-1", "A-1"]},
        {"into": ["A-1"], "founding": [{"organization": "A-1", "name": "A"}]},
        {"into": [f"A-{n}" for n in range(50)], "founding": [{"organization": "B-1", "name": "B"}]},
    ],
)
def test_a_split_names_each_of_1_to_50_successors_once(parts):
    with pytest.raises(ValidationError, match="a split names"):
        SplitOrganization(organization="MUONG-CANG-1", **parts, **REFORM)
