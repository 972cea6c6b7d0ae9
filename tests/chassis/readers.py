"""A reader on a real server, and what its views were told."""

from contextlib import asynccontextmanager

from faststream.nats import NatsRouter

from services.chassis.alarm import Alarms
from services.chassis.streams.following import Reader
from services.chassis.streams.lacking import Lacking
from services.chassis.streams.prompt import make_prompt
from tests.chassis.conftest import connected
from tests.patience import PATIENCE_S


@asynccontextmanager
async def following(nats, *views, source="registry", alarms=None):
    """Let the registry follow `source` with `views` while the body runs."""
    async with connected(nats) as broker:
        router = NatsRouter()
        reader = reading(*views, source=source, broker=broker, alarms=alarms)
        reader.subscribe(router)
        broker.include_router(router)
        await broker.start()
        make_prompt(broker, {reader.stream: reader.wanted})
        try:
            yield reader
        finally:
            reader.close()


def reading(*views, source="registry", broker=None, alarms=None):
    """Return what `following` follows with."""
    reader = Reader("registry", source, Lacking(broker, alarms or Alarms()))
    for view in views:
        reader.feed(view)
    return reader


async def publish(js, deliveries):
    for delivery in deliveries:
        message = delivery.message
        await js.publish(f"events.{message.type}.{message.organization}", delivery.raw, timeout=PATIENCE_S)


async def all_acknowledged(js):
    consumer = await js.consumer_info("REGISTRY", "registry")
    return not consumer.num_ack_pending and not consumer.num_pending
