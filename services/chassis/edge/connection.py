"""One client's connection: how long it may be silent, and how much it may say before it makes sense."""

from asyncio import TimerHandle, Transport
from typing import Any

from fastapi.responses import JSONResponse
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from services.chassis.edge.door import CONNECTIONS_MAX, HEAD_MAX, SPARE, Inside
from services.chassis.edge.problem import problem

WHOLE_WITHIN_S = 30.0
"""How long a request may take to arrive whole; 1 MB over a poor line of 300 kbit/s just does."""

TAKEN_WITHIN_S = 30.0
"""How long an answer may lie unread before its reader is taken for gone."""

PIPELINED_MAX = 16
"""Requests on one connection that wait for the answer to an earlier one."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, which by itself bounds neither the size of a head nor the time of a request."""

    def __init__(self, *args: Any, inside: Inside, **named: Any) -> None:
        super().__init__(*args, **named)
        self._inside = inside
        self._head = 0
        """Bytes since the last body ended; of what arrives in one piece with a body, that too."""
        self._in_body = False
        self._refusal: JSONResponse | None = None
        self._answering: RequestResponseCycle | None = None
        self._whole_by: TimerHandle | None = None
        self._taken_by: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Give it time for a request; close it if even those who are turned away are too many."""
        super().connection_made(transport)
        self._inside.connections += 1
        if self._inside.connections > CONNECTIONS_MAX + SPARE:
            transport.abort()
        self._whole_by = self.loop.call_later(WHOLE_WITHIN_S, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it, and let the request that is being answered know."""
        super().connection_lost(exc)
        if self._answering:
            self._answering.disconnected = True  # uvicorn tells only the last of those that were sent
            self._answering.message_event.set()
        self._inside.connections -= 1
        for timer in (self._whole_by, self._taken_by):
            if timer:
                timer.cancel()

    # -- What arrives

    def data_received(self, data: bytes) -> None:
        """Read on. What does not arrive in one piece must be whole in time."""
        if not self._in_body:
            self._head += len(data)
        super().data_received(data)
        if self._head > HEAD_MAX and not self._in_body:
            self._refusal = _head_too_large()
            self.send_400_response("")
        elif self._whole_by is None and (self._head or self._in_body):
            self._whole_by = self.loop.call_later(WHOLE_WITHIN_S, self._too_slow)

    def on_headers_complete(self) -> None:
        """Begin the request, unless its head is too large or too many wait before it."""
        self._in_body = True
        if self._head > self._inside.largest_head:
            head = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            self._inside.largest_head = max(self._inside.largest_head, min(head, HEAD_MAX))
            if head > HEAD_MAX:
                self._refusal = _head_too_large()
                raise OverflowError
        self._head = 0
        if len(self.pipeline) >= PIPELINED_MAX:
            self._refusal = problem(400, "BadRequest", f"{PIPELINED_MAX} requests wait on this connection")
            raise OverflowError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        super().on_message_complete()
        self._in_body = False
        if self._whole_by:
            self._whole_by.cancel()
            self._whole_by = None

    def _too_slow(self) -> None:
        self._whole_by = None
        if self.flow.read_paused:  # it is we who do not read
            self._whole_by = self.loop.call_later(WHOLE_WITHIN_S, self._too_slow)
        elif self._head or self._in_body:
            self._refusal = problem(408, "RequestTimeout", f"a request arrives within {WHOLE_WITHIN_S:g} s")
            self.send_400_response("")
        else:
            self.transport.close()

    # -- What is answered

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Close the connection, and say why, unless that would be read as part of another answer."""
        other = self._answering
        if other is None or other.response_complete or (other is self.cycle and not other.response_started):
            answer = self._refusal or problem(400, "BadRequest", msg)
            fields = [*answer.raw_headers, (b"connection", b"close")]
            lines = [name + b": " + value + b"\r\n" for name, value in fields]
            self.transport.write(b"".join([STATUS_LINE[answer.status_code], *lines, b"\r\n", answer.body]))
        self.transport.close()

    def pause_writing(self) -> None:
        """Wait only so long for the reader of an answer."""
        super().pause_writing()
        self._taken_by = self.loop.call_later(TAKEN_WITHIN_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader is there."""
        super().resume_writing()
        if self._taken_by:
            self._taken_by.cancel()
            self._taken_by = None


def _head_too_large() -> JSONResponse:
    return problem(431, "HeadersTooLarge", f"a head may have {HEAD_MAX} bytes")
