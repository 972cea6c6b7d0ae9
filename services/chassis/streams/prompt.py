"""A reader's messages as soon as they come, in batches as large as what came meanwhile.

FastStream asks nats-py for a batch, which takes a task and a timer for each message, holds a partial
batch back for up to five seconds (nats.py issue 1034), and does not hear that its consumer was deleted.
A standing pull in its place costs a third of that and brings what is published at once.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NothingYet
from nats.js import JetStreamContext

from services.chassis.streams.pull import Pull
from services.chassis.views.wanted import Wanted

BATCH_MAX = 500
"""Messages in one transaction of a view: measured, more gains little and delays the first of them."""

PENDING_MAX = 2 * BATCH_MAX
"""Messages that may be unacknowledged: while one batch is folded, the next one comes."""

BATCH_BYTES_MAX = 8_388_608
REST_S, BREATH_S = 0.05, 0.002
"""A reader rests between two batches, so that what comes meanwhile comes together.

While somebody waits for what it brings (`?after=`) it only draws breath. What follows a rest is not
delayed, and in a flood nobody rests. Measured: readers taking each event alone cost more than all else.
"""

AWAY_FOR_S = 0.25
"""How long a reader rests when there is nothing to read from."""

GONE = ("409", "503")
"""What the server says when the consumer was deleted, or is not there."""


class Prompt:
    """What FastStream fetches from, in the place of nats-py's pull subscription."""

    def __init__(
        self,
        bus: Client,
        subscription: JetStreamContext.PullSubscription,
        stream: str,
        durable: str,
        wanted: Wanted,
    ) -> None:
        self._wanted = wanted
        self._subscription = subscription
        self._pull = Pull(bus, stream, durable, bytes_max=BATCH_BYTES_MAX, over=self._over)
        self._asked_until = self._next_at = 0.0
        self._there = 0
        """How many messages there were at the last look: handed over, and waiting in the stream."""
        self._delivered = 0
        """How many the consumer had delivered then: if it was more than came here, another process reads too,
        and a batch taken ahead would only tear the other's apart."""

    async def fetch(self, batch: int, timeout: float) -> list[Msg]:  # noqa: ASYNC109 - nats-py's signature
        """Return what has come. Raises nats TimeoutError if nothing does, or some is held already."""
        if batch < BATCH_MAX:
            raise NothingYet
        await self._rest()
        pull = self._pull
        if not pull.came:
            await self._ask(timeout)
            pull.news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(pull.news.wait(), self._asked_until - monotonic())
        if not pull.came:
            raise NothingYet
        messages = pull.take(batch)
        last = messages[-1].metadata
        self._there = len(messages) + last.num_pending
        alone = self._delivered + len(messages) == last.sequence.consumer
        self._delivered = last.sequence.consumer
        if alone and not pull.came:
            await self._ask(timeout)
        return messages

    async def unsubscribe(self) -> None:
        """Hear no more, and give back what nobody took."""
        await self._pull.close()
        await self._subscription.unsubscribe()

    async def _rest(self) -> None:
        there, self._there = self._there, 0
        await asyncio.sleep(self._next_at - monotonic())
        if 0 < there < BATCH_MAX:
            await asyncio.sleep(BREATH_S)
            await self._wanted.within(REST_S - BREATH_S)

    async def _ask(self, for_s: float) -> None:
        """Keep a pull standing: one that is answered, over or forgotten by its server is asked anew."""
        if self._pull.asked > 0 and monotonic() < self._asked_until:
            return
        self._pull.asked, self._asked_until = 0, monotonic() + for_s
        with suppress(NatsError):  # asked again when the time is over
            await self._pull.ask(BATCH_MAX, for_s=for_s)

    def _over(self, status: str) -> None:
        if status in GONE and not self._pull.came:
            self._next_at = monotonic() + AWAY_FOR_S

    def __getattr__(self, name: str) -> Any:
        return getattr(self._subscription, name)


def make_prompt(broker: NatsBroker, wanted: Mapping[str, Wanted] | None = None) -> None:
    """Give every batch reader of a started broker a standing pull; `wanted` is by its stream."""
    for subscriber in broker.subscribers:
        pull: Any = subscriber
        if getattr(getattr(pull, "pull_sub", None), "batch", False):
            stream, durable = pull.stream.name, pull.extra_options["durable"]
            hurry = (wanted or {}).get(stream) or Wanted()
            pull.subscription = Prompt(broker.connection, pull.subscription, stream, durable, hurry)
