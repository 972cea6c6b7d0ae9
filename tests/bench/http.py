"""HTTP clients that cost little, since they share the cores with what they measure.

One keep-alive connection each; requests are bytes made beforehand; answers are read by their length.
`wrk`, written in C, confirms in the same run that the clients are not what is measured.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast
from urllib.parse import urlsplit

LENGTH = b"content-length: "
PACED_CLIENTS = 32

Done = Callable[[int, bytes], None]
Answered = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True)
class Load:
    """What some clients achieved: requests per second, and each request's seconds, sorted."""

    per_s: float
    took_s: Sequence[float]

    def percentile_ms(self, share: float) -> float:
        """Return the time within which `share` of the requests were answered."""
        return 1000 * self.took_s[min(len(self.took_s) - 1, int(share * len(self.took_s)))]


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._answer = b""
        self._done: Done | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head = self._answer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._answer.find(LENGTH) + len(LENGTH)
        body_at = head + 4
        if len(self._answer) < body_at + int(self._answer[at : self._answer.index(b"\r", at)]):
            return
        answer, done = self._answer, self._done
        self._answer, self._done = b"", None
        assert done
        done(int(answer[9:12]), answer[body_at:])

    def send(self, request: bytes, done: Done) -> None:
        """Send a request; `done` hears its status and body."""
        self._done = done
        self.transport.write(request)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Return status and body of one request."""
        answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self.send(request, lambda status, body: answer.set_result((status, body)))
        return await answer


@dataclass(frozen=True)
class Edge:
    """Where a service answers, and the token it is asked with."""

    base: str
    token: str

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        """Return the bytes of a request."""
        content = b"" if body is None else json.dumps(body).encode()
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {urlsplit(self.base).netloc}\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        ).encode() + content

    async def connect(self, clients: int) -> list[Client]:
        """Return open connections."""
        address, loop = urlsplit(self.base), asyncio.get_running_loop()
        return [
            (await loop.create_connection(Client, address.hostname, address.port))[1] for _ in range(clients)
        ]

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the body of a good answer to one request."""
        [client] = await self.connect(1)
        status, answer = await client.ask(self.request(method, path, body))
        client.transport.close()
        assert status < 300, answer
        return json.loads(answer)

    async def as_fast_as_possible(self, requests: Iterable[bytes], *, clients: int) -> Load:
        """Send the requests, each client its next as soon as the last is answered. All must be good."""
        queue = iter(list(requests))
        took: list[float] = []
        left = clients
        finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def next_of(client: Client) -> None:
            nonlocal left
            request = next(queue, None)
            if request is None:
                left -= 1
                if not left and not finished.done():
                    finished.set_result(None)
                return
            began = perf_counter()

            def answered(status: int, body: bytes) -> None:
                took.append(perf_counter() - began)
                if status >= 300 and not finished.done():
                    finished.set_exception(AssertionError(f"{status} {body!r}"))
                next_of(client)

            client.send(request, answered)

        connected = await self.connect(clients)
        began = perf_counter()
        for client in connected:
            next_of(client)
        await finished
        per_s = len(took) / (perf_counter() - began)
        for client in connected:
            client.transport.close()
        return Load(per_s, sorted(took))

    async def at_pace(
        self, requests: Sequence[bytes], per_s: float, answered: Answered | None = None
    ) -> Load:
        """Send the requests at a steady pace, however slow the answers; each takes from when it was due.

        `answered` is awaited with the body of each answer. All must be good.
        """
        idle: asyncio.Queue[Client] = asyncio.Queue()
        connected = await self.connect(PACED_CLIENTS)
        for client in connected:
            idle.put_nowait(client)
        took: list[float] = []

        async def one(request: bytes, due: float) -> None:
            client = await idle.get()
            status, body = await client.ask(request)
            idle.put_nowait(client)
            took.append(perf_counter() - due)
            assert status < 300, body
            if answered:
                await answered(body)

        began = perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, request in enumerate(requests):
                due = began + number / per_s
                if (early_s := due - perf_counter()) > 0:
                    await pause(early_s)
                tasks.create_task(one(request, due))
        for client in connected:
            client.transport.close()
        return Load(len(took) / (perf_counter() - began), sorted(took))


async def pause(for_s: float) -> None:
    """Return in a while: load has its pace, and asking a thing without pause would slow it."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(for_s, over.set_result, None)
    await over
