"""How a service meets NATS: its connection, streams declared, messages taken in batches, consumers watched.

The owner of a stream declares it; readers only read (`declare=False`: FastStream would otherwise
rewrite the owner's limits to ours).
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Annotated, Protocol, cast

import structlog
from faststream import AckPolicy as OnError
from faststream import Context
from faststream.exceptions import IncorrectState, NackMessage
from faststream.nats import ConsumerConfig, JStream, NatsBroker, NatsRouter, PullSub
from faststream.nats.message import NatsBatchMessage
from faststream.security import BaseSecurity
from nats.aio.client import DEFAULT_PENDING_SIZE, Client
from nats.aio.msg import Msg
from nats.aio.subscription import DEFAULT_SUB_PENDING_MSGS_LIMIT
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerInfo, DeliverPolicy, StreamConfig
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.errors import BadRequestError, NotFoundError

from contracts.credentials import trusting
from contracts.subjects import INTAKE, RECEIPTS, inbox_prefix
from services.chassis.bounds import Bound
from services.chassis.streams import wire
from services.chassis.streams.prompt import BATCH_MAX
from services.chassis.views.patience import AWAY

log = structlog.get_logger()

TRIES_MAX = 5
"""How often the intake tries one event before it parks it: with the growing delay, some eight seconds."""

PATIENCE_S_MAX = 5.0
FETCH_TIMEOUT_S = 5.0

WATCH_EVERY_S = 5.0
STALLED_AFTER = 6
"""Looks in a row that find messages waiting and nobody asking for them, before the process ends."""


async def answering(
    bus: Client,
    subject: str,
    queue: str,
    answer: Callable[[Msg], Awaitable[None]],
    *,
    waiting_max: int = DEFAULT_SUB_PENDING_MSGS_LIMIT,
) -> None:
    """Answer requests until cancelled, each in one process of a `queue`. Who gets no answer asks again."""
    questions = await bus.subscribe(subject, queue=queue, cb=answer, pending_msgs_limit=waiting_max)
    try:
        await asyncio.Event().wait()
    finally:
        with suppress(NatsError):
            await questions.unsubscribe()


def connect(service: str, nats_url: str, authority: str | None = None) -> NatsBroker:
    """Return the broker of `service`, not yet started. It reconnects for ever and says so in one line.

    `nats_url` may name several servers of a cluster, separated by commas; `authority` vouches for them.
    """

    async def on_error(error: Exception) -> None:
        log.warning("nats", error=str(error) or type(error).__name__)

    async def on_disconnect() -> None:
        log.warning("nats disconnected")

    async def on_reconnect() -> None:
        log.info("nats reconnected")

    wire.use()
    return NatsBroker(
        nats_url.split(","),
        name=service,
        security=BaseSecurity(ssl_context=trusting(authority)) if authority else None,
        inbox_prefix=inbox_prefix(service),
        error_cb=on_error,
        disconnected_cb=on_disconnect,
        reconnected_cb=on_reconnect,
        max_reconnect_attempts=-1,
        reconnect_time_wait=cast("int", 0.5 + random.random()),  # noqa: S311 - a jitter, not a secret; nats-py sleeps it
        graceful_timeout=4.0,
        logger=None,
    )


def outbound(broker: NatsBroker) -> Bound:
    """Return how much may wait to be written to the bus; nats-py raises for more while it is disconnected."""

    def used() -> int:
        try:
            return broker.connection._pending_data_size
        except IncorrectState:
            return 0  # not connected yet

    return Bound("bytes on their way to the bus", DEFAULT_PENDING_SIZE, used)


async def declare(js: JetStreamContext, config: StreamConfig) -> None:
    """Create a stream, or bring it to `config`. Only its owner may call this."""
    try:
        await js.add_stream(config)
    except BadRequestError:
        await js.update_stream(config)


async def declare_intake(js: JetStreamContext, replicas: int = 1) -> None:
    """Create the streams that districts write to and read from. Every service declares the same."""
    day_s = 86_400.0
    await declare(
        js,
        StreamConfig(
            name=INTAKE,
            subjects=["intake.>"],
            max_age=90 * day_s,
            duplicate_window=0.1,  # the least there is: no district hides another's event by its id
            description="What districts publish",
            num_replicas=replicas,
        ),
    )
    await declare(
        js,
        StreamConfig(
            name=RECEIPTS,
            subjects=["receipts.>"],
            max_age=30 * day_s,
            description="What districts are told",
            allow_atomic=True,
            num_replicas=replicas,
        ),
    )


def subscribe(
    router: NatsRouter,
    read: Callable[[Sequence[Msg]], Awaitable[None]],
    *,
    user: str,
    stream: str,
    durable: str,
    subjects: Sequence[str],
    description: str,
    config: ConsumerConfig,
) -> None:
    """Give `read` what lies on `subjects`, in batches, in order; what it does not refuse is acknowledged.

    The last message of a batch is acknowledged for all of it, which costs a third of acknowledging each.
    """
    config.ack_policy = AckPolicy.ALL
    [*first, subject] = subjects
    config.filter_subjects = list(subjects) if first else None

    @router.subscriber(
        "" if first else subject,
        stream=JStream(stream, declare=False),
        durable=durable,
        pull_sub=PullSub(batch_size=BATCH_MAX, batch=True, timeout=FETCH_TIMEOUT_S),
        config=config,
        inbox_prefix=f"{inbox_prefix(user)}.".encode(),
        # FastStream drops what fails. A policy of the broker comes too late for the subscribers of a router.
        ack_policy=OnError.NACK_ON_ERROR,
        decoder=undecoded,
        title=f"{durable} from {stream}",
        description=description,
    )
    async def take(message: Annotated[NatsBatchMessage, Context("message")]) -> None:
        batch = message.raw_message
        try:
            await read(batch)
        except NackMessage:
            raise
        except Exception as error:
            log.exception("reader failed", durable=durable)
            raise NackMessage(delay=patience_s(batch[0].metadata.num_delivered)) from error
        message.raw_message = batch[-1:]


async def undecoded(message: NatsBatchMessage) -> None:
    """Leave bodies to the reader: FastStream would decode them all, and fail on one nested too deep."""


async def move(
    js: JetStreamContext, stream: str, start: int, config: JetStreamConsumerConfig
) -> ConsumerInfo:
    """Make a durable consumer anew so that it goes on at `start`, forgetting what a dead reader holds."""
    log.info("consumer moved", stream=stream, durable=config.durable_name, start=start)
    config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, start
    assert config.durable_name
    with suppress(NotFoundError):
        await js.delete_consumer(stream, config.durable_name)
    return await js.add_consumer(stream, config)


def patience_s(attempt: int) -> float:
    """Return how long to wait before the next attempt: 0.25 s doubling to 5 s."""
    return float(min(PATIENCE_S_MAX, 0.125 * 2 ** min(attempt, 10)))


async def present(js: JetStreamContext, stream: str) -> None:
    """Return once `stream` exists: its owner may be starting still."""
    while True:
        try:
            await js.stream_info(stream)
        except (NotFoundError, NatsError):
            log.info("stream awaited", stream=stream)
            await asyncio.sleep(0.5)
        else:
            return


class Watched(Protocol):
    """A reader whose consumer is looked after."""

    @property
    def stream(self) -> str:
        """Return the stream it reads."""
        ...

    @property
    def durable(self) -> str:
        """Return the name of its consumer."""
        ...

    async def look(self, js: JetStreamContext) -> ConsumerInfo:
        """Heal the consumer if it is gone or astray. Return how it stands."""
        ...


async def watch(js: JetStreamContext, readers: Collection[Watched]) -> None:
    """Look after the consumers of `readers`. Raises RuntimeError when one has stalled.

    A pull subscription can go silent after a server's restart (nats.py issue 504): starting again heals it.
    """
    stalled: Counter[tuple[str, str]] = Counter()
    moved: dict[tuple[str, str], int] = {}
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        for reader in readers:
            try:
                consumer = await reader.look(js)
            except AWAY as error:
                log.warning("look failed", durable=reader.durable, reason=repr(error)[:200])
                continue
            delivered = consumer.delivered.consumer_seq if consumer.delivered else 0
            it = reader.stream, reader.durable
            stands = delivered == moved.get(it)  # a busy reader breathes between batches: it moves on
            idle = not consumer.num_waiting and not consumer.num_ack_pending and bool(consumer.num_pending)
            stalled[it] = stalled[it] + 1 if idle and stands else 0
            moved[it] = delivered
            if stalled[it] >= STALLED_AFTER:
                raise RuntimeError(f"the consumer {reader.durable} of {reader.stream} has stalled")
