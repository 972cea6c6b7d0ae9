"""How a service follows others' streams: in order, in batches, patiently, for ever.

The owner of a stream declares it; followers only read (`declare=False`: FastStream would otherwise
rewrite the owner's limits to ours). What was read is decided by a view's bookmark, not by an
acknowledgement, so a lost ack, a wiped broker or a restored database only costs a second reading.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any, cast

import structlog
from faststream import AckPolicy as OnError
from faststream import Context
from faststream.exceptions import NackMessage
from faststream.nats import ConsumerConfig, JStream, NatsBroker, NatsRouter, PullSub
from faststream.nats.message import NatsBatchMessage
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NothingYet
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, DeliverPolicy, StreamConfig
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.errors import APIError, BadRequestError, NotFoundError
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import ValidationError

from contracts.message import Message
from contracts.subjects import inbox_prefix, stream_of
from services.chassis.view import Delivery, Gap, Outdated, View

log = structlog.get_logger()

BATCH_MAX = 500
"""Messages in one transaction of a view: measured, more gains little and delays the first of them."""

TRIES_MAX = 5
"""How often one event is tried before it is parked: with the growing delay, some eight seconds."""

PATIENCE_S_MAX = 5.0
ACK_WAIT_S = 30.0
GAP_LOOKS_MAX = 3
"""Looks at a gap, some two seconds, before the batch is given back: another process may be filling it."""

GAP_RETURNED_FOR_S = 1.0
FETCH_TIMEOUT_S = 5.0
WATCH_EVERY_S = 5.0
STALLED_AFTER = 6
"""Looks in a row that find messages waiting and nobody asking for them, before the process ends."""

AWAY = (NatsError, OperationalError, PoolTimeout, Gap, Outdated)
"""Not the message's fault: wait as long as it takes, never park."""


def connect(service: str, nats_url: str) -> NatsBroker:
    """Return the broker of `service`, not yet started. It reconnects for ever and says so in one line."""

    async def on_error(error: Exception) -> None:
        log.warning("nats", error=str(error) or type(error).__name__)

    async def on_disconnect() -> None:
        log.warning("nats disconnected")

    async def on_reconnect() -> None:
        log.info("nats reconnected")

    return NatsBroker(
        nats_url,
        name=service,
        inbox_prefix=inbox_prefix(service),
        error_cb=on_error,
        disconnected_cb=on_disconnect,
        reconnected_cb=on_reconnect,
        max_reconnect_attempts=-1,
        reconnect_time_wait=cast("int", 0.5 + random.random()),  # noqa: S311 - a jitter, not a secret; nats-py sleeps it
        graceful_timeout=4.0,
        logger=None,
    )


async def declare(js: JetStreamContext, config: StreamConfig) -> None:
    """Create a stream, or bring it to `config`. Only its owner may call this."""
    try:
        await js.add_stream(config)
    except BadRequestError:
        await js.update_stream(config)


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
    """Give `read` what lies on `subjects`, in batches, in order; what it does not refuse is acknowledged."""
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


async def undecoded(message: NatsBatchMessage) -> None:
    """Leave bodies to the reader: FastStream would decode them all, and fail on one nested too deep."""


@dataclass
class Following:
    """One view reading one service's stream under a durable name of its own."""

    view: View
    source: str
    reader: str
    """The service that reads."""

    @property
    def stream(self) -> str:
        """Return the stream it reads."""
        return stream_of(self.source)

    @property
    def durable(self) -> str:
        """Return the name of its consumer: `assessment-tree`."""
        return f"{self.reader}-{self.view.name}"

    def subscribe(self, router: NatsRouter) -> None:
        """Make this the one ordered reader of the stream on `router`."""
        subscribe(
            router,
            self.read,
            user=self.reader,
            stream=self.stream,
            durable=self.durable,
            subjects=[f"events.{self.source}.>"],
            description=f"Feeds the view {self.view.name} of {self.reader}",
            config=ConsumerConfig(max_ack_pending=BATCH_MAX, ack_wait=ACK_WAIT_S),
        )

    async def read(self, batch: Sequence[Msg]) -> None:
        """Fold a batch into the view, however long that takes: what comes later waits behind it.

        Only a gap that stays is given back (NackMessage), so that what is missing can be delivered.
        """
        try:
            deliveries = [delivered(message) for message in batch]
        except ValidationError as error:
            # Its place in the order cannot be read, so nothing after it can be either.
            log.warning(
                "envelope unreadable", view=self.view.name, source=self.source, error=str(error)[:200]
            )
            raise NackMessage(delay=PATIENCE_S_MAX) from error
        deliveries.sort(key=lambda delivery: delivery.message.sequence)
        for attempt in count(1):
            try:
                await self.view.apply(deliveries)
            except AWAY as error:
                log.warning("view waits", view=self.view.name, source=self.source, reason=str(error)[:200])
                if isinstance(error, Gap) and attempt == GAP_LOOKS_MAX:
                    raise NackMessage(delay=GAP_RETURNED_FOR_S) from error
            except Exception as error:  # noqa: BLE001 - whatever it is, the event is tried again, then parked
                log.warning("view retries", view=self.view.name, source=self.source, error=repr(error)[:200])
                if attempt == TRIES_MAX:
                    await self._one_by_one(deliveries)
                    return
            else:
                return
            await hold(batch, patience_s(attempt))

    async def _one_by_one(self, deliveries: Sequence[Delivery]) -> None:
        """Fold what can be folded, and park what cannot, so that one bad event stops nothing else."""
        for delivery in deliveries:
            try:
                await self.view.apply([delivery])
            except AWAY as error:
                raise NackMessage(delay=GAP_RETURNED_FOR_S) from error
            except Exception as error:
                log.exception("event parked", view=self.view.name, event_id=delivery.message.id)
                await self.view.skip(delivery, error)

    async def rewind(self, js: JetStreamContext) -> None:
        """Let the consumer go on exactly where the view stands, unless another process of ours reads with it.

        It may stand elsewhere: its last reader died with a batch in hand, which would come again only
        after the ack wait and out of order; or the view's database was emptied or restored.
        """
        try:
            consumer = await js.consumer_info(self.stream, self.durable)
        except NotFoundError:
            return
        start = await self._first_unread(js)
        delivered = consumer.delivered.stream_seq if consumer.delivered else 0
        if consumer.num_waiting or (not consumer.num_ack_pending and delivered == start - 1):
            return
        await move(
            js,
            self.stream,
            start,
            JetStreamConsumerConfig(
                durable_name=self.durable,
                filter_subject=f"events.{self.source}.>",
                ack_wait=ACK_WAIT_S,
                max_ack_pending=BATCH_MAX,
            ),
        )

    async def _first_unread(self, js: JetStreamContext) -> int:
        """Return where in the stream the first message stands that the view has not read (by halving)."""
        read = (await self.view.positions()).get(self.source, 0)
        state = (await js.stream_info(self.stream)).state
        low, high = max(state.first_seq, 1), state.last_seq + 1
        while low < high:
            middle = (low + high) // 2
            raw = await js.get_msg(self.stream, middle)
            try:
                was_read = Message.model_validate_json(raw.data or b"").sequence <= read
            except ValidationError:
                was_read = False  # nothing after an envelope that cannot be read was read either
            low, high = (middle + 1, high) if was_read else (low, middle)
        return low


async def move(js: JetStreamContext, stream: str, start: int, config: JetStreamConsumerConfig) -> None:
    """Make a durable consumer anew so that it goes on at `start`, forgetting what a dead reader holds."""
    log.info("consumer moved", stream=stream, durable=config.durable_name, start=start)
    config.ack_policy = AckPolicy.EXPLICIT
    config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, start
    assert config.durable_name
    await js.delete_consumer(stream, config.durable_name)
    await js.add_consumer(stream, config)


async def hold(batch: Sequence[Msg], for_s: float) -> None:
    """Keep a batch for a while, telling the server that it is being worked on."""
    for message in batch:
        await message.in_progress()
    await asyncio.sleep(for_s)


async def last_message(js: JetStreamContext, stream: str) -> Message | None:
    """Return the last message of a stream of events, None if it is empty."""
    state = (await js.stream_info(stream)).state
    if not state.messages:
        return None
    return Message.model_validate_json((await js.get_msg(stream, state.last_seq)).data or b"")


def delivered(message: Msg) -> Delivery:
    """Return what a message holds. Raises pydantic.ValidationError if it is no envelope of ours."""
    return Delivery(Message.model_validate_json(message.data), message.data)


def patience_s(attempt: int) -> float:
    """Return how long to wait before the next attempt: 0.25 s doubling to 5 s."""
    return float(min(PATIENCE_S_MAX, 0.125 * 2 ** min(attempt, 10)))


class Prompt:
    """A pull subscription that hands a partial batch over at once.

    FastStream's batch loop goes on fetching until the batch is full or its timeout is over (because
    of nats.py issue 1034), which would make every reader up to five seconds late. It asks for fewer
    than the full batch only when it already has some: that question gets no answer.
    """

    def __init__(self, subscription: JetStreamContext.PullSubscription) -> None:
        self._subscription = subscription

    async def fetch(self, batch: int, timeout: float | None) -> list[Msg]:  # noqa: ASYNC109 - nats-py's signature
        """Return what is there. Raises nats TimeoutError if nothing came, or some is already held."""
        if batch < BATCH_MAX:
            raise NothingYet
        try:
            return await self._subscription.fetch(batch=batch, timeout=timeout)
        except TimeoutError as error:
            # nats-py raises asyncio's own when the server's answer comes just before its clock: FastStream
            # knows only nats-py's, and would take it for a defect.
            raise NothingYet from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._subscription, name)


def make_prompt(broker: NatsBroker) -> None:
    """Give every batch reader of a started broker its partial batches at once."""
    for subscriber in broker.subscribers:
        pull: Any = subscriber
        if getattr(getattr(pull, "pull_sub", None), "batch", False):
            pull.subscription = Prompt(pull.subscription)


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


async def watch(js: JetStreamContext, consumers: Sequence[tuple[str, str]]) -> None:
    """Look after our consumers, (stream, durable) each. Raises RuntimeError when one is lost or stalled.

    A broker that lost its data has no consumers, and a pull subscription can go silent after a
    server's restart (nats.py issue 504). Either ends the process: starting again heals both.
    """
    stalled = dict.fromkeys(consumers, 0)
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        for stream, durable in consumers:
            try:
                consumer = await js.consumer_info(stream, durable)
            except NotFoundError as error:
                raise RuntimeError(f"the consumer {durable} of {stream} is gone") from error
            except (NatsError, APIError):
                continue
            idle = not consumer.num_waiting and not consumer.num_ack_pending and bool(consumer.num_pending)
            stalled[stream, durable] = stalled[stream, durable] + 1 if idle else 0
            if stalled[stream, durable] >= STALLED_AFTER:
                raise RuntimeError(f"the consumer {durable} of {stream} has stalled")


class StreamFeed:
    """The history of some services, read from their streams' beginnings. See `rebuild.Feed`."""

    def __init__(self, broker: NatsBroker, sources: Sequence[str]) -> None:
        self._broker = broker
        self._sources = sources

    async def total(self) -> int:
        """Return how many messages the streams hold."""
        js = self._broker.connection.jetstream()
        return sum([(await js.stream_info(stream_of(source))).state.messages for source in self._sources])

    async def lag(self, positions: Mapping[str, int]) -> int:
        """Return the sum over the streams of the last sequence minus the position."""
        js = self._broker.connection.jetstream()
        behind = 0
        for source in self._sources:
            if message := await last_message(js, stream_of(source)):
                behind += max(0, message.sequence - positions.get(source, 0))
        return behind

    async def replay(self) -> AsyncIterator[Sequence[Delivery]]:
        """Yield one stream after the other, then whatever is new; empty at each end."""
        js = self._broker.connection.jetstream()
        config = JetStreamConsumerConfig(ack_policy=AckPolicy.NONE, mem_storage=True, inactive_threshold=60.0)
        readers = [
            await js.pull_subscribe(
                f"events.{source}.>",
                stream=stream_of(source),
                config=config,
            )
            for source in self._sources
        ]
        try:
            while True:
                for reader in readers:
                    async for batch in _until_empty(reader):
                        yield batch
                yield []
        finally:
            for reader in readers:
                await reader.unsubscribe()


async def _until_empty(reader: JetStreamContext.PullSubscription) -> AsyncIterator[Sequence[Delivery]]:
    while True:
        try:
            messages = await reader.fetch(batch=BATCH_MAX, timeout=0.2)
        except TimeoutError:  # nats-py's own, or asyncio's: see `Prompt`
            return
        yield [delivered(message) for message in messages]
