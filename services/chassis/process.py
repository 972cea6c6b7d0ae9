"""A service as a process: its port, its signals, and the moment by which it has ended.

The HTTP server and the background work live in one task group: if any task fails, the process ends
and its supervisor starts it again. (A task started in a FastAPI lifespan can die while uvicorn goes
on answering 200.)
"""

import gc
import os
import resource
import signal
import socket
import sys
from contextlib import nullcontext, suppress
from functools import partial
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING

import anyio
import structlog
import uvicorn

from services.chassis import log as logging
from services.chassis.bounds import Bound
from services.chassis.edge import operations
from services.chassis.edge.connection import Connection
from services.chassis.edge.door import CONNECTIONS_MAX, SPARE

if TYPE_CHECKING:
    from services.chassis.service import Service

log = structlog.get_logger()

STOP_WITHIN_S = 9.0
"""From the signal to the end, whatever is away or held: docker kills after ten seconds."""

ANSWERED_WITHIN_S = 3.0
"""Of these, how long requests underway may take; the rest is for what was taken from the bus."""

KEPT_ALIVE_S = 15
"""A connection on which nothing is asked: longer than clients keep theirs (httpx: 5 s), who may ask then."""

BACKLOG_MAX = 512
"""Connections that wait to be accepted."""

FILES_MAX = CONNECTIONS_MAX + SPARE + 512
"""Files a process may have open: every connection, and enough for itself. Many systems begin at 1,024."""


class Process:
    """Runs one service, once."""

    def __init__(self, service: "Service") -> None:
        self.service = service
        self._listening = socket.socket(socket.AF_INET6 if ":" in service.settings.host else socket.AF_INET)
        service.bounds.append(Bound("connections not accepted yet", BACKLOG_MAX, self._backlog))
        self._server = uvicorn.Server(
            uvicorn.Config(
                service.api,
                http=partial(Connection, inside=service.inside),  # type: ignore[arg-type] # called as the class is
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                backlog=BACKLOG_MAX,
                timeout_keep_alive=KEPT_ALIVE_S,
                timeout_graceful_shutdown=int(ANSWERED_WITHIN_S) + 1,
            )
        )
        # uvicorn raises SIGTERM again on its way out, which kills the process before it has drained.
        self._server.capture_signals = nullcontext  # type: ignore[assignment, method-assign]

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain and return; exit with 1 if a task fails."""
        logging.configure(self.service.name, self.service.settings.log_level)
        _allow_files()
        self._listen()
        anyio.run(self._serve_or_end, backend_options={"use_uvloop": True})
        log.info("stopped")

    async def _serve_or_end(self) -> None:
        """End the process at once if a task fails: what is left of it could go on answering for ever.

        (The loop would first wait for every task to end, and a pool's worker that is connecting may not.)
        """
        try:
            await self._serve()
        except Exception as error:
            log.critical("ended", exc_info=error)
            _end(1)

    async def _serve(self) -> None:
        self.service.api.serve(operations.routes(self.service))
        self.service.api.serve(operations.open_routes(self.service))
        async with anyio.create_task_group() as group:
            group.start_soon(self._stop_on_signal)
            group.start_soon(self._work, group.cancel_scope)
            await self._server.serve([self._listening])
            self.service.stopping.set()
            if not self.service.started.is_set():
                group.cancel_scope.cancel()

    async def _work(self, whole: anyio.CancelScope) -> None:
        async with self.service.working():
            await self.service.stopping.wait()
        whole.cancel()

    async def _stop_on_signal(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async for _ in signals:
                if not self._server.should_exit:
                    self._server.should_exit = True
                    self.service.stop_by = monotonic() + STOP_WITHIN_S - 1
                    self.service.inside.close(ANSWERED_WITHIN_S)
                    last = Timer(STOP_WITHIN_S, _end_undrained)
                    last.daemon = True
                    last.start()

    def _listen(self) -> None:
        """Take the port. Exits with 2 if someone else has it."""
        settings = self.service.settings
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listening.bind((settings.host, settings.listening_port))
        except OSError as error:
            place = f"{settings.host}:{settings.listening_port}"
            sys.stderr.write(
                f"{self.service.name}: cannot listen on {place}: {error.strerror}; set PORT to a free one\n"
            )
            raise SystemExit(2) from error
        self._listening.listen(BACKLOG_MAX)

    def _backlog(self) -> int:
        """Return how many connections wait to be accepted, where the system tells (Linux)."""
        with suppress(OSError, AttributeError):
            info = self._listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
            return int.from_bytes(info[24:28], sys.byteorder)  # tcpi_unacked
        return 0


def _allow_files() -> None:
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if most == resource.RLIM_INFINITY else min(FILES_MAX, most)
    if least != resource.RLIM_INFINITY and least < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _end_undrained() -> None:
    """End whatever still holds on: a thread in a silent database, a query that will not be cancelled.

    Nothing is lost that was acknowledged: every request has been answered, and the bus delivers again.
    """
    log.warning("stopped undrained", after_s=STOP_WITHIN_S)
    _end(0)


def _end(code: int) -> None:
    sys.stdout.flush()
    os._exit(code)


def settle_memory() -> None:
    """Look for garbage rarely, and never among what was made at the start.

    Measured: each look through all of it stopped us for 70 ms, and the many small ones cost commands 15 %.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
