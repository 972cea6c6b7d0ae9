"""The whole province in containers: what deploy.embedded runs as processes, so the same tests try both.

`Containers` is to be used as `Embedded` is: two servers with start, stop and kill, addresses, keys, tokens.
Its `services` are to be used as ServiceProcess is. Every container runs as strictly as compose.yaml runs it,
on a network of its own; every port is chosen here and kept, so an address outlives what answered there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

import httpx
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network
from testcontainers.core.wait_strategies import ExecWaitStrategy, HttpWaitStrategy, WaitStrategy

from contracts.subjects import inbox_prefix
from deploy.embedded.keys import EVERYWHERE, Keys
from deploy.embedded.process import LOOPBACK
from deploy.embedded.runtime import DISTRICTS, SERVICES, Ports
from tests.containers.engine import ROOT, base_images, build

NATS_USERS = (*SERVICES, "operator")
INSIDE = {"postgres": 5432, "nats": 4222} | dict.fromkeys(SERVICES, 8000)
"""The port of each, within the network."""

START_WITHIN_S = 60
STOP_WITHIN_S = 30
STRICT = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "restart_policy": {"Name": "unless-stopped"},
}


class Unit:
    """One container that can be killed, stopped and started again with what it had stored."""

    def __init__(
        self, name: str, make: Callable[[], DockerContainer], ready: WaitStrategy, log: Path
    ) -> None:
        self.name = name
        self.log = log
        self._make = make
        self._ready = ready.with_startup_timeout(START_WITHIN_S)
        self._container: DockerContainer | None = None

    def start(self) -> None:
        """Start the container, made anew if it is gone; it is ready some time later."""
        if self._container is None:
            self._container = self._make().start()
        else:
            self._container.get_wrapped_container().start()

    def wait(self) -> None:
        """Return when it is ready. Raises TimeoutError with the last it said."""
        assert self._container is not None
        try:
            self._ready.wait_until_ready(self._container)
        except Exception as error:
            raise TimeoutError(f"{self.name} is not ready; it said last:\n{self.said()[-4000:]}") from error

    def stop(self) -> int:
        """Stop it in order, SIGTERM or what its image asks for. Return its exit status."""
        assert self._container is not None
        self._container.get_wrapped_container().stop(timeout=STOP_WITHIN_S)
        return self._container.wait()

    def kill(self) -> None:
        """End it as a power cut would. Docker starts again what ends by itself, but not this."""
        assert self._container is not None
        self._container.get_wrapped_container().kill("SIGKILL")
        self._container.wait()

    def remove(self) -> None:
        """Erase it with all it stored; its log file keeps what it said."""
        if self._container is not None:
            self.said()
            self._container.stop()
            self._container = None

    @property
    def alive(self) -> bool:
        """Return whether it runs."""
        if self._container is None:
            return False
        self._container.reload()
        return self._container.status == "running"

    def said(self) -> str:
        """Return all it printed so far, and keep that in its log file."""
        if self._container is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_bytes(b"".join(self._container.get_logs()))
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class ServiceUnit(Unit):
    """One service in the container that deploy/Dockerfile makes."""

    port: int

    def waits_for(self) -> str:
        """Return what keeps it from being ready, or nothing."""
        try:
            answer = httpx.get(f"http://{LOOPBACK}:{self.port}/readyz", timeout=2.0)
        except httpx.HTTPError:
            return "no answer yet"
        return "" if answer.status_code == httpx.codes.OK else answer.text[:300]


class NatsUnit(Unit):
    """The NATS server, whose streams can be forgotten and whose districts can grow."""

    def forget(self) -> None:
        """Erase all streams, as if the disk were lost. The server must be stopped."""
        self.remove()

    def tell(self, text: str) -> None:
        """Write districts.conf in the running container and have the server read it."""
        assert self._container is not None
        self._container.copy_into_container(text.encode(), "/etc/nats/districts.conf")
        self._container.get_wrapped_container().kill("SIGHUP")


class Containers:
    """NATS, PostgreSQL and the five services in containers (`with Containers(folder)` starts the servers)."""

    def __init__(
        self, data: Path, ports: Ports | None = None, districts: Iterable[str] = DISTRICTS, *, mail: str = ""
    ) -> None:
        self.data = data
        self.ports = (ports or Ports.free()).chosen()
        self.mail = mail
        self.keys = Keys(data / "keys")
        self.districts = sorted(set(districts))
        self.nats = NatsUnit("nats", self._make_nats, HttpWaitStrategy(8222, "/healthz"), self.log("nats"))
        answers = ["pg_isready", "--quiet", f"--host={LOOPBACK}", "--username=postgres"]
        self.postgres = Unit("postgres", self._make_postgres, ExecWaitStrategy(answers), self.log("postgres"))
        self.services = {name: self._service(name) for name in SERVICES}
        self._network = Network()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start both servers, and return when they answer."""
        self._network.create()
        for server in (self.nats, self.postgres):
            server.start()
        for server in (self.nats, self.postgres):
            server.wait()

    def start_services(self) -> None:
        """Start the five services, and return when all are ready."""
        for service in self.services.values():
            service.start()
        for service in self.services.values():
            service.wait()

    def stop(self) -> None:
        """Remove everything and what it stored."""
        for unit in (*self.services.values(), self.postgres, self.nats):
            unit.remove()
        if self._network.id:
            self._network.remove()

    # -- Addresses and tokens, as seen from this host

    def address(self, service: str) -> str:
        """Return where a service answers over HTTP."""
        return f"http://{LOOPBACK}:{getattr(self.ports, service)}"

    def nats_url(self, user: str) -> str:
        """Return NATS's address for a service, a district or `operator`."""
        return f"nats://{user}:{self.keys.password('nats', user)}@{LOOPBACK}:{self.ports.nats}"

    def database_url(self, role: str, database: str = "") -> str:
        """Return PostgreSQL's address for a service, or for its owner `postgres`."""
        password = self.keys.password("postgres", role)
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.ports.postgres}/{database or role}"

    def token(self, role: str, *, subtree: str = EVERYWHERE, days: float = 30, subject: str = "") -> str:
        """Return a bearer token that every service here accepts."""
        return self.keys.token(role, subtree=subtree, days=days, subject=subject)

    def log(self, name: str) -> Path:
        """Return the file that keeps what a server or service said, once it is asked or removed."""
        return self.data / "logs" / f"{name}.log"

    def admit(self, *districts: str) -> None:
        """Let more districts in without a restart."""
        self.districts = sorted({*self.districts, *districts})
        self.nats.tell(self._districts_conf())

    def environment(self, service: str) -> dict[str, str]:
        """Return the settings of one service, with the servers' names within the network."""
        settings = {
            "DATABASE_URL": f"postgresql://{service}:{self.keys.password('postgres', service)}"
            f"@postgres:{INSIDE['postgres']}/{service}",
            "NATS_URL": f"nats://{service}:{self.keys.password('nats', service)}@nats:{INSIDE['nats']}",
            "AUTH_PUBLIC_KEY": self.keys.public_pem,
        }
        if service == "registry":
            settings["MASTER_KEY"] = self.keys.master_key
        if service == "notification" and self.mail:
            settings |= {"SMTP_URL": self.mail, "MAIL_DOMAIN": "fourgood.example"}
        return settings

    # -- How each is made

    def _service(self, name: str) -> ServiceUnit:
        def make() -> DockerContainer:
            container = DockerContainer(build(name)).with_envs(**self.environment(name))
            return self._reachable(container.with_tmpfs_mount("/tmp").with_kwargs(**STRICT), name)

        unit = ServiceUnit(name, make, HttpWaitStrategy(INSIDE[name], "/readyz"), self.log(name))
        unit.port = getattr(self.ports, name)
        return unit

    def _make_postgres(self) -> DockerContainer:
        passwords = {
            f"POSTGRES_{name.upper()}_PASSWORD": self.keys.password("postgres", name) for name in SERVICES
        }
        container = (
            DockerContainer(base_images()["POSTGRES_IMAGE"])
            .with_envs(POSTGRES_PASSWORD=self.keys.password("postgres", "postgres"), **passwords)
            .with_copy_into_container(
                ROOT / "deploy/postgres/init.sh", "/docker-entrypoint-initdb.d/init.sh", 0o755
            )
        )
        return self._reachable(container, "postgres")

    def _make_nats(self) -> DockerContainer:
        passwords = {f"NATS_{user.upper()}_PASSWORD": self.keys.password("nats", user) for user in NATS_USERS}
        container = (
            DockerContainer(base_images()["NATS_IMAGE"])
            .with_command(["--config", "/etc/nats/fourgood.conf"])
            .with_envs(**passwords)
            .with_exposed_ports(8222)
            .with_copy_into_container(self._districts_conf().encode(), "/etc/nats/districts.conf")
        )
        for file in ("fourgood.conf", "bus.conf"):
            container.with_copy_into_container(ROOT / "deploy/nats" / file, f"/etc/nats/{file}")
        return self._reachable(container, "nats")

    def _reachable(self, container: DockerContainer, name: str) -> DockerContainer:
        container.with_network(self._network).with_network_aliases(name)
        return container.with_bind_ports(INSIDE[name], getattr(self.ports, name))

    def _districts_conf(self) -> str:
        rows = (
            f'  {{user: "{code}", password: "{self.keys.password("nats", code)}", permissions: {{'
            f'publish: ["intake.{code}.>"], subscribe: ["receipts.{code}.>", "{inbox_prefix(code)}.>"]}}}}\n'
            for code in self.districts
        )
        return f"users: [\n{''.join(rows)}]\n"
