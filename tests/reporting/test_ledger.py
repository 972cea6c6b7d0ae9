"""The ledger on real PostgreSQL: in order, once, exactly, and never changed afterwards."""

import asyncio
from datetime import date

import psycopg
import pytest
from msgspec.structs import replace

from services.chassis.delivery import Delivery, Gap
from services.chassis.views.rebuild import NeverRebuilt, Rebuilder
from services.reporting.feed import LedgerFeed
from tests.patience import PATIENCE_S
from tests.reporting.story import Publisher, admitted, founded, framework, told

D1 = date(2024, 11, 5)


def positions(entries):
    return [entry.position for entry in entries]


async def test_events_are_kept_in_arrival_order_at_positions_without_gaps(ledger):
    publisher = Publisher()
    await ledger.apply(publisher.tell(founded("D-1"), founded("C-1", parent="D-1")))
    await ledger.apply(publisher.tell(framework("D-1", D1), admitted("M-1", "C-1", D1)))

    entries = await ledger.read(0)

    assert [1, 2, 3, 4] == positions(entries)
    assert ["registry-2", "registry-4", "assessment-2", "registry-6"] == [e.message.id for e in entries]


async def test_an_event_delivered_twice_is_kept_once(ledger):
    first, second = told(founded("D-1"), founded("C-1", parent="D-1"))
    await ledger.apply([first])
    await ledger.apply([first, second, second])

    assert [1, 2] == positions(await ledger.read(0))


async def test_an_event_whose_predecessor_is_missing_waits_and_nothing_of_its_batch_is_kept(ledger):
    first, second, third = told(founded("D-1"), founded("C-1", parent="D-1"), founded("C-2", parent="D-1"))
    with pytest.raises(Gap):
        await ledger.apply([first, third])

    assert [] == await ledger.read(0)
    await ledger.apply([first, second, third])
    assert [1, 2, 3] == positions(await ledger.read(0))


async def test_what_cannot_be_stored_is_waited_for_and_never_passed_over(ledger):
    (good,) = told(founded("D-1"))
    too_far = Delivery(replace(good.message, sequence=2**80), good.raw)

    with pytest.raises(Gap, match="cannot be recorded"):
        await ledger.apply([too_far])


async def test_a_message_is_kept_byte_for_byte_as_its_service_publishes_it(ledger, pool):
    (delivery,) = told(founded("D-1"))
    await ledger.apply([delivery])

    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT message FROM ledger.entry")).fetchone()

    assert delivery.raw == row["message"]


CHANGES = [
    "UPDATE ledger.entry SET type = 'x'",
    "UPDATE ledger.entry SET type = 'x' WHERE false",
    "DELETE FROM ledger.entry",
    "TRUNCATE ledger.entry",
    "INSERT INTO ledger.entry SELECT * FROM ledger.entry"
    " ON CONFLICT (position) DO UPDATE SET message = excluded.message",
]


@pytest.fixture
async def superuser(servers, database):
    address = servers.database_url("postgres", psycopg.conninfo.conninfo_to_dict(database)["dbname"])
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("change", CHANGES)
async def test_the_service_may_not_change_what_is_recorded(ledger, pool, change):
    await ledger.apply(told(founded("D-1")))

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        async with pool.connection() as connection:
            await connection.execute(change)

    assert [1] == positions(await ledger.read(0))


@pytest.mark.parametrize(
    "change", [*CHANGES, "SET session_replication_role = replica; DELETE FROM ledger.entry"]
)
async def test_even_a_superuser_is_refused(ledger, superuser, change):
    await ledger.apply(told(founded("D-1")))

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        await superuser.execute(change)

    assert [1] == positions(await ledger.read(0))


async def test_the_owner_of_the_ledger_has_lost_the_right_to_change_it(ledger, pool):
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT privilege_type FROM information_schema.table_privileges"
            " WHERE table_schema = 'ledger' AND table_name = 'entry' ORDER BY 1"
        )
        granted = {row["privilege_type"] for row in await cursor.fetchall()}

    assert not granted & {"UPDATE", "DELETE", "TRUNCATE"}


async def test_nobody_rebuilds_the_ledger(ledger):
    rebuilder = Rebuilder()
    rebuilder.add(ledger, LedgerFeed(ledger))
    with pytest.raises(NeverRebuilt):
        rebuilder.start("ledger")


async def test_writers_at_once_leave_no_gap_and_a_tailing_reader_passes_over_nothing(ledger):
    registry = Publisher()
    batches = [
        [registry.tell(*(founded(f"A-{n}-{k}") for k in range(20))) for n in range(20)],
        [registry.tell(*(framework(f"A-{n}", D1, number=f"{k}-HD") for k in range(20))) for n in range(20)],
    ]
    read = []

    async def write(source):
        for batch in source:
            await ledger.apply(batch)

    async def tail():
        while len(read) < 800:
            news = ledger.news
            batch = await ledger.read(len(read), 37)
            read.extend(positions(batch))
            if not batch:
                await asyncio.wait_for(news.wait(), PATIENCE_S)

    await asyncio.gather(tail(), *(write(source) for source in batches))

    assert list(range(1, 801)) == read


async def test_a_reader_is_placed_before_the_first_entry_it_has_not_read(ledger):
    publisher = Publisher()
    await ledger.apply(publisher.tell(founded("D-1"), framework("D-1", D1), founded("C-1", parent="D-1")))

    assert 0 == await ledger.place({})
    assert 1 == await ledger.place({"registry": 2})
    assert 0 == await ledger.place({"assessment": 2})
    assert 2 == await ledger.place({"registry": 2, "assessment": 2})
    assert 3 == await ledger.place({"registry": 4, "assessment": 2})


async def test_an_empty_ledger_places_everyone_at_its_beginning(ledger):
    assert 0 == await ledger.place({})
    assert 0 == await ledger.head()
    assert 0 == await LedgerFeed(ledger).lag({})


async def test_one_organization_is_read_alone_and_frameworks_of_its_superiors_too(ledger):
    await ledger.apply(
        told(founded("D-1"), framework("D-1", D1), founded("C-1", parent="D-1"), admitted("M-1", "C-1", D1))
    )

    assert [3, 4] == positions(await ledger.about("C-1"))
    assert [4] == positions(await ledger.about("C-1", after=3))
    assert [3] == positions(await ledger.about("C-1", limit=1))
    assert [2] == positions(await ledger.frameworks(["D-1", "X-1"]))


async def test_the_ledger_says_how_far_each_service_is_recorded(ledger):
    await ledger.apply(told(founded("D-1"), founded("C-1", parent="D-1"), framework("D-1", D1)))

    assert [("assessment", 2, 1), ("registry", 4, 2)] == [
        (source.name, source.position, source.events) for source in await ledger.sources()
    ]
