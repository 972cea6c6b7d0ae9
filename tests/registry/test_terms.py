"""Terms that end because something else does: on a real log, and what is told of it."""

import asyncio
from datetime import date

import pytest

from contracts.registry import OfficialRelieved
from services.registry.application import (
    AppointOfficial,
    EndMembership,
    ReleaseMember,
    RelieveOfficial,
    SetAdmissionTarget,
    SetTarget,
    TransferMember,
)
from services.registry.domain.official import BelongsElsewhere, Officials
from services.registry.domain.organization import OrganizationEnded
from services.registry.domain.words import Overtaken
from services.registry.publication import publish
from tests.registry import test_officials, test_reorganization
from tests.registry.test_officials import held, read
from tests.registry.test_reorganization import REFORM

pytestmark = pytest.mark.anyio

store, hand, district = test_reorganization.store, test_reorganization.hand, test_reorganization.district
view = test_officials.view

CELL, OTHER, COMMUNE, ELSEWHERE = "MUONG-CANG-1", "MUONG-CANG-2", "MUONG-CANG", "MUONG-KIM-1"
DECISION = REFORM["decision"]
JULY = date(2025, 7, 1)


@pytest.fixture
async def offices(hand, district):
    """A member who is secretary of the cell, deputy of the commune and sits in the district's committee."""
    await hand.admit("M-1", CELL)
    await hand.admit("M-2", CELL)
    for organization, position in (
        (CELL, "SECRETARY"),
        (COMMUNE, "DEPUTY_SECRETARY"),
        ("THAN-UYEN", "COMMITTEE_MEMBER"),
    ):
        await appoint(hand, "M-1", organization, position)


async def appoint(hand, member, organization, position="SECRETARY", on="2025-01-15"):
    command = AppointOfficial(
        member=member, organization=organization, position=position, from_on=on, decision=DECISION
    )
    return await hand.registry.officials.appoint(command, hand.asked)


async def release(hand, to, kind="OFFICIAL", member="M-1"):
    command = ReleaseMember(
        member=member, organization=CELL, to=to, kind=kind, released_on="2025-06-20", decision=DECISION
    )
    await hand.registry.memberships.release(command, hand.asked)


async def transfer(hand, to, kind="OFFICIAL", member="M-1"):
    await release(hand, to, kind, member)
    command = TransferMember(member=member, organization=to, transferred_on="2025-07-01", decision=DECISION)
    return await hand.registry.memberships.transfer(command, hand.asked)


async def end(hand, member="M-1", on="2025-07-01"):
    command = EndMembership(member=member, organization=CELL, ended_on=on, reason="DECEASED")
    return await hand.registry.memberships.end(command, hand.asked)


async def reliefs(store):
    """Return of each relief told: where, who, why."""
    events = [publish(recorded.fact) for recorded in await store.read(0, 1_000)]
    return [
        (one.organization, one.member, one.caused_by) for one in events if isinstance(one, OfficialRelieved)
    ]


# -- With a membership


@pytest.mark.parametrize(("begun", "over"), [(0, 0), (1, 0), (1, 1)], ids=["at once", "two", "one by one"])
async def test_a_term_that_was_over_ends_earlier_with_a_membership_that_ended_before(
    hand, store, offices, view, begun, over
):
    await read(store, *[view] * begun)
    relief = {"member": "M-1", "organization": CELL, "position": "SECRETARY", "relieved_on": "2025-06-25"}
    await hand.registry.officials.relieve(RelieveOfficial(**relief), hand.asked)
    await read(store, *[view] * over)
    await end(hand, on="2025-06-10")
    await read(store, view)

    known = await hand.registry.officials.of(CELL)
    days = [date(2025, 6, day) for day in (9, 10, 24)]
    assert [{("M-1", "SECRETARY", date(2025, 1, 15))}, set(), set()] == [known.held_on(day) for day in days]
    assert [[("SECRETARY", "M-1")], [], []] == [held(await view.on(CELL, day)) for day in days]


async def test_with_a_membership_every_term_ends_on_that_day(hand, store, offices, view):
    receipt = await end(hand)
    await read(store, view)

    assert ("member-M-1", await store.head()) == (receipt.subject, receipt.position)
    assert [
        (CELL, "M-1", "MEMBERSHIP_ENDED"),
        (COMMUNE, "M-1", "MEMBERSHIP_ENDED"),
        ("THAN-UYEN", "M-1", "MEMBERSHIP_ENDED"),
    ] == await reliefs(store)
    assert 3 == len(await view.held_by("M-1", date(2025, 6, 30)))
    assert [] == await view.held_by("M-1", JULY)


async def test_where_a_secretary_died_another_is_appointed_from_the_same_day(hand, store, offices, view):
    await end(hand)
    await appoint(hand, "M-2", CELL, on="2025-07-01")
    await read(store, view)

    assert [("SECRETARY", "M-1")] == held(await view.on(CELL, date(2025, 6, 30)))
    assert [("SECRETARY", "M-2")] == held(await view.on(CELL, JULY))


async def test_nobody_ends_before_they_were_appointed(hand, store, offices):
    with pytest.raises(Overtaken):
        await end(hand, on="2025-01-14")


async def test_of_an_end_and_an_appointment_at_once_no_term_outlives_the_membership(hand, store, district):
    for number in range(6):
        member = f"M-{number}"
        await hand.admit(member, CELL)
        await asyncio.gather(
            appoint(hand, member, COMMUNE, "COMMITTEE_MEMBER"), end(hand, member), return_exceptions=True
        )

    officials = await store.look_up(Officials, Officials.id_for(COMMUNE))
    assert [] == [term for term in (officials.terms if officials else ()) if term.covers(JULY)]


# -- With a place


async def test_who_goes_for_good_keeps_what_is_above_the_new_cell_too(hand, store, offices, view):
    await transfer(hand, ELSEWHERE)
    await read(store, view)

    assert [(CELL, "M-1", "TRANSFER"), (COMMUNE, "M-1", "TRANSFER")] == await reliefs(store)
    assert ["THAN-UYEN"] == [one.organization for one in await view.held_by("M-1", JULY)]


async def test_who_goes_for_a_while_stays_an_official_at_home(hand, store, offices):
    """294-QĐ/TW 6.3.2c: a committee member who goes for a while stays one in the home organization."""
    await transfer(hand, ELSEWHERE, "TEMPORARY")
    await appoint(hand, "M-1", COMMUNE, "COMMITTEE_MEMBER", on="2025-07-02")

    assert [] == await reliefs(store)
    with pytest.raises(BelongsElsewhere, match="M-1 is in MUONG-CANG-1, not in MUONG-KIM-1"):
        await appoint(hand, "M-1", ELSEWHERE, on="2025-07-02")


async def test_who_goes_along_with_a_split_keeps_what_is_above_the_successor(hand, store, offices):
    await appoint(hand, "M-2", CELL, "DEPUTY_SECRETARY")
    new = {"organization": "KIM-3", "name": "Chi bộ bản Kim 3", "parent": "MUONG-KIM"}
    going = [{"member": "M-1", "to": OTHER}, {"member": "M-2", "to": "KIM-3"}]

    await hand.split(CELL, into=[OTHER], founding=[new], transfers=going)

    assert [(CELL, "M-1", "TRANSFER"), (CELL, "M-2", "TRANSFER")] == await reliefs(store)
    await appoint(hand, "M-2", "KIM-3", on="2025-07-01")


# -- With an organization


async def test_with_an_organization_that_is_merged_its_terms_end_and_no_other(hand, store, offices, view):
    await hand.merge(COMMUNE, "MUONG-KIM")
    await read(store, view)

    assert [(COMMUNE, "M-1", "ORGANIZATION_ENDED")] == await reliefs(store)
    assert [CELL, "THAN-UYEN"] == sorted(one.organization for one in await view.held_by("M-1", JULY))


async def test_with_an_organization_that_is_dissolved_its_terms_end(hand, store, offices):
    await transfer(hand, OTHER, member="M-1")
    await transfer(hand, OTHER, member="M-2")
    await appoint(hand, "M-1", CELL.replace("1", "2"), on="2025-07-01")
    await hand.move(COMMUNE, "LAI-CHAU")
    for commune in ("MUONG-KIM", "PHUC-THAN"):
        await hand.move(commune, "LAI-CHAU")

    await hand.dissolve("THAN-UYEN")

    assert ("THAN-UYEN", "M-1", "ORGANIZATION_ENDED") == (await reliefs(store))[-1]


async def test_an_organization_that_ended_appoints_nobody_and_has_no_targets(hand, store, offices):
    await hand.merge(COMMUNE, "MUONG-KIM")
    before = await store.head()
    target = {"organization": COMMUNE, "year": "2025", "set_on": "2025-01-10"}

    with pytest.raises(OrganizationEnded):
        await appoint(hand, "M-2", COMMUNE)
    with pytest.raises(OrganizationEnded):
        await hand.registry.targets.set_admissions(SetAdmissionTarget(**target, target=5), hand.asked)
    share = SetTarget(**target, measure="COVERAGE", percent="75")
    with pytest.raises(OrganizationEnded):
        await hand.registry.targets.set_share(share, hand.asked)

    assert before == await store.head()


async def test_of_a_merger_and_a_first_appointment_at_once_no_term_outlives_the_organization(
    hand, store, district
):
    """Where there was no list of officials yet, the merger rests on there being none."""
    for commune in ("MUONG-KIM", "PHUC-THAN"):
        for number in (1, 2):
            member, cell = f"M-{commune}-{number}", f"{commune}-{number}"
            await hand.admit(member, cell)
            await asyncio.gather(
                hand.merge(cell, "MUONG-CANG-1"), appoint(hand, member, cell), return_exceptions=True
            )
            officials = await store.look_up(Officials, Officials.id_for(cell))
            assert [] == [term for term in (officials.terms if officials else ()) if term.covers(JULY)]
