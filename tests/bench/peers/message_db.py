"""message-db: its SQL functions, called through a bare cursor: `python message_db.py FOLDER URL TASK`.

npm put its SQL into FOLDER. It has no projections of its own: what is measured is a
hand-written reader of its category, one transaction per thousand messages.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import psycopg
from psycopg import AsyncConnection
from timing import singles

SQL = Path(sys.argv[1]) / "node_modules/@eventide/message-db/database"
WRITE = "SELECT message_store.write_message(%s, %s, 'Admitted', %s::jsonb, NULL, -1)"
READ = "SELECT global_position, data FROM message_store.get_category_messages('member', %s, 1000)"
COUNT = """
    INSERT INTO headcount AS h SELECT * FROM unnest(%s::text[], %s::int[])
    ON CONFLICT (organization) DO UPDATE SET members = h.members + excluded.members
"""


def install(url: str) -> None:
    """Create its schema as its own script does; PostgreSQL has had `gen_random_uuid` itself since 13."""
    order = (
        *("schema/message-store", "types/message", "tables/messages"),
        *(f"functions/{path.stem}" for path in sorted((SQL / "functions").glob("*.sql"))),
        *(f"indexes/{path.stem}" for path in sorted((SQL / "indexes").glob("*.sql"))),
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path TO message_store, public; SET check_function_bodies TO off")
        for name in order:
            connection.execute((SQL / f"{name}.sql").read_text())
        connection.execute("CREATE TABLE headcount (organization text PRIMARY KEY, members int)")
        connection.execute("CREATE TABLE bookmark (position bigint); INSERT INTO bookmark VALUES (0)")


async def connect(url: str) -> AsyncConnection:
    return await AsyncConnection.connect(
        url, autocommit=True, options="-c search_path=message_store,public", prepare_threshold=0
    )


async def main(url: str, task: dict) -> dict[str, float]:
    install(url)
    number = 0

    def message() -> tuple[str, str, str]:
        nonlocal number
        number += 1
        stated = task["fields"] | {"organization": f"CELL-{number % task['cells']}"}
        return str(uuid4()), f"member-{uuid4()}", json.dumps(stated)

    async def append_each(times: int) -> None:
        async with await connect(url) as connection:
            for _ in range(times):
                await connection.execute(WRITE, message())

    taken = await singles(task, append_each)
    async with await connect(url) as connection:
        began = perf_counter()
        for _ in range(task["batch"] // 100):
            async with connection.transaction(), connection.cursor() as cursor:
                await cursor.executemany(WRITE, [message() for _ in range(100)])
        taken["batch"] = task["batch"] / (perf_counter() - began)
        began = perf_counter()
        projected = await project(connection)
        taken["project"] = projected / (perf_counter() - began)
    return taken


async def project(connection: AsyncConnection) -> int:
    position = projected = 0
    while rows := await (await connection.execute(READ, (position + 1,))).fetchall():
        members = Counter(json.loads(data)["organization"] for _, data in rows)
        async with connection.transaction():
            await connection.execute(COUNT, (list(members), list(members.values())))
            await connection.execute("UPDATE bookmark SET position = %s", (rows[-1][0],))
        position, projected = rows[-1][0], projected + len(rows)
    return projected


print(json.dumps(asyncio.run(main(sys.argv[2], json.loads(sys.argv[3])))))
