"""How a service follows a stream: it reads it once, in batches, and hands each to all views that follow.

A view that does not keep up is passed by, and reads by itself until it has come up with the others.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress

from faststream.exceptions import NackMessage
from faststream.nats import ConsumerConfig, NatsRouter
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerInfo
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.errors import NotFoundError

from contracts.subjects import stream_of
from services.chassis.bounds import Bound
from services.chassis.delivery import UNREADABLE, delivery_of
from services.chassis.streams import bus
from services.chassis.streams.follower import Follower
from services.chassis.streams.history import first_unread, last_message
from services.chassis.streams.lacking import Lacking
from services.chassis.streams.prompt import BATCH_MAX, PENDING_MAX
from services.chassis.views.view import View
from services.chassis.views.wanted import Wanted

ACK_WAIT_S = 30.0
TOGETHER_S = 1.0
"""How long views that have folded a batch wait for the others, before these are passed by."""


class Reader:
    """One service's reader of one source, under a durable name of its own, for all views that follow it."""

    def __init__(self, service: str, source: str, lacking: Lacking) -> None:
        self.durable = service
        """The name of its consumer in that stream."""
        self.source = source
        self.stream = stream_of(source)
        self.followers: list[Follower] = []
        self.wanted = Wanted()
        """Who waits for what it brings."""
        self.lacking = lacking
        self._looked_at: Sequence[int] = ()
        """Where the views stood at the last look."""

    def feed(self, view: View) -> None:
        """Hand what is read to `view` too."""
        self.followers.append(Follower(view, self.source, self.lacking))
        view.wanted[self.source] = self.wanted

    def subscribe(self, router: NatsRouter) -> None:
        """Make this the one ordered reader of the stream on `router`."""
        bus.subscribe(
            router,
            self.read,
            user=self.durable,
            stream=self.stream,
            durable=self.durable,
            subjects=[f"events.{self.source}.>"],
            description=f"Feeds the views of {self.durable} that follow {self.source}",
            config=ConsumerConfig(max_ack_pending=PENDING_MAX, ack_wait=ACK_WAIT_S),
        )

    async def read(self, batch: Sequence[Msg]) -> None:
        """Hand a batch to the views. Return when they have folded it, or in a while if some have.

        While none gets on, all that comes later waits.
        """
        try:
            deliveries = [delivery_of(message.data) for message in batch]
        except UNREADABLE as error:
            # Its place in the order cannot be read, so nothing after it can be either.
            self.lacking.alarms.raised("envelope_unreadable", source=self.source, error=str(error)[:200])
            raise NackMessage(delay=bus.PATIENCE_S_MAX) from error
        deliveries.sort(key=lambda delivery: delivery.message.sequence)
        taken = [work for follower in self.followers if (work := follower.hand(deliveries))]
        awaited = taken or [follower.work for follower in self.followers if follower.work]
        while not (await asyncio.wait(awaited, timeout=TOGETHER_S))[0]:
            for message in batch:
                await message.in_progress()

    async def rewind(self, js: JetStreamContext) -> None:
        """Let the consumer go on where the foremost view stands, unless another process reads with it.

        It may stand elsewhere: its last reader died with a batch in hand, which would come again only
        after the ack wait and out of order; or the views' database was emptied or restored.
        """
        for follower in self.followers:
            with suppress(NotFoundError):  # what read for this view alone, in an earlier version
                await js.delete_consumer(self.stream, f"{self.durable}-{follower.view.name}")
        read = await self._positions()
        start = await first_unread(js, self.source, max(read))
        self._level(read)
        with suppress(NotFoundError):
            consumer = await js.consumer_info(self.stream, self.durable)
            delivered = consumer.delivered.stream_seq if consumer.delivered else 0
            stands = not consumer.num_ack_pending and delivered == start - 1
            if consumer.config.ack_policy == AckPolicy.ALL and (consumer.num_waiting or stands):
                return
        await self._move(js, start)

    async def look(self, js: JetStreamContext) -> ConsumerInfo:
        """Put the consumer where the foremost view stands if it is gone, or takes for read what no view has.

        Return how it stands then. A view that has read more than the owner's log holds is an alarm: what is
        recorded there anew would be taken for read. Raises NotFoundError if there is no stream.
        """
        read = await self._positions()
        stand, self._looked_at = self._looked_at == read, read
        try:
            consumer: ConsumerInfo = await js.consumer_info(self.stream, self.durable)
        except NotFoundError:
            return await self._move(js, await first_unread(js, self.source, max(read)))
        if not stand or consumer.num_pending or consumer.num_ack_pending:
            return consumer
        last = await last_message(js, self.stream)
        end = last.sequence if last else 0
        if end > max(read):
            return await self._move(js, await first_unread(js, self.source, max(read)))
        self._level(read)
        if max(read) > end and max(read) > (head := await self.lacking.head(self.source)):
            for follower, at in zip(self.followers, read, strict=True):
                if at > head:
                    name = follower.view.name
                    self.lacking.alarms.raised("view_ahead", view=name, stands_at=at, head=head)
        return consumer

    def close(self) -> None:
        """Let every view leave what it is doing."""
        for follower in self.followers:
            follower.close()

    async def _positions(self) -> list[int]:
        return [await follower.position() for follower in self.followers]

    def _level(self, read: Sequence[int]) -> None:
        """Let the views that stand at `read` come up with the foremost of them."""
        for follower, at in zip(self.followers, read, strict=True):
            if at < max(read):
                follower.catch_up(max(read))

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


def batch_bound(readers: Collection[Reader]) -> Bound:
    """Return how many events of a stream may be in hand, and how many the busiest of all views has."""
    return Bound(
        "events of a stream in hand",
        BATCH_MAX,
        lambda: max((one.in_hand for reader in readers for one in reader.followers), default=0),
    )
