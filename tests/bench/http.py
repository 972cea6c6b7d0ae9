"""HTTP clients that cost little, since they share the cores with what they measure.

One keep-alive connection each; requests are bytes made beforehand; answers are read by their length.
`wrk`, written in C, tells in the same run whether the clients are what is measured.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any, cast
from urllib.parse import urlsplit

LENGTH = b"content-length: "
PACED_CLIENTS = 32


@dataclass(frozen=True)
class Load:
    """What some clients achieved: requests per second, and each request's seconds, sorted."""

    per_s: float
    took_s: Sequence[float]
    spent_us: float = 0.0
    """What the clients took of a processor for each request."""

    def percentile_ms(self, share: float) -> float:
        """Return the time within which `share` of the requests were answered."""
        return 1000 * self.took_s[min(len(self.took_s) - 1, int(share * len(self.took_s)))]


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._heard = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._heard += data
        body_at = self._heard.find(b"\r\n\r\n") + 4
        at = self._heard.find(LENGTH) + len(LENGTH)
        if body_at < 4 or len(self._heard) < body_at + int(self._heard[at : self._heard.index(b"\r", at)]):
            return
        answer, self._heard = self._heard, b""
        assert self._answer
        if answer[9:10] == b"2":
            self._answer.set_result(answer[body_at:])
        else:
            self._answer.set_exception(AssertionError(f"answered {answer!r}"))

    async def ask(self, request: bytes) -> bytes:
        """Return the body of the answer. Raises AssertionError if it is not a good one."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


@dataclass(frozen=True)
class Edge:
    """Where a service answers, and the token it is asked with."""

    base: str
    token: str

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        """Return the bytes of a request; a body of bytes goes as it is, and what it is it says itself."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        type = "" if isinstance(body, bytes) else "Content-Type: application/json\r\n"
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {urlsplit(self.base).netloc}\r\n"
            f"Authorization: Bearer {self.token}\r\n{type}"
            f"Content-Length: {len(content)}\r\n\r\n"
        ).encode() + content

    @asynccontextmanager
    async def connected(self, clients: int) -> AsyncIterator[list[Client]]:
        """Hold open connections."""
        address, loop = urlsplit(self.base), asyncio.get_running_loop()
        open_ = [
            (await loop.create_connection(Client, address.hostname, address.port))[1] for _ in range(clients)
        ]
        try:
            yield open_
        finally:
            for client in open_:
                client.transport.close()

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the body of a good answer to one request."""
        async with self.connected(1) as [client]:
            return json.loads(await client.ask(self.request(method, path, body)))

    async def as_fast_as_possible(self, requests: Iterable[bytes], *, clients: int) -> Load:
        """Send the requests, each client its next as soon as the last is answered."""
        waiting, took = iter(requests), list[float]()

        async def work(client: Client) -> None:
            for request in waiting:
                began = perf_counter()
                await client.ask(request)
                took.append(perf_counter() - began)

        async with self.connected(clients) as connected:
            began, spent = perf_counter(), process_time()
            await asyncio.gather(*map(work, connected))
            per_s, spent_us = len(took) / (perf_counter() - began), 1e6 * (process_time() - spent) / len(took)
        return Load(per_s, sorted(took), spent_us)

    async def at_pace(
        self,
        requests: Iterable[bytes],
        per_s: float,
        then: Callable[[bytes], Awaitable[None]] | None = None,
        *,
        clients: int = PACED_CLIENTS,
    ) -> Load:
        """Send the requests at a steady pace, however slow the answers; each takes from when it was due.

        `then` is awaited with the body of each answer. Who is idle for five seconds is hung up on.
        """
        idle, took = asyncio.Queue[Client](), list[float]()

        async def work(request: bytes, due: float) -> None:
            client = await idle.get()
            body = await client.ask(request)
            idle.put_nowait(client)
            took.append(perf_counter() - due)
            if then:
                await then(body)

        async with self.connected(clients) as connected, asyncio.TaskGroup() as tasks:
            for client in connected:
                idle.put_nowait(client)
            due = began = perf_counter()
            for request in requests:
                if (early_s := due - perf_counter()) > 0:
                    await pause(early_s)
                tasks.create_task(work(request, due))
                due += 1 / per_s
        return Load(len(took) / (due - began), sorted(took))


async def pause(for_s: float) -> None:
    """Return in a while: load has its pace, and asking a thing without pause would slow it."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(for_s, over.set_result, None)
    await over
