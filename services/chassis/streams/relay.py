"""Carries a service's log to its stream: in order, once, and never past a missing event.

It keeps no bookmark. On start it asks the stream for its last message and goes on from that position,
and it looks again whenever it has nothing to do: a stream that was wiped, or lost its last minutes, is
filled again. Each publish says after which one it must come, so nothing can be left
out and a second relay's publish fails; an advisory lock lets one process of a service carry at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from faststream.nats import NatsBroker
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from psycopg import AsyncConnection, OperationalError

from contracts.message import Event
from contracts.subjects import events_subject, stream_of
from services.chassis.alarm import Alarms
from services.chassis.bounds import Bound
from services.chassis.delivery import envelope_in
from services.chassis.eventlog.store import Store
from services.chassis.eventlog.writer import Recorded
from services.chassis.streams.bus import declare
from services.chassis.streams.published import Published
from services.chassis.streams.window import WINDOW_MAX, Outgoing, send

log = structlog.get_logger()

IDLE_S = 1.0
"""How long to wait for news of this process before looking for another's."""

RETRY_S = 1.0

AWAY = (NatsError, OperationalError, TimeoutError)


class StreamAhead(Exception):
    """The stream holds events the log does not: the database was restored from before them."""


class Relay:
    """The one carrier from `store` to the stream of its service. `run` is its task."""

    def __init__(
        self,
        store: Store,
        publish: Callable[[Any], Event | None],
        broker: NatsBroker,
        database_url: str,
        *,
        replicas: int = 1,
        alarms: Alarms | None = None,
    ) -> None:
        self.store = store
        self.published = Published(store, publish)
        self.broker = broker
        self.stream = stream_of(store.service)
        self.position = 0
        """How far the log has been carried: facts that stay private count."""
        self.active = False
        self.standing_by = False
        """Whether another process of the service carries, and this one waits to take over."""
        self._database_url = database_url
        self._replicas = replicas
        self._alarms = alarms or Alarms()
        self._in_flight = 0
        self.bound = Bound("publishes in flight", WINDOW_MAX, lambda: self._in_flight)
        self._told = 0
        """The position of the last public fact carried, which the next one names."""

    async def run(self) -> None:
        """Carry until cancelled. What is away is waited for; anything else ends the process."""
        while True:
            try:
                async with self._turn():
                    self.active = True
                    await self._carry()
            except AWAY as error:
                log.warning(
                    "relay waits", stream=self.stream, reason=f"{type(error).__name__}: {error}"[:200]
                )
                await asyncio.sleep(RETRY_S)
            finally:
                self.active = self.standing_by = False

    async def carried(self) -> bool:
        """Return whether all is carried, as far as it is this process that carries."""
        return self.standing_by or self.position >= await self.store.head()

    async def declare(self) -> None:
        """Create the stream, or bring it to this: everything kept, on disk, never deleted by a client."""
        await declare(
            self.broker.connection.jetstream(),
            StreamConfig(
                name=self.stream,
                subjects=[f"events.{self.store.service}.>"],
                description=f"Public events of {self.store.service}, refilled from its log",
                allow_direct=True,
                allow_atomic=True,
                deny_delete=True,
                num_replicas=self._replicas,
            ),
        )

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Hold the right to carry, on a connection of its own: if that breaks, so does the turn."""
        connection = await AsyncConnection.connect(self._database_url, autocommit=True)
        async with connection:
            key = f"relay {self.store.service}"
            while True:
                cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (key,))
                row = await cursor.fetchone()
                if row and row[0]:
                    break
                self.standing_by = True
                await asyncio.sleep(IDLE_S)
            self.standing_by = False
            yield

    async def _carry(self) -> None:
        """Send window after window, from where the stream ends; in a flood, read the next one meanwhile."""
        js = self.broker.connection.jetstream()
        await self.declare()
        last = await self._resume(js)
        facts = await self.store.read(self.position, WINDOW_MAX)
        while True:
            if not facts:
                await self.store.grown(self.position, IDLE_S)
                if not (facts := await self.store.read(self.position, WINDOW_MAX)):
                    last = await self._look(js, last)
                    continue
            end = facts[-1].position
            full = len(facts) == WINDOW_MAX
            ahead = asyncio.create_task(self.store.read(end, WINDOW_MAX)) if full else None
            try:
                last = await self._send(facts, last)
                self.position = end
                facts = await ahead if ahead else []
            finally:
                if ahead:
                    ahead.cancel()

    async def _send(self, facts: Sequence[Recorded], last: int) -> int:
        """Store what is public of `facts` after the stream's sequence `last`. Return where it ends then."""
        envelopes = list(self.published.envelopes(facts, after=self._told))
        messages = [Outgoing(events_subject(e.type, e.organization), e.encode()) for e in envelopes]
        self._in_flight = len(messages)
        last = await send(self.broker.connection, self.stream, messages, after=last)
        self._in_flight = 0
        if envelopes:
            self._told = envelopes[-1].sequence
        return last

    async def _resume(self, js: JetStreamContext) -> int:
        """Stand where the stream ends. Return its last sequence. Raises StreamAhead.

        The sequence, not the last message, is what the next publish must expect: that message may be gone.
        """
        state = (await js.stream_info(self.stream)).state
        self.position = self._told = 0
        if state.messages:
            raw = await js.get_last_msg(self.stream, f"events.{self.store.service}.>")
            self.position = self._told = envelope_in(raw.data or b"").sequence
        if self.position > (head := await self.store.head()):
            self._alarms.raised("stream_ahead", stream=self.stream, ends_at=self.position, head=head)
            raise StreamAhead(f"{self.stream} ends at {self.position}, the log at {head}; see the runbook")
        return state.last_seq

    async def _look(self, js: JetStreamContext, last: int) -> int:
        """Return where the stream ends. If that is not `last`, or the log lost its end, resume from there."""
        state = (await js.stream_info(self.stream)).state
        if last == state.last_seq and self.position <= await self.store.head():
            return last
        log.warning("stream moved", stream=self.stream, left_at=last)
        return await self._resume(js)
