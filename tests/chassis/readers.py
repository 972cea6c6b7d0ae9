"""A follower on a real server, and what it was told."""

from contextlib import asynccontextmanager

from faststream.nats import NatsRouter

from services.chassis.bus import make_prompt
from services.chassis.following import Following
from tests.chassis.conftest import connected


@asynccontextmanager
async def following(nats, view, source="registry"):
    """Let the registry follow `source` with `view` while the body runs."""
    async with connected(nats) as broker:
        router = NatsRouter()
        Following(view, source, "registry").subscribe(router)
        broker.include_router(router)
        await broker.start()
        make_prompt(broker)
        yield broker


async def publish(js, deliveries):
    for delivery in deliveries:
        message = delivery.message
        await js.publish(f"events.{message.type}.{message.organization}", delivery.raw, timeout=10)


async def all_acknowledged(js):
    consumer = await js.consumer_info("REGISTRY", "registry-marks")
    return not consumer.num_ack_pending and not consumer.num_pending
