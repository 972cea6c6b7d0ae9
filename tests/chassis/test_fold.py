"""Rows are loaded in one statement, few or many, with everything a column may hold."""

from datetime import date
from decimal import Decimal

import pytest

from services.chassis.views import fold
from services.chassis.views.fold import load

TABLE = "CREATE TEMP TABLE thing (code text PRIMARY KEY, day date, share numeric, good boolean, path text[])"
COLUMNS = "code, day, share, good, path"


@pytest.fixture
async def cursor(pool):
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(TABLE)
        yield connection.cursor()


async def told(cursor):
    await cursor.execute("SELECT * FROM thing ORDER BY code")
    return [tuple(row.values()) for row in await cursor.fetchall()]


@pytest.mark.parametrize("copied_from", [1, 500])
async def test_every_kind_of_value_arrives_as_it_was(cursor, monkeypatch, copied_from):
    monkeypatch.setattr(fold, "COPIED_FROM", copied_from)
    rows = [
        ("A", date(2024, 11, 5), Decimal("92.50"), True, ["X", 'a "quoted" {name}']),
        ("B\t\\N", None, None, None, []),
    ]
    await load(cursor, "thing", COLUMNS, rows)

    assert rows == await told(cursor)


@pytest.mark.parametrize("copied_from", [1, 500])
async def test_what_was_there_before_can_be_added_to(cursor, monkeypatch, copied_from):
    monkeypatch.setattr(fold, "COPIED_FROM", copied_from)
    conflict = "ON CONFLICT (code) DO UPDATE SET share = before.share + excluded.share"
    await load(cursor, "thing", "code, share", (row for row in [("A", 1), ("B", 2)]), conflict)
    await load(cursor, "thing", "code, share", [("B", 3), ("C", 4)], conflict)

    assert [("A", 1), ("B", 5), ("C", 4)] == [(row[0], row[2]) for row in await told(cursor)]


async def test_many_rows_are_copied(cursor):
    await load(cursor, "thing", "code, share", ((f"{n:05}", n) for n in range(5_000)))

    assert 5_000 == len(await told(cursor))


async def test_no_rows_are_no_statement(cursor):
    await load(cursor, "nowhere", "code", [])

    assert [] == await told(cursor)
