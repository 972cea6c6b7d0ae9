"""The relay: a log carried to JetStream until all is acknowledged, beside the same bytes published bare."""

from collections.abc import AsyncIterator
from time import perf_counter

from deploy.embedded.runtime import Embedded
from services.registry.main import RegistrySettings
from services.registry.publication import publish
from tests.bench import lab
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.jetstream import connected, count, publish_all, read_all
from tests.bench.log import fill, new_log, opened

STREAM = "REGISTRY"


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Carry a log that has grown while nobody carried it."""
    number = sizes(50_000, quick=1_000)
    with lab.servers() as embedded:
        address = new_log(embedded)
        async with opened(address) as store:
            await fill(store, number)
        taken = await in_turn(
            sizes.rounds,
            ours=lambda: _carry(embedded, address, number),
            bare=lambda: _publish(embedded, number),
        )
        async with connected(embedded, "registry") as client:
            [(_, message)] = await read_all(client, STREAM, 1)
    yield Figure(
        "relay, log to JetStream acknowledged",
        "/s",
        taken["ours"],
        [Rival("the same bytes, published in windows", "limit", taken["bare"])],
        goal=15_000.0,
        note=f"{number:,} messages of {len(message)} bytes each round",
    )


async def _carry(embedded: Embedded, address: str, number: int) -> float:
    """Carry everything to an empty stream."""
    empty(embedded)
    relaying = lab.service(RegistrySettings, embedded, address)
    relaying.keeps_log()
    relaying.publishes(publish)
    async with connected(embedded, "registry") as client, relaying.working():
        return await lab.pace(number, lambda: count(client, STREAM))


async def _publish(embedded: Embedded, number: int) -> float:
    """Publish again what the relay has published."""
    async with connected(embedded, "registry") as client:
        messages = await read_all(client, STREAM, number)
        config = (await client.jetstream().stream_info(STREAM)).config
    empty(embedded)
    async with connected(embedded, "registry") as client:
        await client.jetstream().add_stream(config)
        began = perf_counter()
        await publish_all(client, messages)
        return number / (perf_counter() - began)


def empty(embedded: Embedded) -> None:
    """Lose every stream."""
    embedded.nats.stop()
    embedded.nats.forget()
    embedded.nats.start()
