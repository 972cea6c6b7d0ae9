"""A stream from any place in it: for a rebuild, and for a view that reads by itself."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, DeliverPolicy
from nats.js.api import ConsumerConfig as JetStreamConsumerConfig
from nats.js.errors import NotFoundError

from contracts.subjects import stream_of
from services.chassis.delivery import UNREADABLE, Delivery, Envelope, delivery_of, envelope_in
from services.chassis.streams.lacking import Lacking
from services.chassis.streams.prompt import BATCH_MAX
from services.chassis.views.bookmark import advance
from services.chassis.views.copy import Page
from services.chassis.views.view import View


async def last_message(js: JetStreamContext, stream: str) -> Envelope | None:
    """Return the last message of a stream of events, None if it is empty."""
    if not (await js.stream_info(stream)).state.messages:
        return None
    return envelope_in((await js.get_last_msg(stream, "events.>")).data or b"")


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


async def unread(source: str, read: int, lacking: Lacking) -> AsyncGenerator[Sequence[Delivery], None]:
    """Yield what follows position `read` in the stream of `source`; nothing each time its end is reached.

    What the stream lost its owner tells. Raises Gap if that has nothing there, one of UNREADABLE if a
    message is no envelope, a nats Error if the server or the owner is away.
    """
    js = lacking.broker.connection.jetstream()
    config = JetStreamConsumerConfig(
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        inactive_threshold=60.0,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=await first_unread(js, source, read),
    )
    reader = await js.pull_subscribe(f"events.{source}.>", stream=stream_of(source), config=config)
    try:
        while True:
            async for batch in _until_empty(reader):
                async for whole in lacking.fill(source, batch, after=read):
                    yield whole
                    read = max(read, whole[-1].message.sequence)
            yield ()
    finally:
        with suppress(NatsError):  # then the server forgets it when it has rested for a while
            await reader.unsubscribe()
            await js.delete_consumer(stream_of(source), reader._consumer)


async def _until_empty(reader: JetStreamContext.PullSubscription) -> AsyncIterator[Sequence[Delivery]]:
    while True:
        try:
            messages = await reader.fetch(batch=BATCH_MAX, timeout=0.2)
        except TimeoutError:  # nats-py's own, or asyncio's: of which it raises either
            return
        yield [delivery_of(message.data) for message in messages]


class StreamFeed:
    """The history of some services, read from their streams' beginnings. See `filling.Feed`."""

    def __init__(self, sources: Sequence[str], lacking: Lacking) -> None:
        self._sources = sources
        self._lacking = lacking

    async def total(self) -> int:
        """Return how many messages the streams hold."""
        js = self._lacking.broker.connection.jetstream()
        return sum([(await js.stream_info(stream_of(source))).state.messages for source in self._sources])

    async def lag(self, positions: Mapping[str, int]) -> int:
        """Return the sum over the streams of the last sequence minus the position."""
        js = self._lacking.broker.connection.jetstream()
        behind = 0
        for source in self._sources:
            if message := await last_message(js, stream_of(source)):
                behind += max(0, message.sequence - positions.get(source, 0))
        return behind

    async def replay(self, view: View, after: Mapping[str, int]) -> AsyncGenerator[Page, None]:
        """Yield one stream after the other, then whatever is new; a page without events at each end.

        Raises as `unread`.
        """
        read = {source: after.get(source, 0) for source in self._sources}
        streams = {source: unread(source, read[source], self._lacking) for source in self._sources}
        try:
            while True:
                for source, stream in streams.items():
                    async for whole in stream:
                        if not whole:
                            break
                        if fresh := [d for d in whole if advance(read, d.message, view.name)]:
                            folded = [d.raw for d in fresh if view.folds(d.message.type)]
                            yield Page(len(fresh), folded, {source: read[source]})
                yield Page(0, [], {})
        finally:
            for stream in streams.values():
                await stream.aclose()
