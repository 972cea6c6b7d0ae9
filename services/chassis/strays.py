"""Events no service owns: a misspelt name is answered too, by the registry, which every district knows."""

from collections.abc import Sequence
from typing import Annotated

from faststream import Context
from faststream.exceptions import NackMessage
from faststream.nats import ConsumerConfig, JStream, NatsBroker, NatsRouter, PullSub
from faststream.nats.message import NatsBatchMessage
from nats.aio.msg import Msg

from contracts.catalogue import INTAKE_NAMES
from contracts.subjects import INTAKE
from services.chassis.bus import BATCH_MAX, FETCH_TIMEOUT_S, patience_s
from services.chassis.intake import AWAY, Intake, UnknownEvent, tell

DURABLE = "intake-strays"


def subscribe(router: NatsRouter, broker: NatsBroker, intake: Intake) -> None:
    """Reject whatever lies on `intake.>` under a name that no service takes.

    The consumer is sent headers only; the few bodies that matter are fetched.
    """

    @router.subscriber(
        "intake.>",
        stream=JStream(INTAKE, declare=False),
        durable=DURABLE,
        pull_sub=PullSub(batch_size=BATCH_MAX, batch=True, timeout=FETCH_TIMEOUT_S),
        config=ConsumerConfig(headers_only=True, max_ack_pending=BATCH_MAX, ack_wait=60.0),
        title=DURABLE,
        description="Answers events whose name no service takes",
    )
    async def take(message: Annotated[NatsBatchMessage, Context("message")]) -> None:
        await answer(message.raw_message, broker, intake)


async def answer(batch: Sequence[Msg], broker: NatsBroker, intake: Intake) -> None:
    """Reject the strays of a batch. Raises NackMessage if something is away."""
    js = broker.connection.jetstream()
    for raw in batch:
        _, district, name = raw.subject.split(".", 2)
        if name in INTAKE_NAMES:
            continue
        try:
            stored = await js.get_msg(INTAKE, raw.metadata.sequence.stream)
            arrival = intake.arrival(district, name, stored.data or b"")
            known = ", ".join(sorted(INTAKE_NAMES))
            await tell(js, arrival, await intake.reject(arrival, UnknownEvent(f"{name} is none of {known}")))
        except AWAY as error:
            raise NackMessage(delay=patience_s(raw)) from error
