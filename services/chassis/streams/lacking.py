"""What a stream lost and a reader lacks: asked of the service that published it and has it in its log.

The question `log.<service>` names two positions and is answered with the public events between them,
as they were published, as many as an answer holds. So a hole in a stream delays its readers by a
request, and needs no person; where the log has nothing either, that is an alarm, and nobody passes on.
"""

from collections.abc import AsyncIterator, Sequence
from itertools import takewhile

import msgspec
import structlog
from faststream.nats import NatsBroker
from nats.aio.msg import Msg

from contracts.subjects import log_subject
from services.chassis.alarm import Alarms
from services.chassis.delivery import Delivery, Gap, delivery_of
from services.chassis.streams.bus import answering
from services.chassis.streams.published import Published

log = structlog.get_logger()

ANSWER_BYTES_MAX = 1_048_576
"""From here on an answer ends: with one event more it is still far below the server's max_payload."""

READ_MAX = 500
ANSWER_WITHIN_S = 5.0


class Between(msgspec.Struct, frozen=True):
    """The question: what is public after one position and before another."""

    after: int
    before: int


class Told(msgspec.Struct, frozen=True):
    """The answer: events in order, the first of all that were asked for; and where the log ends."""

    head: int
    events: list[msgspec.Raw]


class Owner:
    """Answers from its log for one service, any of its processes. `run` is its task."""

    def __init__(self, published: Published, broker: NatsBroker) -> None:
        self._published = published
        self._store = published.store
        self._broker = broker

    async def run(self) -> None:
        """Answer until cancelled. Who gets no answer asks again."""
        service = self._store.service
        await answering(self._broker.connection, log_subject(service), service, self._answer)

    async def _answer(self, question: Msg) -> None:
        between = msgspec.json.decode(question.data, type=Between)
        told = Told(await self._store.head(), [msgspec.Raw(raw) for raw in await self._events(between)])
        await question.respond(msgspec.json.encode(told))

    async def _events(self, between: Between) -> list[bytes]:
        """Return what is public between two positions, up to the size of an answer."""
        events: list[bytes] = []
        position, size = between.after, 0
        while not events and (facts := await self._store.read(position, READ_MAX)):
            within = takewhile(lambda fact: fact.position < between.before, facts)
            for envelope in self._published.envelopes(within, after=between.after):
                events.append(envelope.encode())
                size += len(events[-1])
                if size > ANSWER_BYTES_MAX:
                    break
            position = facts[-1].position
            if position >= between.before:
                break
        return events


class Lacking:
    """Asks owners for what their streams no longer hold."""

    def __init__(self, broker: NatsBroker, alarms: Alarms) -> None:
        self.alarms = alarms
        self.broker = broker

    async def fill(
        self, source: str, deliveries: Sequence[Delivery], *, after: int
    ) -> AsyncIterator[Sequence[Delivery]]:
        """Yield `deliveries`, in order and read up to `after`, and before each gap what is missing there.

        Raises Gap, after an alarm, if the owner's log has nothing there; a nats Error if nobody answers.
        """
        whole: list[Delivery] = []
        for delivery in deliveries:
            message = delivery.message
            if message.previous > after:
                if whole:
                    yield whole
                    whole = []
                async for told in self._between(source, after, message.previous):
                    yield told
            whole.append(delivery)
            after = max(after, message.sequence)
        if whole:
            yield whole

    async def head(self, source: str) -> int:
        """Return where the log of `source` ends. Raises a nats Error if nobody answers."""
        return (await self._ask(source, Between(0, 0))).head

    async def _between(self, source: str, after: int, last: int) -> AsyncIterator[Sequence[Delivery]]:
        """Yield what follows position `after`, up to the event at `last`."""
        log.warning("gap", source=source, after=after, last=last)
        while after < last:
            told = await self._ask(source, Between(after, last + 1))
            if not told.events:
                self.alarms.raised("gap", source=source, after=after, last=last, head=told.head)
                raise Gap(f"{source} has nothing between {after} and {last + 1}")
            deliveries = [delivery_of(bytes(raw)) for raw in told.events]
            yield deliveries
            after = deliveries[-1].message.sequence

    async def _ask(self, source: str, between: Between) -> Told:
        answer = await self.broker.connection.request(
            log_subject(source), msgspec.json.encode(between), timeout=ANSWER_WITHIN_S
        )
        return msgspec.json.decode(answer.data, type=Told)
