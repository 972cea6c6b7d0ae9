"""Rights by office end with the office: by the clock, a relief, a reorganization, whoever read of it."""

from datetime import UTC, date, datetime

import pytest

from services.chassis.edge.after import After
from services.chassis.edge.rights import READERS, Rights
from services.chassis.views import memory
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from tests.chassis.offices import TREE, Province, member
from tests.logs import prepared
from tests.telling import appointed, dissolved, merged, moved, relieved, restricted


@pytest.fixture
async def province(pool):
    province = Province(await prepared(Tree(pool)), await prepared(Officials(pool)))
    await province.hears(*TREE)
    return province


async def test_an_office_gives_rights_from_its_first_day_to_its_last_in_the_province(province):
    term = appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-03-10")
    await province.hears(term.model_copy(update={"until_on": date(2025, 4, 30)}))

    async def may(*instant):
        province.now = datetime(*instant, tzinfo=UTC)
        return await province.may(member(), "secretary", over=["TU-FINANCE"])

    assert not await may(2025, 3, 9, 16, 59)
    assert await may(2025, 3, 9, 17)  # midnight in the province
    assert await may(2025, 4, 30, 16, 59)
    assert not await may(2025, 4, 30, 17)


async def test_who_was_relieved_has_no_right_any_more_and_who_follows_has(province):
    await province.hears(appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"))
    assert await province.may(member(), "secretary", over=["TU-FINANCE"])
    await province.hears(
        relieved("M-1", "TU-FINANCE", "SECRETARY", "2025-02-01"),
        appointed("M-2", "TU-FINANCE", "SECRETARY", "2025-02-01"),
    )

    assert not await province.may(member("M-1"), "secretary", over=["TU-FINANCE"])
    assert await province.may(member("M-2"), "secretary", over=["TU-FINANCE"])


async def test_who_restricts_the_use_of_their_data_keeps_the_office_and_its_rights(province):
    await province.hears(
        appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"),
        restricted("M-1", "TU-FINANCE", "2025-02-01"),
    )

    assert await province.may(member(), "secretary", over=["TU-FINANCE"])


@pytest.mark.parametrize(
    "end", [dissolved("TU-FINANCE", "2025-02-01"), merged("TU-FINANCE", "2025-02-01", into="TU-JUSTICE")]
)
async def test_an_organization_that_ended_gives_no_right_even_before_its_officials_are_relieved(
    province, end
):
    await province.hears(appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"))
    await province.hears(end)

    assert not await province.may(member(), "secretary", over=["TU-FINANCE"])
    assert not await province.may(member(), *READERS)


async def test_what_moves_away_is_no_longer_beneath_the_committee(province):
    await province.hears(appointed("M-1", "TU-AGENCIES", "SECRETARY", "2025-01-01"))
    assert await province.may(member(), "officer", over=["TU-FINANCE"])
    await province.hears(moved("TU-FINANCE", "2025-02-01", under="THAN-UYEN"))

    assert not await province.may(member(), "officer", over=["TU-FINANCE"])
    assert await province.may(member(), "officer", over=["TU-JUSTICE"])


async def test_offices_are_remembered_until_a_term_changes(province):
    await province.hears(appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"))
    assert await province.may(member(), "secretary", over=["TU-FINANCE"])
    async with province.officials.pool.connection() as connection:
        await connection.execute("DELETE FROM officials.term")

    assert await province.may(member(), "secretary", over=["TU-FINANCE"])
    await province.hears(appointed("M-2", "TU-JUSTICE", "SECRETARY", "2025-01-01"))
    assert not await province.may(member(), "secretary", over=["TU-FINANCE"])


async def test_a_relief_that_another_process_read_of_is_seen_once_it_is_looked_for(province, monkeypatch):
    await province.hears(appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"))
    other = Rights(province.tree, Officials(province.officials.pool), lambda: province.now)
    assert await other.allow(member(), "secretary", over=["TU-FINANCE"])
    await province.hears(relieved("M-1", "TU-FINANCE", "SECRETARY", "2025-02-01"))
    monkeypatch.setattr(memory, "LOOK_S", 0.0)

    assert not await other.allow(member(), "secretary", over=["TU-FINANCE"])


async def test_whoever_waited_for_an_appointment_that_another_process_read_acts_by_it(province):
    other = Rights(province.tree, Officials(province.officials.pool), lambda: province.now)
    assert not await other.allow(member(), "secretary", over=["TU-FINANCE"])
    await province.hears(appointed("M-1", "TU-FINANCE", "SECRETARY", "2025-01-01"))
    receipt = After([("registry", len(TREE) + 1)])

    await other.require(member(), "secretary", over=["TU-FINANCE"], after=receipt)
