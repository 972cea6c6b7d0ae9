"""A pull on a consumer: what was asked of the server, what has come of it, and what ended it."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

HEARTBEAT = "100"
"""What the server says of a pull that still stands."""


class Pull:
    """Messages as they come, of as many requests as are made. nats-py has one request at a time."""

    def __init__(
        self, bus: Client, stream: str, durable: str, *, bytes_max: int, over: Callable[[str], object]
    ) -> None:
        self.came: deque[Msg] = deque()
        self.asked = self.heard = 0
        """How many messages may still come of what was asked, and how many have come in all."""
        self.news = asyncio.Event()
        """Set when something came, or the server said anything."""
        self._bus = bus
        self._ask_at = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._bytes_max = bytes_max
        self._over = over
        """Told with which status the server ended a request."""
        self._inbox = bus.new_inbox()
        self._hearing: Subscription | None = None

    async def ask(self, batch: int, *, for_s: float, heartbeat_s: float | None = None) -> None:
        """Ask for `batch` more messages within `for_s`. Raises NatsError."""
        if self._hearing is None:
            self._hearing = await self._bus.subscribe(self._inbox, cb=self._hear)
        request = {"batch": batch, "max_bytes": self._bytes_max, "expires": int(for_s * 1e9)}
        if heartbeat_s:
            request["idle_heartbeat"] = int(heartbeat_s * 1e9)
        self.asked += batch
        await self._bus.publish(self._ask_at, json.dumps(request).encode(), reply=self._inbox)

    def take(self, most: int) -> list[Msg]:
        """Return what has come, the oldest first, `most` at the most."""
        return [self.came.popleft() for _ in range(min(most, len(self.came)))]

    async def close(self) -> None:
        """Hear no more, and give back what nobody took: as far as that can be told, nobody waits for it."""
        if self._hearing:
            await self._hearing.unsubscribe()
        with suppress(NatsError):
            for message in self.came:
                await message.nak()

    async def _hear(self, message: Msg) -> None:
        """Keep a message, or heed what the server says of a request."""
        if message.reply:
            self.heard += 1
            self.asked -= 1
            self.came.append(message)
        elif (status := (said := message.headers or {}).get("Status", "")) != HEARTBEAT:
            self.asked -= min(self.asked, int(said.get("Nats-Pending-Messages", self.asked)))
            self._over(status)
        self.news.set()
