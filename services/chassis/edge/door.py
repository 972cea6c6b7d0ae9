"""The way in: how many requests may be inside, how much they may bring, how long they may take.

Whoever cannot be let in is told so at once (503, Retry-After), because a queue that grows helps nobody.
Who asks only how we are (/livez, /readyz, /metrics) is always let in: those answer from memory.
"""

import asyncio
from asyncio import CancelledError, Task
from collections.abc import MutableMapping
from math import inf
from typing import Any

from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.bounds import Bound
from services.chassis.edge.problem import problem
from services.chassis.errors import Overloaded

REQUESTS_MAX = 512
"""Requests inside at once: eight times what keeps two cores busy, and what memory holds easily."""

WAITING_MAX = 128
"""Requests inside that name a position to wait for (`?after=`): a view that lags leaves room for commands."""

BODY_MAX = 1_000_000
"""Bytes of a request's body."""

BODIES_MAX = 64_000_000
"""Bytes of the bodies of all requests inside."""

ANSWER_WITHIN_S = 15.0
"""Then whoever waits is told that the outcome is not known. Longer than a connection and a view may take."""

CONNECTIONS_MAX = 2_048
"""Open connections; the next SPARE are answered 503 and closed, so that our health can still be asked."""

SPARE = 128

HEAD_MAX = 32_768
"""Bytes of a request's first line and headers."""

ALWAYS = frozenset({"/livez", "/readyz", "/metrics"})


class Inside:
    """Who is inside, and with how much."""

    def __init__(self) -> None:
        self.visits: dict[Visit, float] = {}
        """Those inside, first come first, each with the moment at which it is given up."""
        self.waiting = 0
        self.connections = 0
        self.body_bytes = 0
        self.largest_body = 0
        self.largest_file = 0
        self._files: dict[str, int] = {}
        self.largest_head = 0
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def bounds(self) -> list[Bound]:
        """Return what is bounded here."""
        return [
            Bound("connections", CONNECTIONS_MAX + SPARE, lambda: self.connections),
            Bound("bytes of a head", HEAD_MAX, lambda: self.largest_head),
            Bound("requests in flight", REQUESTS_MAX, lambda: len(self.visits)),
            Bound("requests that wait for a position", WAITING_MAX, lambda: self.waiting),
            Bound("bytes of a body", BODY_MAX, lambda: self.largest_body),
            Bound("bytes of all bodies", BODIES_MAX, lambda: self.body_bytes),
        ]

    def allow(self, path: str, bytes_max: int) -> Bound:
        """Let requests to `path` bring a file. Return the bound on it."""
        self._files[path] = bytes_max
        return Bound("bytes of a file", bytes_max, lambda: self.largest_file)

    def body_max(self, scope: Scope) -> int:
        """Return how many bytes the body of a request may have."""
        return self._files.get(scope["path"], BODY_MAX)

    def brought(self, scope: Scope, size: int) -> None:
        """Note how much a body has."""
        if scope["path"] in self._files:
            self.largest_file = max(self.largest_file, size)
        else:
            self.largest_body = max(self.largest_body, size)

    def enter(self, visit: "Visit") -> None:
        """Let a visit in, for ANSWER_WITHIN_S. One timer serves all."""
        loop = asyncio.get_running_loop()
        self.visits[visit] = loop.time() + ANSWER_WITHIN_S
        if self._sweep is None:
            self._sweep = loop.call_later(ANSWER_WITHIN_S, self._give_up)

    def close(self, within_s: float) -> None:
        """Let whoever is inside wait for an answer only so much longer: the process is ending."""
        asyncio.get_running_loop().call_later(within_s, self._give_up, inf)

    def _give_up(self, until: float | None = None) -> None:
        """Give up those whose moment has come, and look again when that of the next has."""
        loop = asyncio.get_running_loop()
        self._sweep = None
        for visit, moment in self.visits.items():
            if moment > (until or loop.time()):
                self._sweep = loop.call_at(moment, self._give_up)
                return
            visit.give_up()


class Visit:
    """One request inside, from its head to the end of its answer."""

    def __init__(self, inside: Inside, scope: Scope, receive: Receive, send: Send) -> None:
        self.given_up = False
        self._inside = inside
        self._answered = False
        self._waits = waits(scope)
        inside.waiting += self._waits
        self._bytes = 0
        self._body_max = inside.body_max(scope)
        self._scope, self._receive, self._send = scope, receive, send
        self._task = asyncio.current_task()
        self._late: Task[None] | None = None
        inside.enter(self)

    async def receive(self) -> MutableMapping[str, Any]:
        """Return the next part of the body. Raises HTTPException for more than may be brought."""
        message = await self._receive()
        size = len(message.get("body", b""))
        self._bytes += size
        self._inside.body_bytes += size
        if self._bytes > self._body_max:
            raise HTTPException(413, _bounded(self._body_max))
        if self._inside.body_bytes > BODIES_MAX:
            raise HTTPException(503, f"requests inside bring more than {BODIES_MAX} bytes")
        self._inside.brought(self._scope, self._bytes)
        return message

    async def send(self, message: Message) -> None:
        """Answer, unless that has been done meanwhile."""
        if not self.given_up:
            self._answered = True
            await self._send(message)

    async def leave(self) -> None:
        """Take along what was brought."""
        self._inside.body_bytes -= self._bytes
        del self._inside.visits[self]
        self._inside.waiting -= self._waits
        if self._late:
            await self._late

    def give_up(self) -> None:
        """Answer in the place of who has not begun to: what is asked to stop may be long in stopping."""
        if self._answered or self.given_up or self._task is None:
            return
        self.given_up = True
        answer = problem(503, "Unavailable", "no answer in time; nothing is known to be stored")
        self._late = asyncio.create_task(answer(self._scope, self._receive, self._send))
        self._task.cancel()


class Door:
    """Lets REQUESTS_MAX requests in, each for ANSWER_WITHIN_S and with BODY_MAX bytes (ASGI middleware)."""

    def __init__(self, app: ASGIApp, inside: Inside) -> None:
        self.app = app
        self.inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say why not."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            return await self.app(scope, receive, send)
        said = dict(scope["headers"]).get(b"content-length", b"0")
        body_max = self.inside.body_max(scope)
        if said.isdigit() and int(said) > body_max:
            return await too_large(_bounded(body_max))(scope, receive, send)
        if full := self._full(scope):
            return await overloaded(full)(scope, receive, send)
        visit = Visit(self.inside, scope, receive, send)
        try:
            await self.app(scope, visit.receive, visit.send)
        except CancelledError:
            if not visit.given_up:
                raise
        finally:
            await visit.leave()

    def _full(self, scope: Scope) -> str | None:
        """Return what there is too much of for this request, if anything."""
        if len(self.inside.visits) >= REQUESTS_MAX:
            return f"{REQUESTS_MAX} requests are in flight"
        if self.inside.connections > CONNECTIONS_MAX:
            return f"{CONNECTIONS_MAX} connections are open"
        if waits(scope) and self.inside.waiting >= WAITING_MAX:
            return f"{WAITING_MAX} requests wait for a position"
        return None


def waits(scope: Scope) -> bool:
    """Return whether a request names a position to wait for."""
    return b"after=" in scope["query_string"]


def too_large(why: str) -> JSONResponse:
    """Return the answer to who brings too much."""
    return problem(413, "ContentTooLarge", why)


def _bounded(bytes_max: int) -> str:
    return f"a body may have {bytes_max} bytes"


def overloaded(why: str) -> JSONResponse:
    """Return the answer to who comes when there is more to do than may wait."""
    return problem(503, Overloaded.__name__, why)
