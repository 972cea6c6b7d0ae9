"""Clients that cost little: one keep-alive connection each, answers read by their length."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Run:
    """What some clients achieved: requests per second, and each request's seconds, sorted."""

    per_s: float
    took_s: list[float]

    def percentile_ms(self, share: float) -> float:
        """Return the time within which `share` of the requests were answered."""
        return 1000 * self.took_s[min(len(self.took_s) - 1, int(share * len(self.took_s)))]


class Connection:
    """One client."""

    def __init__(self, base: str, token: str) -> None:
        address = urlsplit(base)
        self.host, self.port = address.hostname or "", address.port or 0
        self.token = token

    async def __aenter__(self) -> "Connection":
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Return status and body of one request."""
        content = b"" if body is None else json.dumps(body).encode()
        self.writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        answer = await self.reader.readexactly(int(fields.get(b"content-length", b"0")))
        return int(head[9:12]), answer


async def post_all(
    base: str, token: str, path: str, body: Callable[[int], Any], *, clients: int, requests: int
) -> Run:
    """Return how fast `clients` together post `requests` bodies. Raises AssertionError on a bad answer."""
    numbers = iter(range(requests))
    took: list[float] = []

    async def client() -> None:
        async with Connection(base, token) as connection:
            for number in numbers:
                began = perf_counter()
                status, answer = await connection.ask("POST", path, body(number))
                took.append(perf_counter() - began)
                assert status in (200, 201), answer

    began = perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return Run(requests / (perf_counter() - began), sorted(took))
