"""Of whom nothing may be shown or written: members who had the use of their data restricted. Fed by REGISTRY.

Each service that names members by code keeps a copy of its own.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncCursor

from contracts.registry_persons import MemberRestricted, RestrictionLifted
from services.chassis.views.fold import Told, load
from services.chassis.views.view import View


class Restricted(msgspec.Struct, frozen=True):
    """From that day on a member's data may not be used."""

    member: str
    restricted_on: date


class Lifted(msgspec.Struct, frozen=True):
    """They may be used again."""

    member: str


class Restrictions(View):
    """Who is restricted now, and since when: they are not shown of an earlier day either."""

    name = "restrictions"
    reads: ClassVar = {MemberRestricted.type: Restricted, RestrictionLifted.type: Lifted}
    compared: ClassVar = {
        "since when by member": "SELECT member AS key, restricted_on::text AS value FROM restricted"
    }
    tables = """
        CREATE TABLE restricted (
            member        text PRIMARY KEY,
            restricted_on date NOT NULL
        );
    """

    def fold(self) -> "Standing":
        """Return the fold of nothing yet."""
        return Standing()

    async def among(self, members: Collection[str]) -> set[str]:
        """Return those of `members` who are restricted now."""
        rows = await self.rows(
            "SELECT member FROM restrictions.restricted WHERE member = ANY(%(members)s)",
            members=list(members),
        )
        return {row["member"] for row in rows}


class Standing:
    """What was told last of each member: since when they are restricted, or that they no longer are."""

    def __init__(self) -> None:
        self.since: dict[str, date | None] = {}

    def add(self, told: Iterable[Told]) -> None:
        """Take restrictions in, and that they were lifted."""
        for one in told:
            event = one.data
            self.since[event.member] = event.restricted_on if isinstance(event, Restricted) else None

    async def write(self, cursor: AsyncCursor[Any]) -> None:
        """Take out whoever was told of, and put in who is restricted."""
        await cursor.execute("DELETE FROM restricted WHERE member = ANY(%s)", (list(self.since),))
        rows = [(member, since) for member, since in self.since.items() if since]
        await load(cursor, "restricted", "member, restricted_on", rows)
