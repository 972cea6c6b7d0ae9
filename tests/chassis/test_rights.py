"""Where a caller may act: by their token's role and subtree, and by the offices they hold today."""

from typing import get_args

import pytest

from contracts.registry import OrganizationKind, Position
from services.chassis.edge.auth import Caller
from services.chassis.edge.rights import (
    OF_FIGURES,
    PACK,
    READERS,
    NotYours,
    Right,
    roles_by_office,
)
from services.chassis.errors import Forbidden, UnknownOrganization
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from tests.chassis.offices import TREE, Province, member
from tests.logs import prepared
from tests.telling import appointed, founded


@pytest.fixture
async def province(pool):
    province = Province(await prepared(Tree(pool)), await prepared(Officials(pool)))
    await province.hears(*TREE)
    return province


@pytest.fixture
def rights(province):
    return province.rights


def over(subtree):
    return Caller("officer-1", frozenset({"officer"}), subtree)


# -- By the token


async def test_a_caller_may_act_within_their_subtree_only(rights):
    await rights.require(over("THAN-UYEN"), "officer", over=["THAN-UYEN"])
    await rights.require(over("THAN-UYEN"), "officer", over=["TU-FINANCE"])
    await rights.require(over("LAI-CHAU"), "officer", over=["TU-FINANCE", "THAN-UYEN"])

    with pytest.raises(Forbidden, match="LAI-CHAU is not beneath THAN-UYEN"):
        await rights.require(over("THAN-UYEN"), "officer", over=["TU-FINANCE", "LAI-CHAU"])
    with pytest.raises(Forbidden):
        await rights.require(over("THAN-UYEN"), "officer", over=["TAM-KY"])
    with pytest.raises(Forbidden):
        await rights.require(over("THAN-UYEN"), "officer", over=["NOWHERE"])


async def test_a_role_is_needed_everywhere(rights):
    with pytest.raises(Forbidden, match="this needs the role auditor; you have officer"):
        await rights.require(over("*"), "auditor", over=["THAN-UYEN"])
    with pytest.raises(Forbidden, match="this needs the role auditor; you have officer"):
        await rights.require(over("*"), "auditor")


async def test_who_may_act_everywhere_may_act_on_what_is_not_known_yet(rights):
    await rights.require(over("*"), "officer", over=["NOWHERE"])


async def test_for_a_token_that_suffices_nobody_is_looked_up(province):
    async with province.officials.pool.connection() as connection:
        await connection.execute("DROP SCHEMA officials CASCADE")

    assert await province.may(member("M-1", ["officer"], "THAN-UYEN"), "officer", over=["TU-FINANCE"])
    assert not await province.may(over("THAN-UYEN"), "officer", over=["TAM-KY"])


# -- By office


def test_every_position_has_its_role_in_a_cell_and_in_a_committee():
    offices = roles_by_office()

    assert {(position, cell) for position in get_args(Position) for cell in (True, False)} == set(offices)
    assert "operator" not in offices.values()


def test_a_pack_that_names_another_role_is_refused(tmp_path):
    pack = tmp_path / "rights.json"
    pack.write_text(PACK.read_text().replace('"auditor"', '"emperor"'))

    with pytest.raises(ValueError, match="emperor"):
        roles_by_office(pack)


async def test_who_holds_no_office_may_do_nothing(province):
    with pytest.raises(Forbidden, match="over TU-FINANCE; today you hold no office"):
        await province.rights.require(member(), "officer", "secretary", over=["TU-FINANCE"])
    with pytest.raises(Forbidden, match="this needs the role auditor; today you hold no office"):
        await province.rights.require(member(), "auditor")
    assert frozenset() == await province.rights.reach(member(), *OF_FIGURES)


@pytest.mark.parametrize("position", ["SECRETARY", "DEPUTY_SECRETARY"])
async def test_the_secretary_of_a_cell_and_the_deputy_keep_that_cell_and_no_other(province, position):
    await province.hears(appointed("M-1", "TU-FINANCE", position, "2025-01-01"))

    assert await province.may(member(), "officer", "secretary", over=["TU-FINANCE"])
    assert not await province.may(member(), "officer", over=["TU-FINANCE"])
    assert not await province.may(member(), "secretary", over=["TU-JUSTICE"])
    assert not await province.may(member(), "secretary", over=["TU-FINANCE", "TU-JUSTICE"])
    assert not await province.may(member("M-2"), "secretary", over=["TU-FINANCE"])
    with pytest.raises(Forbidden, match="over TU-JUSTICE; today you are secretary over TU-FINANCE"):
        await province.rights.require(member(), "secretary", over=["TU-JUSTICE"])


@pytest.mark.parametrize("position", ["SECRETARY", "DEPUTY_SECRETARY"])
@pytest.mark.parametrize("kind", [k for k in get_args(OrganizationKind) if k.endswith("COMMITTEE")])
async def test_the_secretary_of_a_committee_and_the_deputy_are_officers_of_all_beneath(
    province, kind, position
):
    await province.hears(
        founded("TU-X", under="THAN-UYEN", kind=kind),
        founded("TU-X-1", under="TU-X"),
        appointed("M-1", "TU-X", position, "2025-01-01"),
    )

    assert await province.may(member(), "officer", over=["TU-X", "TU-X-1"])
    assert not await province.may(member(), *READERS, over=["THAN-UYEN"])
    assert not await province.may(member(), *READERS, over=["TU-FINANCE"])
    assert not await province.may(member(), "operator")


@pytest.mark.parametrize("organization", ["TU-AGENCIES", "TU-FINANCE"])
async def test_a_committee_member_reads_there_and_beneath_and_changes_nothing(province, organization):
    await province.hears(appointed("M-1", organization, "COMMITTEE_MEMBER", "2025-01-01"))

    assert await province.may(member(), *READERS, over=["TU-FINANCE"])
    assert not await province.may(member(), "officer", "secretary", over=["TU-FINANCE"])
    assert not await province.may(member(), *READERS, over=["THAN-UYEN"])


async def test_a_role_is_not_carried_from_one_place_to_another(province):
    await province.hears(
        appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"),
        appointed("M-1", "TU-AGENCIES", "COMMITTEE_MEMBER", "2025-01-01"),
    )

    assert await province.may(member(), "secretary", over=["TU-FINANCE"])
    assert await province.may(member(), *READERS, over=["TU-JUSTICE", "TU-FINANCE"])
    assert not await province.may(member(), "officer", "secretary", over=["TU-JUSTICE"])
    assert [Right("secretary", "TU-FINANCE"), Right("auditor", "TU-AGENCIES")] == (
        await province.rights.by_office("M-1")
    )


# -- By both


async def test_the_token_and_the_office_add_up_each_in_its_place(province):
    await province.hears(appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"))
    both = member("M-1", ["secretary"], "TU-JUSTICE")

    assert await province.may(both, "secretary", over=["TU-FINANCE", "TU-JUSTICE"])
    assert not await province.may(both, "secretary", over=["TU-FINANCE", "TU-AGENCIES"])
    assert frozenset({"TU-FINANCE", "TU-JUSTICE"}) == await province.rights.reach(both, *READERS)


async def test_a_role_of_the_token_does_not_reach_where_only_the_office_does(province):
    await province.hears(appointed("M-1", "THAN-UYEN", "COMMITTEE_MEMBER", "2025-01-01"))
    both = member("M-1", ["officer", "operator"], "TAM-KY")

    assert await province.may(both, "officer", over=["TAM-KY"])
    assert not await province.may(both, "officer", over=["THAN-UYEN"])
    assert frozenset({"auditor"}) == (await province.rights.at(both, "TU-FINANCE")).roles
    assert frozenset({"officer", "operator"}) == (await province.rights.at(both, "TAM-KY")).roles
    assert frozenset() == (await province.rights.at(both, "LAI-CHAU")).roles


async def test_what_one_may_read_begins_where_nothing_above_it_is(province):
    await province.hears(
        appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"),
        appointed("M-1", "TU-AGENCIES", "COMMITTEE_MEMBER", "2025-01-01"),
    )

    async def begins(caller):
        return [node.code for node in await province.rights.tops(caller, *OF_FIGURES)]

    assert ["TU-AGENCIES"] == await begins(member())
    assert ["TAM-KY", "TU-AGENCIES"] == await begins(member("M-1", ["auditor"], "TAM-KY"))
    assert ["LAI-CHAU", "TAM-KY"] == await begins(member("M-1", ["operator"], "*"))
    assert [] == await begins(member("M-2"))


# -- Districts


async def test_a_district_speaks_of_itself_and_of_those_beneath_it_only(rights):
    await rights.check_district("THAN-UYEN", "TU-FINANCE")
    await rights.check_district("NEW-DISTRICT", "NEW-DISTRICT")

    with pytest.raises(NotYours, match="TAM-KY is not beneath THAN-UYEN"):
        await rights.check_district("THAN-UYEN", "TAM-KY")
    with pytest.raises(NotYours):
        await rights.check_district("THAN-UYEN", "LAI-CHAU")
    with pytest.raises(UnknownOrganization):
        await rights.check_district("THAN-UYEN", "NOWHERE")
