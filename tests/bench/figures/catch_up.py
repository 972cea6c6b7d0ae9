"""Views that catch up with a long stream, beside a FastStream batch handler that does nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from faststream import Context
from faststream.nats import ConsumerConfig, JStream, PullSub
from faststream.nats.message import NatsBatchMessage

from contracts.subjects import inbox_prefix
from deploy.embedded.runtime import Embedded
from services.chassis.settings import Settings
from services.chassis.streams.bus import BATCH_MAX, connect, undecoded
from services.chassis.views.view import View
from services.classification.main import ClassificationSettings
from services.classification.views import Dossiers
from services.registry.main import RegistrySettings
from services.registry.publication import publish
from services.reporting.ledger import Ledger
from services.reporting.main import ReportingSettings
from services.reporting.views import Headcount
from tests.bench import lab
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.jetstream import connected, count
from tests.bench.log import fill, new_log, opened

STREAM, SUBJECTS = "REGISTRY", "events.registry.>"
VIEWS: dict[str, tuple[type[View], type[Settings]]] = {
    "headcount": (Headcount, ReportingSettings),
    "ledger": (Ledger, ReportingSettings),
    "dossier": (Dossiers, ClassificationSettings),
}
"""Those that fold every message of it: into 3,000 rows, into one row each, into two each."""


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Read a stream from its beginning with each."""
    number = sizes(50_000, quick=1_000)

    def reading(name: str) -> Callable[[], Awaitable[float]]:
        return lambda: _catch_up(embedded, *VIEWS[name], number)

    with lab.servers() as embedded:
        await _tell(embedded, number)
        taken = await in_turn(
            sizes.rounds, empty=lambda: _read(embedded, number), **{name: reading(name) for name in VIEWS}
        )
    for name in VIEWS:
        yield Figure(
            f"catch-up of {name} from its stream",
            "/s",
            taken[name],
            [Rival("FastStream batch handler that does nothing", "limit", taken["empty"], 0.8)],
            note=f"{number:,} messages each round",
        )


async def _tell(embedded: Embedded, number: int) -> None:
    """Fill the registry's stream as it is filled: by its relay."""
    address = new_log(embedded)
    async with opened(address) as store:
        await fill(store, number)
    registry = lab.service(RegistrySettings, embedded, address)
    registry.keeps_log()
    registry.publishes(publish)
    async with connected(embedded, "operator") as client, registry.working():
        await lab.pace(number, lambda: count(client, STREAM))


async def _catch_up(embedded: Embedded, kind: type[View], settings: type[Settings], number: int) -> float:
    """Return how fast an empty view of a service reads everything."""
    reader = lab.service(settings, embedded, lab.database(embedded, settings.service))
    view = kind(reader.pool)
    reader.follows(view, "registry")

    async def read() -> int:
        return (await view.positions()).get("registry", 0)

    async with reader.working():
        return await lab.pace(number, read)


async def _read(embedded: Embedded, number: int) -> float:
    """Return how fast FastStream hands the batches over, acknowledging each."""
    broker = connect("reporting", embedded.nats_url("reporting"))
    handled = 0

    @broker.subscriber(
        SUBJECTS,
        stream=JStream(STREAM, declare=False),
        durable=f"reporting-empty-{lab.member()}",
        pull_sub=PullSub(batch_size=BATCH_MAX, batch=True),
        config=ConsumerConfig(max_ack_pending=BATCH_MAX),
        inbox_prefix=f"{inbox_prefix('reporting')}.".encode(),
        decoder=undecoded,
    )
    async def take(message: Annotated[NatsBatchMessage, Context("message")]) -> None:
        nonlocal handled
        handled += len(message.raw_message)

    async def done() -> int:
        return handled

    async with broker:
        await broker.start()
        return await lab.pace(number, done)
