"""A follower on a real server, and what it was told."""

from contextlib import asynccontextmanager

from faststream.nats import NatsRouter

from services.chassis.alarm import Alarms
from services.chassis.streams.following import Following
from services.chassis.streams.lacking import Lacking
from services.chassis.streams.prompt import make_prompt
from tests.chassis.conftest import connected
from tests.patience import PATIENCE_S


@asynccontextmanager
async def following(nats, view, source="registry", alarms=None):
    """Let the registry follow `source` with `view` while the body runs."""
    async with connected(nats) as broker:
        router = NatsRouter()
        reader = Following(view, source, "registry", Lacking(broker, alarms or Alarms()))
        reader.subscribe(router)
        broker.include_router(router)
        await broker.start()
        make_prompt(broker, {reader.durable: view.wanted})
        yield broker


def reading(view, broker=None, alarms=None):
    """Return what `following` follows with, for a look at its consumer from outside."""
    return Following(view, "registry", "registry", Lacking(broker, alarms or Alarms()))


async def publish(js, deliveries):
    for delivery in deliveries:
        message = delivery.message
        await js.publish(f"events.{message.type}.{message.organization}", delivery.raw, timeout=PATIENCE_S)


async def all_acknowledged(js):
    consumer = await js.consumer_info("REGISTRY", "registry-marks")
    return not consumer.num_ack_pending and not consumer.num_pending
