"""One connection of a district to the province, from the first word until the line breaks."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, Self

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError

from contracts.credentials import Credentials, trusting
from contracts.publisher.secured import SecuredClient, reason
from contracts.receipt import Receipt
from contracts.received import Asked, Received, Wanted
from contracts.subjects import INTAKE, intake_subject, receipt_subject, received_subject, wanted_subject

CONNECT_WITHIN_S = 20
TAKEN_WITHIN_S = 30.0
"""How long a window may be on its way: it has at most some 64 KiB, which a thin line carries in seconds."""

ANSWER_WITHIN_S = 10.0
ASKED_AT_ONCE = 8
"""Half of what an owner lets wait of one district."""

CLOSE_WITHIN_S = 2.0
PING_EVERY_S = 10
"""A line that is cut without a word is noticed after three of them."""

TURNED_AWAY = "cut off while signing in, as with credentials that are wrong or have ended"
"""A server that refuses somebody often cuts the line before they have read why."""

TYPE = re.compile(r"^[a-z]+\.([A-Za-z0-9]+)\.v[0-9]+$")


def event_name(type: str) -> str:
    """Return the part of a type that is in the subject: `MeetingHeld`.

    A type of another make is sent too, under what a subject can hold of it, and refused with a receipt.
    """
    known = TYPE.match(type)
    return known[1] if known else re.sub(r"[^A-Za-z0-9_-]+", "-", type)[:64] or "Unnamed"


class Broken(Exception):
    """The line is gone, or the province takes nothing now. The message says which; later it may."""


class Line:
    """`async with Line(credentials, server, heard, wanted) as line`. Raises Broken from each of its methods.

    It never connects again by itself: what was sent on one connection arrives in its order, up to where
    it broke. So whoever begins anew with the first event that has no receipt keeps the order of all.
    """

    def __init__(
        self,
        credentials: Credentials,
        server: str,
        *,
        heard: Callable[[Receipt], None],
        wanted: Callable[[Wanted], None],
    ) -> None:
        self.credentials = credentials
        self.server = server
        self._heard = heard
        self._wanted = wanted
        self._client = SecuredClient()
        self._ended = asyncio.Event()
        self._questions = asyncio.Semaphore(ASKED_AT_ONCE)
        self._said: Exception | None = None

    async def __aenter__(self) -> Self:
        """Connect, and listen before anything is sent."""
        mine = self.credentials
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self._client.connect(
                    self.server,
                    user=mine.user,
                    password=mine.password,
                    tls=trusting(mine.authority),
                    inbox_prefix=mine.inbox_prefix.encode(),
                    allow_reconnect=False,
                    max_reconnect_attempts=1,  # nats-py counts from 1; else a dead server is tried on and on
                    reconnect_time_wait=0,
                    connect_timeout=CONNECT_WITHIN_S,
                    ping_interval=PING_EVERY_S,
                    error_cb=self._on_error,
                    closed_cb=self._on_end,
                )
                await self._client.subscribe(receipt_subject(mine.district, ">"), cb=self._hear)
                await self._client.flush()
        except (OSError, NatsError, TimeoutError) as error:
            await self.__aexit__()
            cut_off = isinstance(self._said or error, ConnectionResetError)
            why = TURNED_AWAY if cut_off else self._why(error)
            raise Broken(f"cannot reach {self.server} as {mine.user}: {why}") from None
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect; nothing more is heard."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._client.close()
        except (OSError, NatsError, TimeoutError):
            pass  # a dead line takes no farewell

    async def ended(self) -> None:
        """Wait until the line breaks, and say so."""
        await self._ended.wait()
        raise Broken(f"the line to {self.server} broke: {self._why(EOFError('closed'))}")

    async def send(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Send events (type and bytes), in order, and return when all are in the province's stream."""
        js = self._client.jetstream()
        acks: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                for type, body in events:
                    # No message id: the stream would drop a second sending, and its receipt with it.
                    to = intake_subject(self.credentials.district, event_name(type))
                    acks.append(await js.publish_async(to, body, stream=INTAKE))
                await asyncio.gather(*acks)
        except (OSError, NatsError, TimeoutError) as error:
            for ack in acks:
                ack.cancel()
            raise Broken(f"the province takes nothing now: {self._why(error)}") from None

    async def ask(self, service: str, question: Asked) -> Received | None:
        """Return what has arrived at `service`; None if it does not say."""
        subject = received_subject(service, self.credentials.district)
        body = question.model_dump_json(exclude_none=True).encode()
        try:
            async with self._questions:
                answer = await self._client.request(subject, body, timeout=ANSWER_WITHIN_S)
            return Received.model_validate_json(answer.data)
        except (NatsError, TimeoutError, ValidationError):
            return None

    async def _hear(self, message: Msg) -> None:
        try:
            if message.subject == wanted_subject(self.credentials.district):
                self._wanted(Wanted.model_validate_json(message.data))
            else:
                self._heard(Receipt.model_validate_json(message.data))
        except ValidationError:
            return  # of a later province, which will say it in words that are known too

    async def _on_error(self, error: Exception) -> None:
        self._said = error

    async def _on_end(self) -> None:
        self._ended.set()

    def _why(self, error: Exception) -> str:
        return reason(self._said or error)
