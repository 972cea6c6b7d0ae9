"""A window of messages on its way into a stream: all in flight at once, stored in their order or not at all.

Each publish says after which sequence of the stream it must come, so one that is lost takes those
behind it along, and one that is sent again is refused instead of stored twice.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import Header
from nats.js.errors import APIError, NoStreamResponseError

WINDOW_MAX = 500
"""Messages in flight: more gains little and silences the process for longer while it makes them."""

BATCH_MIN = 128
"""Messages from which on a window goes as one atomic batch, which the server writes to disk once.

Measured with `sync_interval: always`: batches of 500 run at 38,000 msg/s, single messages at 5,000.
But a batch costs the server some 6 ms whatever its size, too much for the few of a quiet hour.
"""

ACK_WITHIN_S = 5.0
"""How long the stream may be silent while publishes wait for it."""

BATCH_ID, BATCH_SEQUENCE, BATCH_COMMIT = "Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit"
STREAM = Header.EXPECTED_STREAM.value
LAST_SEQUENCE = Header.EXPECTED_LAST_SEQUENCE.value


class Outgoing(NamedTuple):
    """A message and where it goes."""

    subject: str
    body: bytes


async def send(bus: Client, stream: str, messages: Sequence[Outgoing], *, after: int) -> int:
    """Store `messages` after sequence `after`, where `stream` must end. Return where it ends then.

    Raises what the stream refused with (nats Error), TimeoutError if it is silent. What of a window is
    stored then is known only to the stream.
    """
    if len(messages) >= BATCH_MIN:
        await _as_batch(bus, messages, {STREAM: stream, LAST_SEQUENCE: str(after)})
    elif messages:
        headers = [{STREAM: stream, LAST_SEQUENCE: str(after + n)} for n in range(len(messages))]
        await _answered_at_last(bus, messages, headers)
    return after + len(messages)


async def append(bus: Client, messages: Sequence[Outgoing]) -> None:
    """Store `messages` wherever their streams end. Raises as `send`."""
    if not messages:
        return
    if len(messages) >= BATCH_MIN:
        await _as_batch(bus, messages, {})
        return
    answers = _Answers(len(messages))
    inbox = bus.new_inbox()
    subscription = await bus.subscribe(inbox, cb=answers.hear)
    try:
        for message in messages:
            await bus.publish(*message, reply=inbox)
        await answers.complete()
    finally:
        await subscription.unsubscribe()


async def _as_batch(bus: Client, messages: Sequence[Outgoing], first: dict[str, str]) -> None:
    """Publish a batch that is stored when its last message arrives, if it stands right and has no gap."""
    name = bus.new_inbox().rpartition(".")[2]
    headers = [{BATCH_ID: name, BATCH_SEQUENCE: str(n)} for n in range(1, len(messages) + 1)]
    headers[0] |= first
    headers[-1][BATCH_COMMIT] = "1"
    await _answered_at_last(bus, messages, headers)


async def _answered_at_last(
    bus: Client, messages: Sequence[Outgoing], headers: Sequence[dict[str, str]]
) -> None:
    """Publish messages each of which is refused without the one before it: the last one's answer is all's."""
    *others, last = zip(messages, headers, strict=True)
    for message, said in others:
        await bus.publish(*message, headers=said)
    message, said = last
    _check(await bus.request(*message, timeout=ACK_WITHIN_S, headers=said))


class _Answers:
    """What the stream answers to the publishes in flight.

    nats-py's own `publish_async` loses a refusal (its callback raises), which would look like silence.
    """

    def __init__(self, awaited: int) -> None:
        self._left = awaited
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
