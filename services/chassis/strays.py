"""Events no service owns: a misspelt name is answered too, by the registry, which every district knows."""

from collections.abc import Sequence

from faststream.exceptions import NackMessage
from faststream.nats import ConsumerConfig, NatsBroker, NatsRouter
from nats.aio.msg import Msg

from contracts.catalogue import INTAKE_NAMES
from contracts.subjects import INTAKE
from services.chassis import bus
from services.chassis.arrival import UnknownEvent, read
from services.chassis.intake import AWAY, Intake, tell

DURABLE = "intake-strays"


def subscribe(router: NatsRouter, broker: NatsBroker, intake: Intake) -> None:
    """Reject whatever lies on `intake.>` under a name that no service takes.

    The consumer is sent headers only; the few bodies that matter are fetched.
    """
    bus.subscribe(
        router,
        lambda batch: answer(batch, broker, intake),
        user=intake.store.service,
        stream=INTAKE,
        durable=DURABLE,
        subjects=["intake.>"],
        description="Answers events whose name no service takes",
        config=ConsumerConfig(headers_only=True, max_ack_pending=bus.BATCH_MAX, ack_wait=60.0),
    )


async def answer(batch: Sequence[Msg], broker: NatsBroker, intake: Intake) -> None:
    """Reject the strays of a batch. Raises NackMessage if something is away."""
    js = broker.connection.jetstream()
    for raw in batch:
        _, district, name = raw.subject.split(".", 2)
        if name in INTAKE_NAMES:
            continue
        try:
            stored = await js.get_msg(INTAKE, raw.metadata.sequence.stream)
            arrival = read(district, name, stored.data or b"")
            known = ", ".join(sorted(INTAKE_NAMES))
            await tell(js, arrival, await intake.reject(arrival, UnknownEvent(f"{name} is none of {known}")))
        except AWAY as error:
            raise NackMessage(delay=bus.patience_s(raw.metadata.num_delivered)) from error
