"""A small view, and deliveries that follow each other, for tests of reading."""

from services.chassis.view import View
from tests.chassis.story import founded
from tests.telling import delivered


class Marks(View):
    """How often each organization's founding was told. Chokes on POISON, after it has written a row."""

    name = "marks"
    tables = "CREATE TABLE mark (code text PRIMARY KEY, told integer NOT NULL)"

    async def project(self, batch, cursor):
        for delivery in batch:
            code = delivery.message.organization
            await cursor.execute(
                "INSERT INTO mark VALUES (%s, 1) ON CONFLICT (code) DO UPDATE SET told = mark.told + 1",
                (code,),
            )
            if code == "POISON":
                raise ValueError("it is poison")

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
