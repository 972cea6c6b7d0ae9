"""A district at the bus: it publishes events, hears the receipts, and sends again what was not answered."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from pydantic import ValidationError

from contracts.credentials import Credentials, trusting
from contracts.publisher.line import TURNED_AWAY, event_name
from contracts.publisher.secured import SecuredClient, reason
from contracts.receipt import Receipt
from contracts.subjects import INTAKE, inbox_prefix, intake_subject, receipt_subject
from deploy.cli.failure import Failure

WINDOW = 256
CONNECT_WITHIN_S = 5.0
ACKS_WITHIN_S = 10.0
SENDS_MAX = 2
"""How often an event is sent. A second time is harmless: an accepted one is answered `duplicate`."""


@dataclass(frozen=True)
class Outgoing:
    """One event to send: its name for ever (source, id), its type, and its bytes. `line`: where it stood."""

    source: str
    id: str
    type: str
    body: bytes
    line: int = 0


def credentials_of(district: str, url: str) -> Credentials:
    """Return what the address of a district's user says, which closes no month. Raises Failure."""
    said = urlsplit(url)
    if not said.hostname or not said.username or not said.password:
        raise Failure("the address is nats://user:password@host:port")
    return Credentials(
        district=district,
        nats=[f"{said.scheme}://{said.hostname}:{said.port or 4222}"],
        user=unquote(said.username),
        password=unquote(said.password),
        inbox_prefix=inbox_prefix(district),
        signing_key="",
        key=1,
    )


@dataclass
class District:
    """One connection as a district: `async with District(credentials, answered) as district`."""

    credentials: Credentials
    answered: Callable[[Outgoing, Receipt], None]
    """Told of every receipt for something we sent."""

    waiting: dict[tuple[str, str], list[Outgoing]] = field(default_factory=lambda: defaultdict(list))
    _heard: asyncio.Event = field(default_factory=asyncio.Event)
    _client: SecuredClient = field(default_factory=SecuredClient)

    async def __aenter__(self) -> Self:
        """Connect, and listen before anything is sent. Raises Failure."""
        mine, said = self.credentials, list[str]()

        async def on_error(error: Exception) -> None:
            said.append(TURNED_AWAY if isinstance(error, ConnectionResetError) else reason(error))

        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self._client.connect(
                    mine.nats,
                    user=mine.user,
                    password=mine.password,
                    tls=trusting(mine.authority),
                    inbox_prefix=mine.inbox_prefix.encode(),
                    error_cb=on_error,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=1,
                )
        except (OSError, NatsError, TimeoutError) as error:
            where = ", ".join(server.rpartition("//")[2] for server in mine.nats)
            why = said[-1] if said else reason(error)
            raise Failure(f"cannot reach NATS at {where} as {mine.user}: {why}") from None
        await self._client.subscribe(receipt_subject(mine.district, ">"), cb=self._hear)
        await self._client.flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._client.close()

    async def send(self, events: Sequence[Outgoing]) -> None:
        """Send `events` in order, each window when the one before is in the stream. Raises Failure."""
        for event in events:
            self.waiting[event.source, event.id].append(event)
        await self._send(events)

    async def ask(self, subject: str, question: bytes, within_s: float) -> bytes:
        """Return the answer to a question. Raises what nats-py raises."""
        return (await self._client.request(subject, question, timeout=within_s)).data

    async def settle(self, quiet_s: float) -> list[Outgoing]:
        """Wait for the receipts; send again once what has none after `quiet_s`. Return what stays so."""
        for sent in range(1, SENDS_MAX + 1):
            await self._silence(quiet_s)
            left = [event for events in self.waiting.values() for event in events]
            if not left or sent == SENDS_MAX:
                break
            await self._send(left)
        return left

    async def _silence(self, quiet_s: float) -> None:
        """Return when everything is answered, or nothing was heard for `quiet_s`."""
        while self.waiting:
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), quiet_s)
            except TimeoutError:
                return

    async def _send(self, events: Sequence[Outgoing]) -> None:
        js = self._client.jetstream()
        for begin in range(0, len(events), WINDOW):
            acks: list[asyncio.Future[Any]] = []
            try:
                async with asyncio.timeout(ACKS_WITHIN_S):
                    for event in events[begin : begin + WINDOW]:
                        # No message id: the stream would drop a second sending, and its receipt with it.
                        subject = intake_subject(self.credentials.district, event_name(event.type))
                        acks.append(await js.publish_async(subject, event.body, stream=INTAKE))
                    await asyncio.gather(*acks)
            except TimeoutError:
                continue  # a broken line: what is not answered will be sent again
            except (NatsError, JetStreamError) as error:
                raise Failure(
                    f"NATS took nothing from {self.credentials.user}: {error}; are the services running?"
                ) from None

    async def _hear(self, message: Msg) -> None:
        try:
            receipt = Receipt.model_validate_json(message.data)
        except ValidationError:
            return
        name = receipt.source, receipt.id
        if name not in self.waiting:
            return  # another sender's of the same district
        event = self.waiting[name].pop(0)
        if not self.waiting[name]:
            del self.waiting[name]
        self._heard.set()
        self.answered(event, receipt)
