"""Ledgers of any size, made by PostgreSQL itself: admissions to 3,000 cells, and one cell among them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from services.chassis.eventlog.store import create_tables, open_pool
from services.reporting.ledger import Ledger
from tests.bench.lab import CELLS

CELL, EVENTS_OF_THE_CELL = "CELL-A", 1_000

FILL = """
    INSERT INTO ledger.entry
    SELECT n, 'registry', n, n - 1, 'member-M-' || n || '.1', 'registry.MemberAdmitted.v1', cell, at, at,
        convert_to(format(%(message)s, 'M-' || n, n, n - 1, cell, at::date), 'UTF8')
    FROM generate_series(1, %(entries)s) AS n,
        LATERAL (SELECT CASE WHEN n %% %(every)s = 0 THEN %(cell)s ELSE 'CELL-' || n %% %(cells)s END AS cell,
            timestamptz '2024-01-01' + n %% 700 * interval '1 day' AS at) AS told
"""
MESSAGE = (
    '{"specversion":"1.0","id":"member-%1$s.1","source":"registry","type":"registry.MemberAdmitted.v1",'
    '"subject":"member-%1$s","time":"%5$sT00:00:00Z","datacontenttype":"application/json",'
    '"dataschema":"urn:fourgood:schema:registry.MemberAdmitted.v1","sequence":%2$s,"previous":%3$s,'
    '"recordedtime":"%5$sT00:00:00Z","correlationid":"6b1f5d9c0f0a4b8d9a3f0a7c2f1e4d5b",'
    '"causationid":"http:6b1f5d9c0f0a4b8d9a3f0a7c2f1e4d5b","actor":"officer","organization":"%4$s",'
    '"data":{"organization":"%4$s","member":"%1$s","decision":{"number":"1-QĐ/ĐU","date":"2024-01-01"},'
    '"ceremony_on":"%5$s","standing":"FULL"}}'
)


@asynccontextmanager
async def filled(address: str, entries: int) -> AsyncIterator[Ledger]:
    """Hold a ledger of so many entries, 1,000 of them about one cell and evenly spread."""
    create_tables(address)
    async with open_pool("reporting", address) as pool:
        ledger = Ledger(pool)
        await ledger.prepare()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("ALTER TABLE ledger.entry SET UNLOGGED")  # made in half the time, read alike
            connection.execute(
                FILL,
                {
                    "message": MESSAGE,
                    "entries": entries,
                    "every": entries // EVENTS_OF_THE_CELL,
                    "cell": CELL,
                    "cells": CELLS,
                },
            )
            connection.execute("INSERT INTO ledger.bookmark VALUES ('registry', %s)", (entries,))
            connection.execute("VACUUM ANALYZE ledger.entry")
        yield ledger
