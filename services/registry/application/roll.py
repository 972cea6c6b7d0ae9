"""Who is at a cell, asked of the log itself, by indexes of its own: exact whatever a view has read."""

import asyncio
from collections.abc import Collection
from datetime import date
from itertools import pairwise
from typing import Any

from services.chassis.eventlog.store import Store
from services.registry.domain.member import Member, Standing
from services.registry.domain.shortage import FullMembers

CAME = "topic IN ('registry.Member.Admitted', 'registry.Member.Transferred')"
WENT_ALONG = "topic IN ('registry.Member.Followed', 'registry.Organization.Merged')"


def said(field: str) -> str:
    """Return the expression for a code or a day that a fact names: of its bytes, quickly.

    An index expression is worked out for every fact that is stored: by a pattern it took four times as long.
    """
    return f"split_part(split_part(encode(state, 'escape'), '\"{field}\":\"', 2), '\"', 1)"


INDEXES = f"""
CREATE INDEX IF NOT EXISTS registry_members_came ON registry_events (({said("organization")})) WHERE {CAME};
CREATE INDEX IF NOT EXISTS registry_members_went ON registry_events (({said("into")})) WHERE {WENT_ALONG};
"""

END = "9999-12-31"

TOGETHER = 16
"""Members looked up at the same moment: most cells have three full ones among them."""


class Roll:
    """Finds the full members of a cell."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def prepare(self) -> None:
        """Create what is missing of the indexes."""
        await create(self.store, INDEXES)

    async def full_members(self, cell: str, day: date, *, enough: int) -> FullMembers:
        """Return who is a full member at `cell` on `day`; once `enough` are found, no more are looked for."""
        codes = await self._with_merged(cell, day)
        ids = await self._ever_at(codes)
        found: list[Member] = []
        told = False
        for start in range(0, len(ids), TOGETHER):
            here = await asyncio.gather(
                *(self.store.find(Member, id) for id in ids[start : start + TOGETHER])
            )
            for member in here:
                stays = [stay for stay in full_stays(member, codes) if stay[0] <= day.isoformat()]
                told = told or bool(stays)
                found += [member] if any(day.isoformat() < until for _, until in stays) else []
            if len(found) >= enough:
                break
        return FullMembers(cell, day, found[:enough], told)

    async def _with_merged(self, cell: str, day: date) -> Collection[str]:
        """Return the cell and all that was merged into it by `day`."""
        codes, asked = {cell}, {cell}
        while asked:
            rows = await rows_of(
                self.store,
                f"SELECT {said('code')} AS code FROM registry_events WHERE {WENT_ALONG}"
                f" AND {said('into')} = ANY(%s) AND topic = 'registry.Organization.Merged'"
                f" AND {said('effective_on')} <= %s",
                (list(asked), day.isoformat()),
            )
            asked = {row["code"] for row in rows} - codes
            codes |= asked
        return codes

    async def _ever_at(self, codes: Collection[str]) -> list[str]:
        """Return the ids of whoever came to any of `codes`, in the order in which it was told."""
        rows = await rows_of(
            self.store,
            "SELECT originator_id AS id, min(notification_id) AS told FROM ("
            f"SELECT originator_id, notification_id FROM registry_events"
            f" WHERE {CAME} AND {said('organization')} = ANY(%(codes)s)"
            f" UNION ALL SELECT originator_id, notification_id FROM registry_events"
            f" WHERE {WENT_ALONG} AND {said('into')} = ANY(%(codes)s) AND topic = 'registry.Member.Followed'"
            ") AS came GROUP BY id ORDER BY told",
            {"codes": list(codes)},
        )
        return [row["id"] for row in rows]


async def create(store: Store, indexes: str) -> None:
    """Create what is missing of `indexes`, one process at a time."""
    async with store.pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('registry indexes'))")
        await connection.execute(indexes)


async def rows_of(store: Store, query: str, parameters: Any) -> list[dict[str, Any]]:
    """Return what `query` finds in the log."""
    async with store.pool.connection() as connection:
        return await (await connection.execute(query, parameters)).fetchall()


def full_stays(member: Member, codes: Collection[str]) -> list[tuple[str, str]]:
    """Return from when until when, as ISO days, it was a full member at any of `codes`."""
    if member.standing != Standing.FULL:
        return []
    full_from = member.full_from or member.ceremony_on
    ends = pairwise([*member.places, ("", member.ended_on or END)])
    stays = ((max(since, full_from), until) for (place, since), (_, until) in ends if place in codes)
    return [(since, until) for since, until in stays if since < until]
