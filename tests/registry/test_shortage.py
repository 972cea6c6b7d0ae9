"""A cell needs three full members: with fewer it decides nothing, and that it fell short is told."""

import asyncio
from datetime import date

import pytest

from contracts.registry_findings import CellFellBelowMinimum
from services.chassis.sizes import PACK, cell_sizes
from services.chassis.stated import Parameters
from services.registry.application import (
    AdmitMember,
    EndMembership,
    ExemptMember,
    FoundOrganization,
    MergeOrganization,
    RecognizeMember,
    ReleaseMember,
    SplitOrganization,
    TransferMember,
)
from services.registry.domain.shortage import Left, Shortage, TooFewFullMembers
from services.registry.publication import publish
from services.registry.reactions import OnLeft
from tests.logs import prepared
from tests.registry.test_application import CELL, DISTRICT, PROVINCE
from tests.spec import fact, spec
from tests.telling import Telling

DECISION = {"number": "7-QĐ/ĐU", "date": "2024-12-20"}
FALL = {"fell_on": "2024-12-10", "full_members": 2, "minimum": 3, "rules": "cell-sizes 1"}
noted = fact(Shortage.Noted, organization="TU-C-001", **FALL)
noted_again = fact(Shortage.NotedAgain, organization="TU-C-001", **FALL | {"fell_on": "2024-12-12"})
given = spec(Shortage)


# -- The rule


def test_the_sizes_and_their_sources_are_data():
    sizes = cell_sizes()
    stated = Parameters.read(PACK).rules

    assert ("cell-sizes 1", 3, 30) == (sizes.name, sizes.full_members_min, sizes.committee_members_from)
    assert all("Party Charter (2011-01-19)" in str(rule.document) for rule in stated)
    assert {"LEGAL_MANDATORY"} == {rule.legal_tag for rule in stated}


def test_a_shortage_is_noted_once_for_a_day_and_a_number():
    left = Left("TU-C-001", **FALL)

    given().when(Shortage.note, left).then(noted)
    given(noted).when(Shortage.note_again, left).then()
    given(noted).when(Shortage.note_again, Left("TU-C-001", **FALL | {"fell_on": "2024-12-12"})).then(
        noted_again
    )


# -- A cell on a real log

pytestmark = pytest.mark.anyio
OTHER = CELL | {"organization": "TU-C-002", "name": "Chi bộ Thuế"}


def member(code, standing="FULL", cell="TU-C-001"):
    long_ago = {"decision": {"number": "31-QĐ/HU", "date": "2023-11-04"}, "ceremony_on": "2023-11-20"}
    return AdmitMember(member=code, organization=cell, standing=standing, **long_ago)


def recognition(code="M-P", cell="TU-C-001", decided="2024-12-20"):
    decision = DECISION | {"date": decided}
    return RecognizeMember(member=code, organization=cell, decision=decision)


def end(code, on="2024-12-10", cell="TU-C-001"):
    return EndMembership(member=code, organization=cell, ended_on=on, reason="LEFT")


def exemption(code="M-1", cell="TU-C-001"):
    return ExemptMember(
        member=code, organization=cell, exempted_on="2024-12-20", ground="ABROAD", decision=DECISION
    )


@pytest.fixture
async def cells(registry, asked):
    """Two cells; in the first four full members and one whose probation ended on 2024-11-20."""
    for organization in (PROVINCE, DISTRICT, CELL, OTHER):
        await registry.organizations.found(FoundOrganization(**organization), asked)
    everyone = [member(f"M-{n}") for n in range(1, 5)]
    for one in [*everyone, member("M-P", "PROBATIONARY")]:
        await registry.members.admit(one, asked)
    await registry.shortages.roll.prepare()


@pytest.fixture
async def leave(registry, asked):
    """Return what lets a member go to the other cell for good or for a while, or end."""

    async def leaving(code, on="2024-12-10", kind="OFFICIAL"):
        terms = {"member": code, "decision": DECISION | {"date": "2024-12-01"}}
        away = terms | {"organization": "TU-C-001", "to": "TU-C-002", "released_on": on, "kind": kind}
        await registry.memberships.release(ReleaseMember(**away), asked)
        there = terms | {"organization": "TU-C-002", "transferred_on": on}
        await registry.memberships.transfer(TransferMember(**there), asked)

    return leaving


@pytest.fixture
async def policy(store, registry):
    return await prepared(OnLeft(store.pool, registry.shortages))


async def heard(policy, store):
    """Let the policy hear everything that was published; return the shortages told of."""
    tell = Telling()
    told = [event for recorded in await store.read(0, 1_000) if (event := publish(recorded.fact))]
    await policy.apply([tell(event) for event in told])
    events = [publish(recorded.fact) for recorded in await store.read(0, 1_000)]
    return [event for event in events if isinstance(event, CellFellBelowMinimum)]


async def test_a_transfer_that_leaves_two_full_members_is_told_and_blocks_what_the_cell_decides(
    registry, asked, cells, leave, policy, store
):
    await leave("M-1")
    assert [] == await heard(policy, store)

    await leave("M-2", on="2024-12-12")
    [fell] = await heard(policy, store)

    assert (
        CellFellBelowMinimum(
            organization="TU-C-001", fell_on="2024-12-12", full_members=2, minimum=3, rules="cell-sizes 1"
        )
        == fell
    )
    before = await store.head()
    for refused in (
        registry.memberships.recognize(recognition(), asked),
        registry.memberships.exempt(exemption("M-3"), asked),
    ):
        with pytest.raises(TooFewFullMembers, match="TU-C-001 has 2 full members on 2024-12-20"):
            await refused
    assert before == await store.head()


async def test_three_full_members_may_decide(registry, asked, cells, leave):
    await leave("M-1")

    await registry.memberships.recognize(recognition(), asked)
    await registry.memberships.exempt(exemption("M-2"), asked)

    assert "FULL" == (await registry.members.find("M-P")).standing


async def test_a_cell_that_its_superior_sent_members_decides_again(
    registry, asked, cells, leave, policy, store
):
    await leave("M-1")
    await leave("M-2")
    await heard(policy, store)
    await registry.members.admit(member("M-9"), asked)

    await registry.memberships.recognize(recognition(), asked)
    await registry.memberships.exempt(exemption("M-3"), asked)


async def test_a_cell_that_merges_is_as_many_as_both(registry, asked, cells, leave, policy, store):
    await leave("M-1")
    await leave("M-2")
    merger = {"organization": "TU-C-001", "into": "TU-C-002", "effective_on": "2024-12-15"}
    await registry.organizations.merge(MergeOrganization(**merger, decision=DECISION), asked)

    await registry.memberships.recognize(recognition(cell="TU-C-002"), asked)

    assert "TU-C-002" == (await registry.members.find("M-P")).organization
    assert [] == await heard(policy, store)


async def test_it_counts_who_was_there_on_the_day_of_the_decision(registry, asked, cells, leave):
    await leave("M-1", on="2024-12-10")
    await leave("M-2", on="2024-12-12")

    with pytest.raises(TooFewFullMembers):
        await registry.memberships.recognize(recognition(decided="2024-12-12"), asked)
    await registry.memberships.recognize(recognition(decided="2024-12-11"), asked)


async def test_who_is_away_for_a_while_is_not_there_to_decide(registry, asked, cells, leave):
    await leave("M-1")
    await leave("M-2", kind="TEMPORARY")

    with pytest.raises(TooFewFullMembers):
        await registry.memberships.recognize(recognition(), asked)


async def test_a_split_that_leaves_too_few_is_told_as_well(registry, asked, cells, policy, store):
    going = [{"member": f"M-{n}", "to": "TU-C-002"} for n in (1, 2)]
    split = {"organization": "TU-C-001", "into": ["TU-C-002"], "effective_on": "2024-12-10"}
    await registry.organizations.split(SplitOrganization(**split, transfers=going, decision=DECISION), asked)

    assert [("TU-C-001", 2)] == [(e.organization, e.full_members) for e in await heard(policy, store)]


async def test_each_day_on_which_somebody_leaves_too_few_is_told(registry, asked, cells, policy, store):
    for code, on in (("M-1", "2024-12-01"), ("M-2", "2024-12-02")):
        await registry.memberships.end(end(code, on), asked)
    await heard(policy, store)
    await registry.memberships.end(end("M-3", "2024-12-03"), asked)

    await heard(policy, store)
    again = await heard(policy, store)

    assert [(date(2024, 12, 2), 2), (date(2024, 12, 3), 1)] == [(e.fell_on, e.full_members) for e in again]


async def test_a_probationary_member_who_leaves_makes_no_cell_smaller(registry, asked, cells, policy, store):
    await registry.memberships.end(end("M-1", "2024-12-01"), asked)
    await registry.memberships.end(end("M-P", "2024-12-02"), asked)

    assert [] == await heard(policy, store)


async def test_a_committee_that_keeps_members_is_no_cell(registry, asked, cells, policy, store):
    committee = CELL | {"organization": "TU-K-001", "kind": "GRASSROOTS_COMMITTEE", "parent": "THAN-UYEN"}
    await registry.organizations.found(FoundOrganization(**committee), asked)
    for one in (member("K-1", cell="TU-K-001"), member("K-P", "PROBATIONARY", cell="TU-K-001")):
        await registry.members.admit(one, asked)
    await registry.memberships.recognize(recognition("K-P", "TU-K-001"), asked)
    await registry.memberships.end(end("K-1", cell="TU-K-001"), asked)

    assert [] == await heard(policy, store)


async def test_a_cell_whose_full_members_were_never_told_is_not_judged(registry, asked, cells):
    await registry.members.admit(member("M-Q", "PROBATIONARY", cell="TU-C-002"), asked)

    await registry.memberships.recognize(recognition("M-Q", "TU-C-002"), asked)


async def test_nobody_leaves_between_the_count_and_the_record(registry, asked, cells, leave, store):
    """One of the three leaves while a decision that rests on them is made: it is made anew, and refused."""
    await leave("M-1")

    deciding = registry.memberships.recognize(recognition(), asked)
    leaving = registry.memberships.end(end("M-2"), asked)
    outcomes = await asyncio.gather(deciding, leaving, return_exceptions=True)

    facts = [type(recorded.fact).__name__ for recorded in await store.read(0, 1_000)]
    decided = not isinstance(outcomes[0], TooFewFullMembers)
    assert decided == (facts.index("Recognized") < facts.index("Ended") if "Recognized" in facts else False)
