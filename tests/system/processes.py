"""The whole province as processes: the embedded servers and the five services, as `make run` starts them.

tests/containers/runtime.py has the same province in containers, with the same methods.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from deploy.embedded.process import end, until
from deploy.embedded.runtime import DISTRICTS, SERVICES, Embedded
from deploy.embedded.supervisor import ServiceProcess
from tests.patience import PATIENCE_S

QUIET = {"assessment": {"OBLIGATIONS_FROM": "2099-12"}}
"""What the clock does by itself would come between two looks of a test; one that waits for it says so."""


class Processes:
    """PostgreSQL, NATS and the five services as children of the test."""

    def __init__(
        self,
        data: Path,
        districts: Iterable[str] = DISTRICTS,
        settings: Mapping[str, Mapping[str, str]] | None = None,
        modules: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Of `modules` each is run as its service, `python -m <module> <arguments>`."""
        self.embedded = Embedded(data, districts=districts)
        self.settings = settings or {}
        self.modules = modules or {}
        self.services: dict[str, ServiceProcess] = {}

    # -- Addresses and tokens

    def url(self, service: str) -> str:
        """Return where `service` answers HTTP."""
        return self.embedded.address(service)

    def nats_url(self, user: str) -> str:
        """Return the address of NATS for a service, a district or `operator`."""
        return self.embedded.nats_url(user)

    def database_url(self, service: str) -> str:
        """Return the address of the database of `service`."""
        return self.embedded.database_url(service)

    def token(self, role: str, subtree: str = "*", *, member: str = "", hours: float = 1) -> str:
        """Return a bearer token for one role, for `member`'s offices, or for both, valid for `hours`."""
        return self.embedded.token(role, subtree=subtree, member=member, days=hours / 24)

    # -- Life of the whole

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start everything, and return when every service is ready."""
        self.embedded.start()
        self.embedded.keys.write_sample_tokens(
            dict.fromkeys(("officer", "auditor", "operator", "secretary"), "*")
        )
        self.embedded.describe()
        for name in SERVICES:
            self.services[name] = ServiceProcess(
                name,
                {**self.embedded.environment(name), **QUIET.get(name, {}), **self.settings.get(name, {})},
                getattr(self.embedded.ports, name),
                self.embedded.log(name),
                (sys.executable, "-m", *module) if (module := self.modules.get(name)) else (),
            )
            self.services[name].start()
        for name in SERVICES:
            self.ready(name)
        return self

    def stop(self) -> None:
        """Stop everything in order."""
        running = [service.process for service in self.services.values() if service.process and service.alive]
        for process in running:
            process.terminate()
        for process in running:
            end(process)
        self.embedded.stop()

    # -- Life of one

    def kill(self, name: str) -> None:
        """End `name` (a service, `postgres` or `nats`) at once, as a power cut would."""
        if name in ("postgres", "nats"):
            getattr(self.embedded, name).kill()
            return
        process = self.services[name].process
        assert process is not None
        process.kill()
        process.wait()

    def terminate(self, name: str) -> int:
        """Ask a service to stop (SIGTERM), wait, and return its exit status."""
        process = self.services[name].process
        assert process is not None
        process.terminate()
        return process.wait(timeout=PATIENCE_S)

    def restart(self, name: str) -> None:
        """Start `name` again with what it had stored, and return when it is ready."""
        if name in ("postgres", "nats"):
            server = getattr(self.embedded, name)
            server.stop()
            server.start()
            return
        if self.services[name].alive:
            self.terminate(name)
        self.services[name].start()
        self.ready(name)

    def wipe_nats(self) -> None:
        """Lose everything that NATS stored, and start it again empty."""
        self.embedded.nats.stop()
        self.embedded.nats.forget()
        self.embedded.nats.start()

    def alive(self, name: str) -> bool:
        """Return whether a service's process runs."""
        return self.services[name].alive

    def ready(self, name: str) -> None:
        """Return when a service is ready. Raises TimeoutError, with the last of its log."""
        if not until(lambda: not self.services[name].waits_for(), within_s=PATIENCE_S):
            raise TimeoutError(f"{name} is not ready; it said last:\n{self.log(name)[-4000:]}")

    def log(self, name: str) -> str:
        """Return what `name` has printed."""
        return self.embedded.log(name).read_text()
