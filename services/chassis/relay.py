"""Carries a service's log to its stream: in order, at least once, and never past a missing event.

It keeps no bookmark. On start it asks the stream for its last message and goes on from that position,
so a wiped stream refills itself. Each publish names the message before it, so nothing can be left
out and a second relay's publish fails; an advisory lock lets one process of a service carry at a time.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any
from urllib.parse import quote

import structlog
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import Header, StreamConfig
from nats.js.errors import APIError, NoStreamResponseError
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout

from contracts.message import Event, Message
from contracts.subjects import events_subject, stream_of
from services.chassis.bus import declare
from services.chassis.store import Store
from services.chassis.writer import Recorded

log = structlog.get_logger()

WINDOW = 256
"""Publishes in flight: measured, 18,900 msg/s against 5,000 one by one."""

ACK_WITHIN_S = 5.0
"""How long the stream may be silent while publishes wait for it."""

IDLE_S = 1.0
"""How long to wait for news of this process before looking for another's."""

RETRY_S = 1.0

AWAY = (NatsError, APIError, OperationalError, PoolTimeout, TimeoutError)


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
    ) -> None:
        self.store = store
        self.publish = publish
        self.broker = broker
        self.stream = stream_of(store.service)
        self.position = 0
        """How far the log has been carried: facts that stay private count."""
        self.active = False
        self.standing_by = False
        """Whether another process of the service carries, and this one waits to take over."""
        self._database_url = database_url
        self._replicas = replicas
        self._sent = 0

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

    async def declare(self) -> None:
        """Create the stream, or bring it to this: everything kept, on disk, never deleted by a client."""
        await declare(
            self.broker.connection.jetstream(),
            StreamConfig(
                name=self.stream,
                subjects=[f"events.{self.store.service}.>"],
                description=f"Public events of {self.store.service}, refilled from its log",
                duplicate_window=120.0,
                allow_direct=True,
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
        """Send window after window, from where the stream ends."""
        js = self.broker.connection.jetstream()
        await self.declare()
        expected = await self._resume(js)
        while True:
            facts = await self.store.read(self.position, WINDOW)
            if not facts:
                await self.store.grown(IDLE_S)
                continue
            messages = [message for fact in facts if (message := self._message(fact))]
            expected = await self._send(messages, expected)
            self.position = facts[-1].position

    async def _resume(self, js: JetStreamContext) -> dict[str, str]:
        """Stand where the stream ends. Return what the next publish must expect to come after.

        By sequence, not by message id: a server that restarted has forgotten ids older than its window.
        """
        state = (await js.stream_info(self.stream)).state
        self.position = self._sent = 0
        if state.messages:
            raw = await js.get_msg(self.stream, state.last_seq)
            last = Message.model_validate_json(raw.data or b"")
            if last.sequence > (head := await self.store.head()):
                raise StreamAhead(
                    f"{self.stream} ends at {last.sequence}, the log at {head}; see the runbook"
                )
            self.position = self._sent = last.sequence
        return {Header.EXPECTED_LAST_SEQUENCE.value: str(state.last_seq)}

    async def _send(self, messages: list[Message], expected: dict[str, str]) -> dict[str, str]:
        """Publish a window, each naming the one before, and wait for all acks. Return what comes next."""
        if not messages:
            return expected
        bus = self.broker.connection
        window = Window(len(messages))
        inbox = bus.new_inbox()
        answers = await bus.subscribe(inbox, cb=window.hear)
        try:
            for message in messages:
                name = message_id(message)
                await bus.publish(
                    events_subject(message.type, message.organization),
                    message.model_dump_json().encode(),
                    reply=inbox,
                    headers={
                        Header.MSG_ID.value: name,
                        Header.EXPECTED_STREAM.value: self.stream,
                        **expected,
                    },
                )
                expected = {Header.EXPECTED_LAST_MSG_ID.value: name}
            await window.complete()
        finally:
            await answers.unsubscribe()
        return expected

    def _message(self, recorded: Recorded) -> Message | None:
        """Return what is public of a fact, in its envelope, or None."""
        fact = recorded.fact
        event = self.publish(fact)
        if event is None:
            return None
        previous, self._sent = self._sent, recorded.position
        return Message(
            id=f"{fact.originator_id}.{fact.originator_version}",
            source=self.store.service,
            type=event.type,
            dataschema=f"urn:fourgood:schema:{event.type}",
            subject=fact.originator_id,
            time=event.occurred_at,
            sequence=recorded.position,
            previous=previous,
            recordedtime=fact.timestamp.astimezone(UTC),
            correlationid=recorded.origin["correlation"],
            causationid=recorded.origin["causation"],
            actor=recorded.origin["actor"],
            organization=event.organization,
            data=event.model_dump(mode="json"),
        )


class Window:
    """The publishes in flight, and what the stream answers to them.

    nats-py's own `publish_async` loses a refusal (its callback raises), which would look like silence.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def hear(self, answer: Msg) -> None:
        """Count an acknowledgement, or end the window with the error it is."""
        if self._done.done():
            return
        try:
            _check(answer)
        except NatsError as error:
            self._done.set_exception(error)
            return
        self._left -= 1
        if not self._left:
            self._done.set_result(None)

    async def complete(self) -> None:
        """Return when all are acknowledged. Raises what was refused, TimeoutError if nothing comes."""
        while True:
            left = self._left
            done, _ = await asyncio.wait({self._done}, timeout=ACK_WITHIN_S)
            if done:
                return self._done.result()
            if self._left == left:
                raise TimeoutError(f"{left} publishes were not answered")


def _check(answer: Msg) -> None:
    """Raise what the stream refused with."""
    if not answer.data:
        raise NoStreamResponseError
    if refusal := json.loads(answer.data).get("error"):
        raise APIError.from_error(refusal)


def message_id(message: Message) -> str:
    """Return the name under which the stream recognises a message sent twice: what a header may hold."""
    return quote(f"{message.source}:{message.id}", safe=":-._")
