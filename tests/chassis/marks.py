"""A small view, and deliveries that follow each other, for tests of reading."""

from collections import Counter
from typing import ClassVar

from msgspec import Struct

from contracts.registry import OrganizationFounded
from services.chassis.views.fold import load
from services.chassis.views.view import View
from tests.chassis.story import founded
from tests.telling import delivered


class Marked(Struct):
    """Of whom it was told."""

    organization: str


class Marking:
    def __init__(self):
        self.told = Counter()

    def add(self, told):
        self.told.update(one.data.organization for one in told)

    async def write(self, cursor):
        conflict = "ON CONFLICT (code) DO UPDATE SET told = before.told + excluded.told"
        await load(cursor, "mark", "code, told", list(self.told.items()), conflict)
        if "POISON" in self.told:
            raise ValueError("it is poison")


class Marks(View):
    """How often each organization's founding was told. Chokes on POISON, after it has written a row."""

    name = "marks"
    tables = "CREATE TABLE mark (code text PRIMARY KEY, told integer NOT NULL)"
    reads: ClassVar = {OrganizationFounded.type: Marked}
    compared: ClassVar = {"times told by code": "SELECT code AS key, told::text AS value FROM mark"}

    def fold(self):
        return Marking()

    async def told(self):
        async with self.pool.connection() as connection:
            cursor = await connection.execute("SELECT code, told FROM marks.mark ORDER BY code")
            return {row["code"]: row["told"] for row in await cursor.fetchall()}


def chain(*codes, source="registry", after=0):
    """Return deliveries that follow each other from position `after` on."""
    return [
        delivered(founded(code, sequence=n, previous=n - 1, source=source))
        for n, code in enumerate(codes, after + 1)
    ]


def numbered(count, prefix="A"):
    return chain(*(f"{prefix}{n}" for n in range(1, count + 1)))
