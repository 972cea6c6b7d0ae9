"""The whole province in containers: what tests/system/processes.py runs as processes, with the same methods.

Every container runs as strictly as compose.yaml runs it, on a network of its own. Every port is chosen
here and kept, so an address outlives what answered there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network
from testcontainers.core.wait_strategies import ExecWaitStrategy, HttpWaitStrategy, WaitStrategy

from deploy.embedded.keys import EVERYWHERE, ROLES, Keys
from deploy.embedded.nats import districts_conf
from deploy.embedded.process import LOOPBACK
from deploy.embedded.runtime import DISTRICTS, SERVICES, Ports
from tests.containers.engine import ROOT, base_images, build
from tests.system.processes import QUIET

SERVERS = ("postgres", "nats")
NATS_USERS = (*SERVICES, "operator")
INSIDE = {"postgres": 5432, "nats": 4222} | dict.fromkeys(SERVICES, 8000)
"""The port of each, within the network."""

TOKENS = "/run/tokens.json"
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

    def __init__(self, name: str, make: Callable[[], DockerContainer], ready: WaitStrategy) -> None:
        self.name = name
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
        """Return when it is ready. Raises TimeoutError, with the last of what it said."""
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
        """Erase it with all it stored."""
        if self._container is not None:
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
        """Return all it printed so far."""
        if self._container is None:
            return ""
        return b"".join(self._container.get_logs()).decode(errors="replace")


class Containers:
    """PostgreSQL, NATS and the five services in containers."""

    def __init__(
        self,
        districts: Iterable[str] = DISTRICTS,
        settings: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.districts = list(districts)
        self.settings = settings or {}
        self.ports = Ports.free()
        self._folder = TemporaryDirectory(prefix="fourgood-")
        self.keys = Keys(Path(self._folder.name) / "keys")
        self._network = Network()
        answers = ["pg_isready", "--quiet", f"--host={LOOPBACK}", "--username=postgres"]
        self._units = {
            "postgres": Unit("postgres", self._make_postgres, ExecWaitStrategy(answers)),
            "nats": Unit("nats", self._make_nats, HttpWaitStrategy(8222, "/healthz")),
        } | {name: self._service(name) for name in SERVICES}

    # -- Addresses and tokens, as seen from this host

    def url(self, service: str) -> str:
        """Return where `service` answers HTTP."""
        return f"http://{LOOPBACK}:{getattr(self.ports, service)}"

    def nats_url(self, user: str) -> str:
        """Return the address of NATS for a service, a district or `operator`."""
        return f"nats://{user}:{self.keys.password('nats', user)}@{LOOPBACK}:{self.ports.nats}"

    def database_url(self, service: str) -> str:
        """Return the address of the database of `service`."""
        password = self.keys.password("postgres", service)
        return f"postgresql://{service}:{password}@{LOOPBACK}:{self.ports.postgres}/{service}"

    def token(self, role: str, subtree: str = EVERYWHERE, *, member: str = "", hours: float = 1) -> str:
        """Return a bearer token for one role, for `member`'s offices, or for both, valid for `hours`."""
        return self.keys.token(role, subtree=subtree, member=member, days=hours / 24)

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
        self._network.create()
        for names in (SERVERS, SERVICES):
            for name in names:
                self._units[name].start()
            for name in names:
                self.ready(name)
        return self

    def stop(self) -> None:
        """Remove everything and what it stored."""
        for unit in reversed(self._units.values()):
            unit.remove()
        self._network.remove()
        self._folder.cleanup()

    # -- Life of one

    def kill(self, name: str) -> None:
        """End `name` (a service, `postgres` or `nats`) at once, as a power cut would."""
        self._units[name].kill()

    def terminate(self, name: str) -> int:
        """Ask `name` to stop (SIGTERM, or what its image says), wait, and return its exit status."""
        return self._units[name].stop()

    def restart(self, name: str) -> None:
        """Start `name` again with what it had stored, and return when it is ready."""
        if self.alive(name):
            self.terminate(name)
        self._units[name].start()
        self.ready(name)

    def wipe_nats(self) -> None:
        """Lose everything that NATS stored, and start it again empty."""
        self.terminate("nats")
        self._units["nats"].remove()
        self._units["nats"].start()
        self.ready("nats")

    def alive(self, name: str) -> bool:
        """Return whether `name` runs."""
        return self._units[name].alive

    def ready(self, name: str) -> None:
        """Return when `name` is ready. Raises TimeoutError, with the last of its log."""
        self._units[name].wait()

    def log(self, name: str) -> str:
        """Return what `name` has printed."""
        return self._units[name].said()

    # -- How each is made

    def _service(self, name: str) -> Unit:
        def make() -> DockerContainer:
            container = DockerContainer(build(name)).with_envs(**self._environment(name))
            if name == "reporting":
                container.with_volume_mapping(self._sample_tokens(), TOKENS, "ro")
            return self._reachable(container.with_tmpfs_mount("/tmp").with_kwargs(**STRICT), name)

        return Unit(name, make, HttpWaitStrategy(INSIDE[name], "/readyz"))

    def _environment(self, service: str) -> dict[str, str]:
        """Return the settings of one service, with the servers' names within the network."""
        settings = {
            "DATABASE_URL": f"postgresql://{service}:{self.keys.password('postgres', service)}"
            f"@postgres:{INSIDE['postgres']}/{service}",
            "NATS_URL": f"nats://{service}:{self.keys.password('nats', service)}@nats:{INSIDE['nats']}",
            "AUTH_PUBLIC_KEY": self.keys.public_pem,
        }
        if service == "registry":
            settings["MASTER_KEY"] = self.keys.master_key
        if service == "reporting":
            settings["SIGN_IN_TOKENS"] = TOKENS
            settings["REGISTRY_URL"] = f"http://registry:{INSIDE['registry']}"
            settings["ASSESSMENT_URL"] = f"http://assessment:{INSIDE['assessment']}"
            settings["CLASSIFICATION_URL"] = f"http://classification:{INSIDE['classification']}"
        return settings | QUIET.get(service, {}) | self.settings.get(service, {})

    def _sample_tokens(self) -> Path:
        """Return a file of tokens for one-click sign-in that the container's user can read."""
        path = self.keys.write_sample_tokens(dict.fromkeys(ROLES, EVERYWHERE))
        path.chmod(0o644)
        return path

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
            .with_envs(**passwords, NATS_ISSUER_KEY=self.keys.nats_issuer)
            .with_exposed_ports(8222)
            .with_copy_into_container(
                districts_conf(self.keys, self.districts).encode(), "/etc/nats/districts.conf"
            )
        )
        for file in ("fourgood.conf", "bus.conf"):
            container.with_copy_into_container(ROOT / "deploy/nats" / file, f"/etc/nats/{file}")
        return self._reachable(container, "nats")

    def _reachable(self, container: DockerContainer, name: str) -> DockerContainer:
        container.with_network(self._network).with_network_aliases(name)
        return container.with_bind_ports(INSIDE[name], getattr(self.ports, name))
