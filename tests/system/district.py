"""A district system as its own people would write it: a plain nats-py client that knows the contracts."""

import json
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import anyio
import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from contracts.subjects import WANTED
from tests.patience import PATIENCE_S

Receipts = dict[str, dict[str, Any]]

RESEND_AFTER_S = 20.0


class District:
    """One district on the bus: it publishes CloudEvents and reads its receipts."""

    def __init__(self, url: str, code: str) -> None:
        self.url = url
        self.code = code
        self.receipts: Receipts = {}
        self.heard = 0
        self._answered = anyio.Event()
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None

    async def __aenter__(self) -> Self:
        self._client = await nats.connect(
            self.url.split(","),
            inbox_prefix=f"_INBOX_{self.code}".encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            error_cb=_quiet,
        )
        await self._client.subscribe(f"receipts.{self.code}.>", cb=self._keep)
        await self._client.flush()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._client is not None
        await self._client.close()

    @property
    def client(self) -> Client:
        """Return the connection."""
        assert self._client is not None
        return self._client

    def event(self, type: str, data: dict[str, Any], id: str = "") -> dict[str, Any]:
        """Return one CloudEvent of this district."""
        return {
            "specversion": "1.0",
            "id": id or uuid4().hex,
            "source": f"urn:district:{self.code}",
            "type": type,
            "datacontenttype": "application/json",
            "data": data,
        }

    async def publish(self, event: dict[str, Any]) -> None:
        """Publish one event and wait until the stream has it, however long the line is down."""
        await self.publish_raw(event["type"].split(".")[1], json.dumps(event).encode())

    async def publish_raw(self, name: str, body: bytes) -> None:
        """Publish bytes under `name`, again and again until the stream has them."""
        stream = self.client.jetstream(timeout=2.0)
        while True:
            try:
                await stream.publish(f"intake.{self.code}.{name}", body)
            except (NatsError, OSError):
                with anyio.move_on_after(0.1):
                    await anyio.Event().wait()
                continue
            return

    async def publish_soon(self, event: dict[str, Any]) -> None:
        """Publish one event without waiting for the stream; a bounded number is on the way at once."""
        if self._stream is None:
            self._stream = self.client.jetstream(publish_async_max_pending=256)
        name = event["type"].split(".")[1]
        await self._stream.publish_async(f"intake.{self.code}.{name}", json.dumps(event).encode())

    async def tell(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Publish `events` in order and return the receipt of each."""
        for event in events:
            await self.publish(event)
        return await self.answers([event["id"] for event in events])

    async def answers(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the last receipt of each id, as soon as there is one for all."""
        with anyio.fail_after(PATIENCE_S):
            while missing := [id for id in ids if id not in self.receipts]:
                self._answered = anyio.Event()
                if all(id in self.receipts for id in missing):
                    continue
                await self._answered.wait()
        return [self.receipts.pop(id) for id in ids]

    async def sure(self, events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Publish `events` until every one has a receipt: what a district does over a poor line."""
        pending = {event["id"]: event for event in events}
        wanted = list(pending)
        with anyio.fail_after(PATIENCE_S):
            while pending:
                for event in pending.values():
                    await self.publish(event)
                with anyio.move_on_after(RESEND_AFTER_S):
                    while pending := {id: event for id, event in pending.items() if id not in self.receipts}:
                        self._answered = anyio.Event()
                        await self._answered.wait()
        return [self.receipts.pop(id) for id in wanted]

    async def _keep(self, message: Any) -> None:
        receipt = json.loads(message.data)
        if message.subject.endswith(f".{WANTED}"):
            return
        # A redelivery may be answered `duplicate` right after `accepted`: the first answer is the news.
        self.receipts.setdefault(receipt["id"], receipt)
        self.heard += 1
        self._answered.set()


async def _quiet(error: Exception) -> None:
    """A poor line is this test's subject, not news."""
