"""How a view follows others' streams: in order, in batches, patiently, for ever.

What was read is decided by the view's bookmark, not by an acknowledgement, so a lost ack, a wiped
broker or a restored database only costs a second reading.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import structlog
from faststream.exceptions import NackMessage
from faststream.nats import ConsumerConfig, NatsBroker, NatsRouter
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerInfo, DeliverPolicy
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.errors import NotFoundError

from contracts.subjects import stream_of
from services.chassis.bounds import Bound
from services.chassis.delivery import UNREADABLE, Delivery, Envelope, Gap, delivery_of, envelope_in
from services.chassis.streams import bus
from services.chassis.streams.lacking import Lacking
from services.chassis.streams.prompt import BATCH_MAX, PENDING_MAX
from services.chassis.views.bookmark import advance
from services.chassis.views.copy import Page
from services.chassis.views.patience import AWAY, DELAYS_S, fold_around
from services.chassis.views.view import View

log = structlog.get_logger()

ACK_WAIT_S = 30.0
GAP_LOOKS_MAX = 2
"""Looks at a gap before its owner is asked: another process may be folding what comes before."""

GAP_RETURNED_FOR_S = 1.0


@dataclass
class Following:
    """One view reading one service's stream under a durable name of its own."""

    view: View
    source: str
    reader: str
    """The service that reads."""

    lacking: Lacking
    in_hand: int = 0
    """Events being folded."""

    _looked_at: int = -1
    """Where the view stood at the last look, -1 if there is nothing to compare with."""

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
        bus.subscribe(
            router,
            self.read,
            user=self.reader,
            stream=self.stream,
            durable=self.durable,
            subjects=[f"events.{self.source}.>"],
            description=f"Feeds the view {self.view.name} of {self.reader}",
            config=ConsumerConfig(max_ack_pending=PENDING_MAX, ack_wait=ACK_WAIT_S),
        )

    async def read(self, batch: Sequence[Msg]) -> None:
        """Fold a batch into the view, however long that takes: what comes later waits behind it.

        Only what stays behind a gap is given back (NackMessage), so that what is missing can be delivered.
        """
        try:
            deliveries = [delivery_of(message.data) for message in batch]
        except UNREADABLE as error:
            # Its place in the order cannot be read, so nothing after it can be either.
            self.lacking.alarms.raised("envelope_unreadable", stream=self.stream, error=str(error)[:200])
            raise NackMessage(delay=bus.PATIENCE_S_MAX) from error
        deliveries.sort(key=lambda delivery: delivery.message.sequence)
        self.in_hand = len(batch)
        try:
            await self._fold(batch, deliveries)
        except Gap:
            await self._fill(batch, deliveries)
        finally:
            self.in_hand = 0

    async def _fill(self, batch: Sequence[Msg], deliveries: Sequence[Delivery]) -> None:
        """Fold a batch with what is missing in the stream before parts of it, as the owner's log tells it.

        What precedes a gap that stays is folded: of two batches that each lack some of the other's, one
        must go first.
        """
        read = (await self.view.positions()).get(self.source, 0)
        try:
            async for whole in self.lacking.fill(self.source, deliveries, after=read):
                await self._fold(batch, whole)
        except AWAY as error:
            log.warning("gap stays", view=self.view.name, source=self.source, reason=repr(error)[:200])
            raise NackMessage(delay=GAP_RETURNED_FOR_S) from error

    async def _fold(self, batch: Sequence[Msg], deliveries: Sequence[Delivery]) -> None:
        """Fold `deliveries` while `batch` is held. Raises Gap if one stays; waits for what else is away."""
        delays_s = iter(DELAYS_S)
        for attempt in count(1):
            try:
                await self.view.apply(deliveries)
            except AWAY as error:
                log.warning("view waits", view=self.view.name, source=self.source, reason=str(error)[:200])
                if isinstance(error, Gap) and attempt == GAP_LOOKS_MAX:
                    raise
                await hold(batch, bus.patience_s(attempt))
            except Exception as error:  # noqa: BLE001 - whatever it is, the event is tried again, then parked
                log.warning("view retries", view=self.view.name, source=self.source, error=repr(error)[:200])
                if (delay_s := next(delays_s, None)) is None:
                    await self._around(deliveries)
                    return
                await hold(batch, delay_s)
            else:
                return

    async def _around(self, deliveries: Sequence[Delivery]) -> None:
        try:
            await fold_around(self.view, deliveries)
        except AWAY as error:
            raise NackMessage(delay=GAP_RETURNED_FOR_S) from error

    async def rewind(self, js: JetStreamContext) -> None:
        """Let the consumer go on exactly where the view stands, unless another process of ours reads with it.

        It may stand elsewhere: its last reader died with a batch in hand, which would come again only
        after the ack wait and out of order; or the view's database was emptied or restored.
        """
        start = await first_unread(js, self.source, (await self.view.positions()).get(self.source, 0))
        with suppress(NotFoundError):
            consumer = await js.consumer_info(self.stream, self.durable)
            delivered = consumer.delivered.stream_seq if consumer.delivered else 0
            stands = not consumer.num_ack_pending and delivered == start - 1
            if consumer.config.ack_policy == AckPolicy.ALL and (consumer.num_waiting or stands):
                return
        await self._move(js, start)

    async def look(self, js: JetStreamContext) -> ConsumerInfo:
        """Put the consumer where the view stands if it is gone, or takes for read what the view has not.

        Return how it stands then. A view that has read more than the owner's log holds is an alarm: what is
        recorded there anew would be taken for read. Raises NotFoundError if there is no stream.
        """
        read = (await self.view.positions()).get(self.source, 0)
        stands, self._looked_at = self._looked_at == read, read
        try:
            consumer: ConsumerInfo = await js.consumer_info(self.stream, self.durable)
        except NotFoundError:
            return await self._move(js, await first_unread(js, self.source, read))
        if not stands or consumer.num_pending or consumer.num_ack_pending:
            return consumer
        last = await last_message(js, self.stream)
        if last and last.sequence > read:
            return await self._move(js, await first_unread(js, self.source, read))
        if read > (last.sequence if last else 0) and read > (head := await self.lacking.head(self.source)):
            self.lacking.alarms.raised("view_ahead", view=self.view.name, stands_at=read, head=head)
        return consumer

    async def _move(self, js: JetStreamContext, start: int) -> ConsumerInfo:
        return await bus.move(
            js,
            self.stream,
            start,
            JetStreamConsumerConfig(
                durable_name=self.durable,
                filter_subject=f"events.{self.source}.>",
                ack_wait=ACK_WAIT_S,
                max_ack_pending=PENDING_MAX,
                ack_policy=AckPolicy.ALL,
            ),
        )


def batch_bound(readers: Sequence[Following]) -> Bound:
    """Return how many events of a stream may be in hand, and how many the busiest of `readers` has."""
    return Bound(
        "events of a stream in hand",
        BATCH_MAX,
        lambda: max((reader.in_hand for reader in readers), default=0),
    )


async def hold(batch: Sequence[Msg], for_s: float) -> None:
    """Keep a batch for a while, telling the server that it is being worked on."""
    for message in batch:
        await message.in_progress()
    await asyncio.sleep(for_s)


async def last_message(js: JetStreamContext, stream: str) -> Envelope | None:
    """Return the last message of a stream of events, None if it is empty."""
    if not (await js.stream_info(stream)).state.messages:
        return None
    return envelope_in((await js.get_last_msg(stream, "events.>")).data or b"")


class StreamFeed:
    """The history of some services, read from their streams' beginnings. See `filling.Feed`."""

    def __init__(self, broker: NatsBroker, sources: Sequence[str], lacking: Lacking) -> None:
        self._broker = broker
        self._sources = sources
        self._lacking = lacking

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

    async def replay(self, view: View, after: Mapping[str, int]) -> AsyncGenerator[Page, None]:
        """Yield one stream after the other, then whatever is new; a page without events at each end.

        What a stream lost its owner tells. Raises Gap if that has nothing there, a nats Error if it is away.
        """
        js = self._broker.connection.jetstream()
        read = {source: after.get(source, 0) for source in self._sources}
        readers = [await _reader(js, source, read[source]) for source in self._sources]
        try:
            while True:
                for source, reader in zip(self._sources, readers, strict=True):
                    async for batch in _until_empty(reader):
                        async for whole in self._lacking.fill(source, batch, after=read[source]):
                            if fresh := [d for d in whole if advance(read, d.message, view.name)]:
                                folded = [d.raw for d in fresh if view.folds(d.message.type)]
                                yield Page(len(fresh), folded, {source: read[source]})
                yield Page(0, [], {})
        finally:
            for reader in readers:
                await reader.unsubscribe()


async def _reader(js: JetStreamContext, source: str, read: int) -> JetStreamContext.PullSubscription:
    """Return a reader of what follows position `read` in the stream of `source`, forgotten when it rests."""
    config = JetStreamConsumerConfig(
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        inactive_threshold=60.0,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=await first_unread(js, source, read),
    )
    return await js.pull_subscribe(f"events.{source}.>", stream=stream_of(source), config=config)


async def first_unread(js: JetStreamContext, source: str, read: int) -> int:
    """Return where in the stream of `source` the first message after position `read` stands (by halving)."""
    stream = stream_of(source)
    state = (await js.stream_info(stream)).state
    low, high = max(state.first_seq, 1), state.last_seq + 1
    while low < high:
        middle = (low + high) // 2
        try:
            raw = await js.get_msg(stream, middle, subject=f"events.{source}.>", next=True)
            was_read = envelope_in(raw.data or b"").sequence <= read
        except NotFoundError:
            was_read = False  # from here to the end all is gone
        except UNREADABLE:
            was_read = False  # nothing after an envelope that cannot be read was read either
        low, high = (middle + 1, high) if was_read else (low, middle)
    return low


async def _until_empty(reader: JetStreamContext.PullSubscription) -> AsyncIterator[Sequence[Delivery]]:
    while True:
        try:
            messages = await reader.fetch(batch=BATCH_MAX, timeout=0.2)
        except TimeoutError:  # nats-py's own, or asyncio's: of which it raises either
            return
        yield [delivery_of(message.data) for message in messages]
