"""A process in which four write to a log at once: `python -m tests.chassis.writers NAME LAMPS DATABASE_URL`.

Two are the library's own application, each on a thread, on its own persistence module and on ours; two are
our writer.
"""

import asyncio
import sys

from eventsourcing.application import Application
from psycopg.conninfo import conninfo_to_dict

from services.chassis.eventlog.store import Store, open_pool
from tests.chassis.story import ASKED, NOW, Lamp

MODULES = ("eventsourcing.postgres", "services.chassis.eventlog.recorder")
WRITERS = len(MODULES) + 2


class Registry(Application[str]):
    """The library's own application on the registry's log."""

    name = "registry"


def library(database: str, module: str) -> Registry:
    """Return the library's application on its own persistence module, or on ours."""
    place = conninfo_to_dict(database)
    return Registry(
        {
            "PERSISTENCE_MODULE": module,
            "POSTGRES_DBNAME": place["dbname"],
            "POSTGRES_HOST": place["host"],
            "POSTGRES_PORT": place["port"],
            "POSTGRES_USER": place["user"],
            "POSTGRES_PASSWORD": place["password"],
            "POSTGRES_SINGLE_ROW_TRACKING": "y",
            "ORIGINATOR_ID_TYPE": "text",
            "CREATE_TABLE": "n",
        }
    )


def write_with_the_library(module: str, name: str, lamps: int, database: str) -> None:
    """Install lamps one after the other."""
    application = library(database, module)
    for number in range(lamps):
        application.save(Lamp.install(f"{name}-{number}"))
    application.close()


async def write_with_ours(name: str, lamps: int, database: str) -> None:
    """Install lamps, ten at once: they are stored in groups."""
    hands = asyncio.Semaphore(10)
    async with open_pool("registry", database) as pool:
        store = Store("registry", pool, clock=lambda: NOW)
        writing = asyncio.create_task(store.writer.run())

        async def install(number: int) -> None:
            async with hands:
                await store.record(Lamp.install(f"{name}-{number}"), origin=ASKED)

        await asyncio.gather(*map(install, range(lamps)))
        writing.cancel()


async def write(name: str, lamps: int, database: str) -> None:
    """Let all four write, and return when they have."""
    await asyncio.gather(
        *(
            asyncio.to_thread(write_with_the_library, module, f"{name}-{module}", lamps, database)
            for module in MODULES
        ),
        *(write_with_ours(f"{name}-O{n}", lamps, database) for n in range(2)),
    )


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
