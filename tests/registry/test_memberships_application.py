"""What becomes of members, on a real log and over HTTP: two cells that hand over, and who may ask."""

import asyncio

import pytest

from services.chassis.edge.rights import Rights
from services.chassis.errors import NotFound
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.registry.api import routes
from services.registry.application import (
    AdmitMember,
    DissolveOrganization,
    EndMembership,
    ExemptMember,
    FoundOrganization,
    MergeOrganization,
    RecognizeMember,
    ReleaseMember,
    TransferMember,
)
from services.registry.domain.member import CellNotFounded, Member, NotAtThisCell, TooFewInFavour
from services.registry.domain.organization import NotEmpty, OccupiedLater
from services.registry.publication import publish
from tests.edges import AUTH, bearer, edge_of
from tests.logs import prepared
from tests.registry.test_application import CELL, DISTRICT, LAN, PROVINCE
from tests.telling import Telling

pytestmark = pytest.mark.anyio

OTHER = CELL | {"organization": "TU-C-002", "name": "Chi bộ Thuế"}
LONG_AGO = LAN | {"decision": {"number": "31-QĐ/HU", "date": "2023-11-04"}, "ceremony_on": "2023-11-20"}
DECISION = {"number": "7-QĐ/ĐU", "date": "2024-12-01"}
HERE = {"member": "M-0042", "organization": "TU-C-001", "decision": DECISION}
THERE = HERE | {"organization": "TU-C-002"}
RELEASE = HERE | {"to": "TU-C-002", "kind": "OFFICIAL", "released_on": "2024-12-03"}
TRANSFER = THERE | {"transferred_on": "2024-12-10"}


@pytest.fixture
async def lan(registry, asked):
    """Two cells of a district, and a member of the first whose probation ended on 2024-11-20."""
    for organization in (PROVINCE, DISTRICT, CELL, OTHER):
        await registry.organizations.found(FoundOrganization(**organization), asked)
    await registry.members.admit(AdmitMember(**LONG_AGO), asked)


async def test_a_member_who_was_released_and_accepted_is_at_the_other_cell(registry, asked, lan):
    await registry.memberships.release(ReleaseMember(**RELEASE), asked)
    assert "TU-C-001" == (await registry.members.find("M-0042")).organization

    await registry.memberships.transfer(TransferMember(**TRANSFER), asked)
    assert "TU-C-002" == (await registry.members.find("M-0042")).organization


async def test_where_a_member_came_from_survives_the_log(registry, asked, lan, store):
    await registry.memberships.release(ReleaseMember(**RELEASE), asked)
    await registry.memberships.transfer(TransferMember(**TRANSFER), asked)

    told = [publish(recorded.fact) for recorded in await store.read(6, 10)]
    assert ["TU-C-001"] == [event.origin for event in told]


async def test_a_vote_that_failed_stores_nothing(registry, asked, lan, store):
    before = await store.head()

    with pytest.raises(TooFewInFavour):
        await registry.memberships.recognize(
            RecognizeMember(**HERE | {"vote": {"summoned": 20, "in_favour": 13}}), asked
        )

    assert before == await store.head()


async def test_nobody_is_released_to_a_cell_that_is_not_known(registry, asked, lan):
    with pytest.raises(CellNotFounded):
        await registry.memberships.release(ReleaseMember(**RELEASE | {"to": "TU-C-999"}), asked)


async def test_nothing_becomes_of_a_member_nobody_admitted(registry, asked, lan):
    with pytest.raises(NotFound):
        await registry.memberships.exempt(
            ExemptMember(**HERE | {"member": "M-9999", "exempted_on": "2024-12-01", "ground": "ABROAD"}),
            asked,
        )


async def test_of_two_cells_that_take_a_member_at_once_the_released_one_does(registry, asked, lan, store):
    await registry.memberships.release(ReleaseMember(**RELEASE), asked)
    both = [registry.memberships.transfer(TransferMember(**TRANSFER), asked) for _ in range(2)]

    outcomes = await asyncio.gather(*both, return_exceptions=True)

    assert ["NotReleased", "Receipt"] == sorted(type(outcome).__name__ for outcome in outcomes)
    stored = [type(recorded.fact) for recorded in await store.read(5, 10)]
    assert [Member.Released, Member.Transferred] == stored


async def test_a_membership_that_ended_is_kept_with_its_day(registry, asked, lan):
    ending = {"member": "M-0042", "organization": "TU-C-001", "ended_on": "2024-12-05", "reason": "DECEASED"}

    await registry.memberships.end(EndMembership(**ending), asked)

    assert "2024-12-05" == (await registry.members.find("M-0042")).ended_on


MERGER = {
    "organization": "TU-C-001",
    "into": "TU-C-002",
    "effective_on": "2024-12-02",
    "decision": DECISION,
}


async def test_after_a_merger_the_cell_that_took_everyone_in_speaks_of_the_member(
    registry, asked, lan, store
):
    await registry.organizations.merge(MergeOrganization(**MERGER), asked)
    ending = {"member": "M-0042", "ended_on": "2024-12-05", "reason": "DECEASED"}

    with pytest.raises(NotAtThisCell):
        await registry.memberships.end(EndMembership(**ending | {"organization": "TU-C-001"}), asked)
    await registry.memberships.end(EndMembership(**ending | {"organization": "TU-C-002"}), asked)

    stored = [type(recorded.fact) for recorded in await store.read(6, 10)]
    assert [Member.Followed, Member.Ended] == stored


async def test_a_release_to_a_cell_that_merged_is_accepted_by_what_it_merged_into(registry, asked, lan):
    third = {"organization": "TU-C-003", "name": "Chi bộ Kho bạc"}
    await registry.organizations.found(FoundOrganization(**CELL | third), asked)
    await registry.memberships.release(ReleaseMember(**RELEASE), asked)
    merger = MERGER | {"organization": "TU-C-002", "into": "TU-C-003", "effective_on": "2024-12-04"}
    await registry.organizations.merge(MergeOrganization(**merger), asked)

    await registry.memberships.transfer(TransferMember(**TRANSFER | {"organization": "TU-C-003"}), asked)

    assert "TU-C-003" == (await registry.members.find("M-0042")).organization


async def test_a_cell_is_dissolved_when_its_members_have_gone_and_not_before_that_day(registry, asked, lan):
    dissolution = {"organization": "TU-C-001", "decision": DECISION}
    with pytest.raises(NotEmpty):
        await registry.organizations.dissolve(
            DissolveOrganization(**dissolution | {"effective_on": "2024-12-10"}), asked
        )
    await registry.memberships.release(ReleaseMember(**RELEASE), asked)
    await registry.memberships.transfer(TransferMember(**TRANSFER), asked)

    with pytest.raises(OccupiedLater):
        await registry.organizations.dissolve(
            DissolveOrganization(**dissolution | {"effective_on": "2024-12-09"}), asked
        )
    await registry.organizations.dissolve(
        DissolveOrganization(**dissolution | {"effective_on": "2024-12-10"}), asked
    )


# -- Over HTTP


@pytest.fixture
async def api(registry, store, lan):
    tree = await prepared(Tree(store.pool))
    tell = Telling()
    await tree.apply([tell(publish(recorded.fact)) for recorded in await store.read(0, 4)])
    async with edge_of("registry", routes(registry, Rights(tree, Officials(tree.pool)), AUTH)) as client:
        yield client


HOME, AWAY = bearer("secretary", "TU-C-001"), bearer("secretary", "TU-C-002")
OFFICER = bearer("officer", "THAN-UYEN")


def body(command):
    return {name: value for name, value in command.items() if name != "member"}


async def test_one_secretary_releases_and_the_other_accepts(api):
    released = await api.post("/members/M-0042/release", json=body(RELEASE), headers=HOME)
    accepted = await api.post("/members/M-0042/transfer", json=body(TRANSFER), headers=AWAY)

    assert (201, 201) == (released.status_code, accepted.status_code)
    assert "member-M-0042" == accepted.json()["subject"]
    shown = (await api.get("/members/M-0042", headers=AWAY)).json()
    assert "TU-C-002" == shown["organization"]


async def test_neither_secretary_speaks_for_the_other_cell(api):
    assert 403 == (await api.post("/members/M-0042/release", json=body(RELEASE), headers=AWAY)).status_code
    await api.post("/members/M-0042/release", json=body(RELEASE), headers=HOME)
    assert 403 == (await api.post("/members/M-0042/transfer", json=body(TRANSFER), headers=HOME)).status_code


async def test_a_member_is_recognized_exempted_reinstated_and_ended(api):
    vote = {"vote": {"summoned": 20, "in_favour": 14}}
    for way, said in (
        ("recognition", vote),
        ("exemption", {"exempted_on": "2024-12-01", "ground": "MATERNITY"}),
        ("reinstatement", {"reinstated_on": "2024-12-02"}),
        ("end", {"ended_on": "2024-12-03", "reason": "LEFT"}),
    ):
        response = await api.post(f"/members/M-0042/{way}", json=body(HERE | said), headers=OFFICER)
        assert (201, way) == (response.status_code, way)

    shown = (await api.get("/members/M-0042", headers=OFFICER)).json()
    assert {
        "standing": "FULL",
        "full_from": "2024-11-20",
        "party_age_from": "2023-11-04",
        "ended_on": "2024-12-03",
        "exempted_on": None,
        "released": None,
    }.items() <= shown.items()


async def test_who_waits_to_be_accepted_is_shown_with_the_last_day(api):
    await api.post("/members/M-0042/release", json=body(RELEASE), headers=HOME)

    shown = (await api.get("/members/M-0042", headers=HOME)).json()

    assert {"to": "TU-C-002", "kind": "OFFICIAL", "accept_by": "2025-01-02"} == shown["released"]


async def test_a_refusal_names_its_rule(api):
    response = await api.post(
        "/members/M-0042/recognition",
        json=body(HERE | {"vote": {"summoned": 20, "in_favour": 21}}),
        headers=OFFICER,
    )

    assert (409, "MoreInFavourThanSummoned") == (response.status_code, response.json()["title"])


@pytest.mark.parametrize(
    "broken",
    [
        {"vote": {"summoned": 0, "in_favour": 0}},
        {"vote": {"summoned": 20}},
        {"full_from": "20.11.2024"},
        {"member": "M-0042"},
    ],
)
async def test_a_bad_shape_reaches_no_rule(api, broken):
    response = await api.post("/members/M-0042/recognition", json=body(HERE) | broken, headers=OFFICER)

    assert 422 == response.status_code


async def test_an_auditor_changes_nothing(api):
    response = await api.post("/members/M-0042/release", json=body(RELEASE), headers=bearer("auditor"))

    assert 403 == response.status_code
