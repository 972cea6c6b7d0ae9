"""One process that starts the others, starts again what dies, and stops them all in order."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType
from typing import Protocol

from deploy.embedded.process import LOOPBACK, CannotStart, end, last_line, spawn

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90.0
STOP_WITHIN_S = 20.0
LOOK_EVERY_S = 0.1
QUICK_S = 30.0
"""A shorter life counts as a quick death."""

QUICK_DEATHS_MAX = 5
BACKOFF_S_MAX = 30.0
MISCONFIGURED = 2
"""The exit code of a service that refuses its settings: starting it again changes nothing."""

Say = Callable[[str], None]


class Unit(Protocol):
    """What can be tended: a server or a service."""

    name: str
    log: Path
    process: "subprocess.Popen[bytes] | None"

    def start(self) -> None:
        """Start it. Raises CannotStart."""
        ...

    @property
    def alive(self) -> bool:
        """Return whether it runs."""
        ...


@dataclass
class ServiceProcess:
    """One service as a process of its own."""

    name: str
    environment: Mapping[str, str]
    port: int
    log: Path
    command: Sequence[str] = ()
    """`python -m services.<name>`, unless told otherwise."""

    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start the process; it is ready some time later."""
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self.process = spawn(
            self.command or (sys.executable, "-m", f"services.{self.name}"),
            log=self.log,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **self.environment},
        )

    @property
    def alive(self) -> bool:
        """Return whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def waits_for(self) -> str:
        """Return what keeps it from being ready, or nothing."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2.0)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return "" if answer.status == http.HTTPStatus.OK else answer.read(300).decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return "no answer yet"
        finally:
            connection.close()


@dataclass
class Life:
    """How one unit has fared."""

    unit: Unit
    started_at: float = field(default_factory=monotonic)
    quick_deaths: int = 0
    again_at: float | None = None
    """When it is to be started again; None while it runs."""


class Supervisor:
    """Keeps servers and services running until it is told to stop. Everything happens on one thread."""

    def __init__(self, servers: Sequence[Unit], services: Sequence[ServiceProcess], *, say: Say) -> None:
        self.services = services
        self.say = say
        self.stopping = Event()
        self._lives = [Life(unit) for unit in (*servers, *services)]

    def start(self, *, report: Callable[[int, str], None] = lambda ready, name: None) -> None:
        """Start the services and return when all are ready, or a stop was asked for. Raises CannotStart."""
        for service in self.services:
            service.start()
        deadline = monotonic() + READY_WITHIN_S
        waiting = {service.name: "no answer yet" for service in self.services}
        while waiting and not self.stopping.wait(LOOK_EVERY_S):
            self.tend(give_up=True)
            for service in self.services:
                if service.name in waiting and not (reason := service.waits_for()):
                    del waiting[service.name]
                    report(len(self.services) - len(waiting), service.name)
                elif service.name in waiting:
                    waiting[service.name] = reason
            if waiting and monotonic() > deadline:
                name, reason = next(iter(waiting.items()))
                raise CannotStart(f"{name} is not ready after {READY_WITHIN_S:.0f} s: {reason}")

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Tend everything until a stop is asked for, or `until` comes true."""
        while not until() and not self.stopping.wait(LOOK_EVERY_S):
            self.tend()

    def tend(self, *, give_up: bool = False) -> None:
        """Look once: start again what died, later each time; if `give_up`, raise CannotStart in the end."""
        for life in self._lives:
            if life.again_at is None and not life.unit.alive:
                self._mourn(life, give_up=give_up)
            elif life.again_at is not None and monotonic() >= life.again_at:
                life.again_at, life.started_at = None, monotonic()
                try:
                    life.unit.start()
                except CannotStart as error:
                    self.say(str(error))

    def stop(self) -> None:
        """Stop the services, all at once, and wait for them. The servers are their owner's to stop."""
        running = [service for service in self.services if service.alive]
        for service in running:
            assert service.process is not None
            service.process.terminate()
        for service in running:
            assert service.process is not None
            end(service.process, patience_s=STOP_WITHIN_S)

    def _mourn(self, life: Life, *, give_up: bool) -> None:
        unit = life.unit
        code = unit.process.returncode if unit.process else None
        life.quick_deaths = life.quick_deaths + 1 if monotonic() - life.started_at < QUICK_S else 1
        if give_up and (code == MISCONFIGURED or life.quick_deaths >= QUICK_DEATHS_MAX):
            raise CannotStart(f"{unit.name} does not start: {last_line(unit.log)} (see {unit.log})")
        delay_s = min(BACKOFF_S_MAX, 0.25 * 2**life.quick_deaths)
        life.again_at = monotonic() + delay_s
        line = f"{unit.name} {_how(code)}; starting it again in {delay_s:g} s"
        if life.quick_deaths >= QUICK_DEATHS_MAX:
            line += f", for the {life.quick_deaths}th time: look into {unit.log}"
        self.say(line)


@contextmanager
def stopped_by_signals(stopping: Event) -> Iterator[None]:
    """Set `stopping` on Ctrl-C, SIGTERM, or when the terminal goes away."""

    def ask(number: int, frame: FrameType | None) -> None:
        stopping.set()

    former = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def own_terminal() -> Iterator[None]:
    """Let Ctrl-C reach this process alone, not the `make` that started it and would call it an error."""
    terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
    if terminal is None or os.getpgrp() in (os.getpid(), 0) or os.tcgetpgrp(terminal) != os.getpgrp():
        yield
        return
    former = os.getpgrp()
    # Giving the terminal back from what is then its background would stop us.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(terminal, former)


def _how(code: int | None) -> str:
    if code is None:
        return "did not start"
    return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with {code}"
