"""eventsource-py on PostgreSQL, as its documentation uses it: `python eventsource_py.py URL TASK` (JSON)."""

import asyncio
import json
import sys
from time import perf_counter
from uuid import uuid4

from eventsource.adapters.postgresql.store import PostgreSQLEventStore
from eventsource.adapters.sql.checkpoints import SQLCheckpointRepository
from eventsource.adapters.sql.projection import DatabaseProjection
from eventsource.domain import StreamId
from eventsource.domain.decorators import handles
from eventsource.domain.event import DomainEvent
from eventsource.domain.event_registry import register_event
from eventsource.migrations import get_schema
from eventsource.ports import ExpectedVersion, FeedReadOptions
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from timing import singles


@register_event
class Admitted(DomainEvent):
    aggregate_type: str = "Member"
    code: str
    organization: str
    decision_number: str
    decision_dated: str
    ceremony_on: str
    standing: str
    age_rule: str | None
    person: str | None
    origin: dict[str, str]


class Headcount(DatabaseProjection):
    @handles(Admitted)
    async def _admitted(self, connection, event: Admitted) -> None:
        await connection.execute(
            text(
                "INSERT INTO headcount AS h VALUES (:organization, 1)"
                " ON CONFLICT (organization) DO UPDATE SET members = h.members + 1"
            ),
            {"organization": event.organization},
        )


async def main(url: str, task: dict) -> dict[str, float]:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=16)
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        await raw.driver_connection.execute(get_schema("events"))
        # One of its functions has `GET DIAGNOSTICS … FOUND`, which PostgreSQL 18 refuses.
        await raw.driver_connection.execute(
            get_schema("checkpoints").partition("CREATE OR REPLACE FUNCTION reset")[0]
        )
        await raw.driver_connection.execute(
            "CREATE TABLE headcount (organization text PRIMARY KEY, members int)"
        )
    store = PostgreSQLEventStore(engine)
    number = 0

    async def append(size: int) -> None:
        nonlocal number
        id, events = uuid4(), []
        for _ in range(size):
            number += 1
            stated = task["fields"] | {"organization": f"CELL-{number % task['cells']}"}
            events.append(Admitted(aggregate_id=id, **stated))
        await store.append(StreamId(id, "Member"), events, ExpectedVersion.no_stream())

    async def append_each(times: int) -> None:
        for _ in range(times):
            await append(1)

    taken = await singles(task, append_each)
    began = perf_counter()
    for _ in range(task["batch"] // 100):
        await append(100)
    taken["batch"] = task["batch"] / (perf_counter() - began)

    projection = Headcount(async_sessionmaker(engine), SQLCheckpointRepository(engine, enable_tracing=False))
    began = perf_counter()
    async for envelope in store.read_all(options=FeedReadOptions(limit=task["project"])):
        await projection.handle(envelope.event)
    taken["project"] = task["project"] / (perf_counter() - began)
    await engine.dispose()
    return taken


print(json.dumps(asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))))
