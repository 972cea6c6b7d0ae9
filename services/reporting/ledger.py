"""The ledger: every public event of every service, in the order it arrived, byte for byte as published.

It is fed like a view, and differs from one in two ways: it is never rebuilt, since everything else in
reporting is rebuilt from it, and the database itself refuses to change or delete what it holds.
Positions are given under the bookmarks' lock, which is kept until commit: they have no gaps, and a
reader never passes over one that becomes visible later.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from psycopg import AsyncCursor, DataError
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from services.chassis.delivery import Delivery, Gap, envelope_in
from services.chassis.eventlog.writer import Pool
from services.chassis.recent import Recent
from services.chassis.views.binding import ISSUED
from services.chassis.views.copy import Page
from services.chassis.views.view import View

FRAMEWORK_ISSUED, FRAMEWORK_ISSUED_ANEW = ISSUED

ENTRIES_MAX = 20_000
"""Entries of one organization in one answer: a cell has some 50 a year, a large committee 5,000 in all."""

READ_MAX = 2_000
"""Entries read at once by a view that follows: measured, more gains nothing and holds more memory."""


@dataclass(frozen=True)
class Recorded(Delivery):
    """A message and its place in the ledger."""

    position: int


@dataclass(frozen=True)
class Source:
    """How far the ledger has recorded one service's events."""

    name: str
    position: int
    events: int
    recorded_at: datetime


class Ledger(View):
    """Appends what arrives; reads it again from any position, or about one organization."""

    name = "ledger"
    rebuildable = False
    tables = f"""
        CREATE TABLE entry (
            position     bigint PRIMARY KEY,
            source       text NOT NULL,
            sequence     bigint NOT NULL,
            previous     bigint NOT NULL,
            id           text NOT NULL,
            type         text NOT NULL,
            organization text NOT NULL,
            at           timestamptz NOT NULL,
            recorded_at  timestamptz NOT NULL,
            message      bytea NOT NULL,
            UNIQUE (source, sequence)
        );
        CREATE INDEX entry_organization ON entry (organization, position);
        CREATE INDEX entry_framework ON entry (organization, position) WHERE type = '{FRAMEWORK_ISSUED}';

        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP
                    USING ERRCODE = 'insufficient_privilege';
            END
        $$;
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        ALTER TABLE entry ENABLE ALWAYS TRIGGER append_only;
        REVOKE UPDATE, DELETE, TRUNCATE ON entry FROM PUBLIC, CURRENT_USER;
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self._news = asyncio.Event()
        self.recent = Recent[Recorded]()

    # -- Appending

    def folds(self, type: str) -> bool:
        """Return True: it records everything, known or not."""
        return True

    async def apply(self, batch: Sequence[Delivery]) -> None:
        """Append what is new in `batch`, in its order, and wake who waits for news.

        Raises Gap if an event is missing before one of them, or if one cannot be stored: the ledger
        parks nothing, since a hole in it would make every later answer wrong; its reader waits.
        """
        try:
            await super().apply(batch)
        except DataError as error:
            raise Gap(f"cannot be recorded: {error}") from error
        self._news.set()
        self._news = asyncio.Event()

    async def project(self, batch: Sequence[Delivery], cursor: AsyncCursor[Any]) -> Callable[[], None]:
        """Append `batch` in one statement, giving each the next position."""
        messages = [delivery.message for delivery in batch]
        await cursor.execute(
            """
            WITH ledger AS (
                SELECT coalesce(max(position), 0) AS head FROM entry
            ), appended AS (
                INSERT INTO entry
                SELECT head + place, source, sequence, previous, id, type, organization, at, recorded_at,
                    message
                FROM ledger, unnest(%b::text[], %b::bigint[], %b::bigint[], %b::text[], %b::text[],
                    %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bytea[]) WITH ORDINALITY
                    AS arrived
                    (source, sequence, previous, id, type, organization, at, recorded_at, message, place)
            )
            SELECT head FROM ledger
            """,
            (
                [message.source for message in messages],
                [message.sequence for message in messages],
                [message.previous for message in messages],
                [message.id for message in messages],
                [message.type for message in messages],
                [message.organization for message in messages],
                [message.time for message in messages],
                [message.recordedtime for message in messages],
                [delivery.raw for delivery in batch],
            ),
        )
        [row] = await cursor.fetchall()
        head = row["head"]
        placed = [Recorded(one.message, one.raw, place) for place, one in enumerate(batch, head + 1)]
        return partial(self.recent.add, head, placed)

    # -- Reading in order

    @property
    def news(self) -> asyncio.Event:
        """Return what is set when the ledger grows next. Ask before reading; wait if there was nothing."""
        return self._news

    async def read(self, after: int, limit: int = READ_MAX) -> list[Recorded]:
        """Return up to `limit` messages with a position greater than `after`, in ledger order."""
        if recent := self.recent.after(after, limit):
            return recent
        return await self._recorded(
            "SELECT position, message FROM ledger.entry WHERE position > %s ORDER BY position LIMIT %s",
            after,
            limit,
        )

    async def page(
        self, after: int, until: int, types: Sequence[str], known_at: datetime | None = None
    ) -> Page:
        """Return the entries after a position until another.

        Their messages only of `types`, and of what was recorded by `known_at`.
        """
        reached = await self._rows(REACHED, after, until)
        messages = await self._rows(MESSAGES, after, until, types, known_at)
        return Page(until - after, [message for (message,) in messages], dict(reached))

    async def knew(self, known_at: datetime, after: int, until: int) -> bool:
        """Return whether any entry after a position until another had been recorded by `known_at`."""
        return bool(await self._rows(KNEW, after, until, known_at))

    async def place(self, bookmarks: Mapping[str, int]) -> int:
        """Return the position before the first entry that a reader with these bookmarks has not read."""
        rows = await self._rows(
            """
            SELECT coalesce(min(unread.position) - 1, (SELECT max(position) FROM ledger.entry), 0)
            FROM ledger.bookmark AS b CROSS JOIN LATERAL (
                SELECT position FROM ledger.entry AS e
                WHERE e.source = b.source AND e.sequence > coalesce((%s ->> b.source)::bigint, 0)
                ORDER BY e.sequence LIMIT 1
            ) AS unread
            """,
            Jsonb(dict(bookmarks)),
        )
        return int(rows[0][0])

    async def head(self) -> int:
        """Return the position of the newest entry: as positions have no gaps, also how many there are."""
        rows = await self._rows("SELECT coalesce(max(position), 0) FROM ledger.entry")
        return int(rows[0][0])

    # -- Reading about one organization

    async def about(self, organization: str, *, after: int = 0, limit: int = ENTRIES_MAX) -> list[Recorded]:
        """Return the messages about one organization after a position, in ledger order."""
        return await self._recorded(
            """
            SELECT position, message FROM ledger.entry
            WHERE organization = %s AND position > %s ORDER BY position LIMIT %s
            """,
            organization,
            after,
            limit,
        )

    async def frameworks(self, issuers: Sequence[str]) -> list[Recorded]:
        """Return the criteria frameworks these committees issued, in ledger order."""
        return await self._recorded(
            f"""
            SELECT position, message FROM ledger.entry
            WHERE organization = ANY(%s) AND type = '{FRAMEWORK_ISSUED}'
            UNION ALL
            SELECT position, message FROM ledger.entry
            WHERE organization = ANY(%s) AND type = '{FRAMEWORK_ISSUED_ANEW}' ORDER BY position
            """,
            list(issuers),
            list(issuers),
        )

    async def told(self, organizations: Sequence[str], types: Sequence[str]) -> list[Recorded]:
        """Return the messages of these types about these organizations, in ledger order."""
        return await self._recorded(
            """
            SELECT position, message FROM ledger.entry
            WHERE organization = ANY(%s) AND type = ANY(%s) ORDER BY position
            """,
            list(organizations),
            list(types),
        )

    async def sources(self) -> list[Source]:
        """Return how far each service's events are recorded, by name."""
        rows = await self._rows(
            """
            SELECT source, sequence, (SELECT count(*) FROM ledger.entry WHERE source = b.source), recorded_at
            FROM ledger.bookmark AS b JOIN ledger.entry USING (source, sequence) ORDER BY source
            """
        )
        return [Source(*row) for row in rows]

    async def _recorded(self, query: str, *parameters: object) -> list[Recorded]:
        rows = await self._rows(query, *parameters)
        return [Recorded(envelope_in(raw), raw, position) for position, raw in rows]

    async def _rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with self.pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, parameters, binary=True)
            return await cursor.fetchall()


REACHED = """
    SELECT source, max(sequence) FROM ledger.entry WHERE position > %s AND position <= %s GROUP BY source
"""

MESSAGES = """
    SELECT message FROM ledger.entry
    WHERE position > %s AND position <= %s AND type = ANY(%s)
    AND recorded_at <= coalesce(%s::timestamptz, 'infinity') ORDER BY position
"""

KNEW = "SELECT FROM ledger.entry WHERE position > %s AND position <= %s AND recorded_at <= %s LIMIT 1"
