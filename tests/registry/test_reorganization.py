"""Reorganizations on a real log: what they rest on, what comes at the same moment, the reform of 2025."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.chassis.eventlog.store import Store
from services.registry.application import (
    AdmitMember,
    DissolveOrganization,
    FoundOrganization,
    MergeOrganization,
    MoveOrganization,
    Registry,
    RenameOrganization,
    SigningKeys,
    SplitOrganization,
    admission_ages,
)
from services.registry.domain.organization import (
    BeneathItself,
    CannotKeepMembers,
    NotEmpty,
    NotFounded,
    OccupiedLater,
    Organization,
    OrganizationEnded,
    ParentCannotHold,
    UnknownParent,
    UnknownSuccessor,
)
from services.registry.domain.words import DateInFuture
from services.registry.persons import Persons
from services.registry.publication import publish
from tests.logs import log_of, prepared
from tests.registry.conftest import MASTER_KEY

pytestmark = pytest.mark.anyio

NOW = datetime(2025, 9, 1, 5, tzinfo=UTC)
REFORM = {
    "effective_on": "2025-07-01",
    "decision": {"number": "1205-QĐ/TU", "date": "2025-06-27"},
}
COMMUNES = ("MUONG-CANG", "MUONG-KIM", "PHUC-THAN")


@pytest.fixture
async def store(database):
    async with log_of("registry", database, clock=lambda: NOW) as store:
        yield store


@pytest.fixture
async def hand(registry, asked):
    """Somebody who asks, and founds and admits in few words."""
    return Hand(registry, asked)


class Hand:
    def __init__(self, registry, asked):
        self.registry, self.asked = registry, asked
        self.organizations = registry.organizations

    async def found(self, code, kind, parent=None, on="2000-01-01"):
        command = {"organization": code, "name": f"Organization {code}", "kind": kind, "founded_on": on}
        return await self.organizations.found(FoundOrganization(**command, parent=parent), self.asked)

    async def admit(self, code, organization):
        command = AdmitMember(
            member=code,
            organization=organization,
            decision={"number": "1-QĐ/ĐU", "date": "2024-01-01"},
            ceremony_on="2024-02-01",
            standing="FULL",
        )
        return await self.registry.members.admit(command, self.asked)

    async def rename(self, code, name, by=REFORM):
        return await self.organizations.rename(
            RenameOrganization(organization=code, name=name, **by), self.asked
        )

    async def move(self, code, parent, by=REFORM):
        return await self.organizations.move(
            MoveOrganization(organization=code, parent=parent, **by), self.asked
        )

    async def merge(self, code, into, by=REFORM):
        return await self.organizations.merge(
            MergeOrganization(organization=code, into=into, **by), self.asked
        )

    async def split(self, code, by=REFORM, **parts):
        return await self.organizations.split(SplitOrganization(organization=code, **parts, **by), self.asked)

    async def dissolve(self, code, by=REFORM):
        return await self.organizations.dissolve(DissolveOrganization(organization=code, **by), self.asked)


@pytest.fixture
async def district(hand):
    """A province with a district of three communes, each with two cells, and a second district."""
    await hand.found("LAI-CHAU", "PROVINCIAL_COMMITTEE")
    await hand.found("THAN-UYEN", "DISTRICT_COMMITTEE", "LAI-CHAU")
    await hand.found("TAN-UYEN", "DISTRICT_COMMITTEE", "LAI-CHAU")
    for commune in COMMUNES:
        await hand.found(commune, "GRASSROOTS_COMMITTEE", "THAN-UYEN")
        for number in (1, 2):
            await hand.found(f"{commune}-{number}", "SUBORDINATE_CELL", commune)


def by(day):
    return REFORM | {"effective_on": day}


async def published(store):
    """Return what was published, by name and about whom, in order."""
    log = await Store("registry", store.pool).read(0, 1_000)
    events = [publish(fact) for _, fact, _ in log]
    return [(type(event).__name__, event.organization) for event in events if event]


async def found_in(store, code):
    return await store.find(Organization, Organization.id_for(code))


# -- The reform of 2025: the district level ends, communes stand directly under the province


async def test_the_district_level_ends_and_communes_stand_under_the_province(hand, store, district):
    before = len(await published(store))
    with pytest.raises(NotEmpty, match="still holds 3: MUONG-CANG, MUONG-KIM, PHUC-THAN"):
        await hand.dissolve("THAN-UYEN")
    for commune in COMMUNES:
        await hand.move(commune, "LAI-CHAU")
    await hand.dissolve("THAN-UYEN")
    await hand.dissolve("TAN-UYEN")
    await hand.rename("MUONG-CANG", "Đảng bộ xã Than Uyên")

    assert [
        *(("OrganizationMoved", commune) for commune in COMMUNES),
        ("OrganizationDissolved", "THAN-UYEN"),
        ("OrganizationDissolved", "TAN-UYEN"),
        ("OrganizationRenamed", "MUONG-CANG"),
    ] == (await published(store))[before:]
    assert await hand.organizations.stands_beneath("MUONG-CANG-1", "LAI-CHAU")
    assert not await hand.organizations.stands_beneath("MUONG-CANG-1", "THAN-UYEN")
    assert {"LAI-CHAU"} == {(await found_in(store, commune)).parent for commune in COMMUNES}


async def test_nothing_is_founded_or_admitted_where_the_reform_left_nobody(hand, district):
    await hand.dissolve("TAN-UYEN")
    await hand.dissolve("MUONG-KIM-2")

    with pytest.raises(OrganizationEnded, match="TAN-UYEN was dissolved on 2025-07-01"):
        await hand.found("NEW-C-1", "GRASSROOTS_CELL", "TAN-UYEN")
    with pytest.raises(OrganizationEnded):
        await hand.move("MUONG-CANG", "TAN-UYEN")
    with pytest.raises(OrganizationEnded):
        await hand.admit("M-1", "MUONG-KIM-2")


async def test_communes_merge_and_their_cells_come_with_them(hand, store, district):
    for commune in COMMUNES:
        await hand.move(commune, "LAI-CHAU")
    await hand.merge("MUONG-KIM", "MUONG-CANG")

    assert await hand.organizations.stands_beneath("MUONG-KIM-1", "MUONG-CANG")
    assert not await hand.organizations.stands_beneath("MUONG-KIM-1", "MUONG-KIM")
    await hand.found("MUONG-CANG-3", "SUBORDINATE_CELL", "MUONG-CANG", "2025-07-02")
    with pytest.raises(OrganizationEnded, match="merged into MUONG-CANG"):
        await hand.found("MUONG-KIM-3", "SUBORDINATE_CELL", "MUONG-KIM", "2025-07-02")


async def test_a_district_may_be_dissolved_whose_communes_went_by_merger(hand, district):
    await hand.merge("THAN-UYEN", "TAN-UYEN", by("2025-06-30"))
    with pytest.raises(NotEmpty, match="still holds 3: MUONG-CANG"):
        await hand.dissolve("TAN-UYEN")
    for commune in COMMUNES:
        await hand.move(commune, "LAI-CHAU")
    with pytest.raises(OccupiedLater, match="2025-07-01"):
        await hand.dissolve("TAN-UYEN", by("2025-06-30"))

    await hand.dissolve("TAN-UYEN")


# -- The tree has no ring, on no day


async def test_nothing_is_moved_beneath_itself(hand, district):
    await hand.merge("MUONG-KIM", "MUONG-CANG")
    await hand.found("CANG-SUB", "SUB_COMMITTEE", "MUONG-CANG")

    with pytest.raises(BeneathItself):
        await hand.move("MUONG-CANG", "MUONG-CANG-1")
    with pytest.raises(BeneathItself):
        await hand.merge("THAN-UYEN", "MUONG-CANG")
    with pytest.raises(BeneathItself, match="MUONG-KIM-1 is beneath MUONG-CANG"):
        await hand.merge("MUONG-CANG", "MUONG-KIM-1")


async def test_a_ring_on_a_day_in_the_past_is_refused_too(hand, district):
    """CANG-SUB stood beneath MUONG-CANG until 1 July, so on 1 June the latter cannot have ended in it."""
    await hand.found("CANG-SUB", "SUB_COMMITTEE", "MUONG-CANG")
    await hand.found("CELL-1", "SUBORDINATE_CELL", "CANG-SUB")
    await hand.move("CANG-SUB", "MUONG-KIM")

    with pytest.raises(BeneathItself):
        await hand.merge("MUONG-CANG", "CANG-SUB", by("2025-06-01"))
    await hand.merge("MUONG-CANG", "CANG-SUB")


async def test_of_two_mergers_at_once_that_would_close_a_ring_one_is_refused(hand, store, district):
    outcomes = await asyncio.gather(
        hand.merge("MUONG-CANG", "MUONG-KIM"), hand.merge("MUONG-KIM", "MUONG-CANG"), return_exceptions=True
    )

    assert ["OrganizationEnded", "Receipt"] == sorted(type(outcome).__name__ for outcome in outcomes)


# -- What happens at the same moment


async def test_no_founding_stands_after_the_end_of_its_parent(hand, store, district):
    outcomes = await asyncio.gather(
        *(hand.found(f"NEW-{n}", "GRASSROOTS_CELL", "TAN-UYEN") for n in range(5)),
        hand.dissolve("TAN-UYEN"),
        *(hand.found(f"NEW-{n}", "GRASSROOTS_CELL", "TAN-UYEN") for n in range(5, 10)),
        return_exceptions=True,
    )

    stored = await published(store)
    if ("OrganizationDissolved", "TAN-UYEN") in stored:
        assert not any(code.startswith("NEW") for _, code in stored)
    else:
        assert isinstance(outcomes[5], NotEmpty)
        assert 10 == sum(code.startswith("NEW") for _, code in stored)


async def test_no_admission_stands_after_the_end_of_its_cell(hand, store, database, district):
    """Asked of two processes at once, again and again: a cell that ended has no member."""
    async with log_of("registry", database, clock=lambda: NOW) as second:
        other = Registry.on(
            second,
            await prepared(Persons(second.pool, MASTER_KEY)),
            admission_ages(),
            SigningKeys(MASTER_KEY),
        )
        theirs = Hand(other, hand.asked)
        cells = [f"{commune}-{number}" for commune in COMMUNES for number in (1, 2)]
        for cell in cells:  # everyone remembers each cell
            await hand.organizations.known(cell, NotFounded)
            await theirs.organizations.known(cell, NotFounded)
        for number, cell in enumerate(cells):
            outcomes = await asyncio.gather(
                *(hand.admit(f"A-{number}-{n}", cell) for n in range(2 + number)),
                theirs.dissolve(cell),
                *(theirs.admit(f"B-{number}-{n}", cell) for n in range(3)),
                return_exceptions=True,
            )
            assert {"Receipt", "NotEmpty", "OrganizationEnded"} >= {type(one).__name__ for one in outcomes}

    stored = await published(store)
    ended = {code for name, code in stored if name == "OrganizationDissolved"}
    assert not ended & {code for name, code in stored if name == "MemberAdmitted"}


# -- Merged


async def test_a_cell_is_merged_into_the_committee_above_it(hand, district):
    await hand.admit("M-1", "MUONG-CANG-1")

    await hand.merge("MUONG-CANG-1", "MUONG-CANG")
    await hand.move("MUONG-CANG-2", "MUONG-KIM")
    with pytest.raises(NotEmpty, match="M-1"):
        await hand.dissolve("MUONG-CANG")


async def test_a_merger_of_different_kinds_asks_where_everyone_would_stand(hand, district):
    await hand.admit("M-1", "MUONG-CANG-1")
    with pytest.raises(CannotKeepMembers):
        await hand.merge("MUONG-CANG-1", "LAI-CHAU")
    with pytest.raises(ParentCannotHold, match="SUBORDINATE_CELL"):
        await hand.merge("MUONG-CANG", "LAI-CHAU")

    await hand.merge("THAN-UYEN", "LAI-CHAU")
    assert await hand.organizations.stands_beneath("MUONG-CANG-1", "LAI-CHAU")
    assert not await hand.organizations.stands_beneath("MUONG-CANG-1", "THAN-UYEN")


# -- What is not known


async def test_what_nobody_founded_is_not_reorganized(hand, district):
    for change in (hand.rename("NOBODY", "X"), hand.dissolve("NOBODY"), hand.split("NOBODY", into=["X-1"])):
        with pytest.raises(NotFounded):
            await change
    with pytest.raises(NotFounded):
        await hand.move("NOBODY", "LAI-CHAU")
    with pytest.raises(UnknownParent):
        await hand.move("MUONG-CANG", "NOBODY")
    with pytest.raises(UnknownSuccessor):
        await hand.merge("MUONG-CANG", "NOBODY")


async def test_nothing_is_reorganized_before_its_day(hand, district):
    with pytest.raises(DateInFuture):
        await hand.dissolve("TAN-UYEN", by("2025-09-02"))
