"""The whole province in containers, for the same system tests that run it as processes.

A network, PostgreSQL, NATS and the five services, each built from deploy/Dockerfile and run as strictly as
compose.yaml runs them. Every port is chosen here and kept, so an address stays true when what answers there
is killed and started again.
"""

from __future__ import annotations

import base64
import secrets
import socket
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network
from testcontainers.core.wait_strategies import ExecWaitStrategy, HttpWaitStrategy, WaitStrategy

from tests.containers.engine import ROOT, SERVICES, base_images, build

SERVERS = ("postgres", "nats")
LISTENS_ON = {"postgres": 5432, "nats": 4222} | dict.fromkeys(SERVICES, 8000)
START_WITHIN_S = 60
STOP_WITHIN_S = 30


class Containers:
    """PostgreSQL, NATS and the five services in containers of their own, on a network of their own."""

    def __init__(
        self, districts: Iterable[str] = (), settings: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """`settings` are further environment variables, by service."""
        self.settings = settings or {}
        self.signing_key = Ed25519PrivateKey.generate()
        self.districts = list(districts)
        self.passwords = {
            user: f"p{secrets.token_hex(12)}" for user in (*SERVICES, "operator", "postgres", *self.districts)
        }
        self.ports = {name: _free_port() for name in (*SERVERS, *SERVICES)}
        self._network = Network()
        self._containers: dict[str, DockerContainer] = {}

    # -- Addresses and tokens, as seen from outside the network

    def url(self, service: str) -> str:
        """Return where `service` answers HTTP."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def nats_url(self, user: str) -> str:
        """Return the address of NATS for a service, a district or `operator`."""
        return f"nats://{user}:{self.passwords[user]}@127.0.0.1:{self.ports['nats']}"

    def database_url(self, service: str) -> str:
        """Return the address of the database of `service`."""
        return (
            f"postgresql://{service}:{self.passwords[service]}@127.0.0.1:{self.ports['postgres']}/{service}"
        )

    def token(self, role: str, subtree: str = "*", *, hours: float = 1) -> str:
        """Return a bearer token for one role, valid for `hours`."""
        claims = {
            "iss": "fourgood",
            "aud": "fourgood",
            "sub": f"{role}-of-the-tests",
            "roles": [role],
            "subtree": subtree,
            "exp": datetime.now(UTC) + timedelta(hours=hours),
        }
        return jwt.encode(claims, self.signing_key, "EdDSA")

    # -- Life of the whole

    def start(self) -> Self:
        """Start everything, and return when every service is ready."""
        self._network.create()
        for name in (*SERVERS, *SERVICES):
            self._containers[name] = self._make(name).start()
        for name in SERVERS:
            self.ready(name)
        for name in SERVICES:
            self.ready(name)
        return self

    def stop(self) -> None:
        """Stop and remove everything, newest first, and what it stored."""
        for name in reversed(list(self._containers)):
            self._containers.pop(name).stop()
        self._network.remove()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- Life of one

    def kill(self, name: str) -> None:
        """End `name` (a service, `postgres` or `nats`) at once, as a power cut would: SIGKILL."""
        self._containers[name].get_wrapped_container().kill("SIGKILL")

    def terminate(self, name: str) -> int:
        """Ask `name` to stop (SIGTERM, or what its image says), wait, and return its exit status."""
        container = self._containers[name].get_wrapped_container()
        container.stop(timeout=STOP_WITHIN_S)
        return int(container.wait()["StatusCode"])

    def restart(self, name: str) -> None:
        """Start `name` again with what it had stored, and return when it is ready."""
        self._containers[name].get_wrapped_container().restart(timeout=STOP_WITHIN_S)
        self.ready(name)

    def wipe_nats(self) -> None:
        """Lose everything that NATS stored: the old container goes, an empty one takes its place."""
        self._containers.pop("nats").stop()
        self._containers["nats"] = self._make("nats").start()
        self.ready("nats")

    def ready(self, name: str) -> None:
        """Return when `name` is ready. Raises TimeoutError, with the last of its log."""
        container = self._containers[name]
        try:
            _readiness(name).with_startup_timeout(START_WITHIN_S).wait_until_ready(container)
        except Exception as error:
            raise TimeoutError(f"{name} is not ready; it said last:\n{self.log(name)[-4000:]}") from error

    def log(self, name: str) -> str:
        """Return what `name` has printed."""
        return "".join(stream.decode(errors="replace") for stream in self._containers[name].get_logs())

    # -- How each is made

    def _make(self, name: str) -> DockerContainer:
        make = {"postgres": self._postgres, "nats": self._nats}.get(name)
        container = make() if make else self._service(name)
        container.with_network(self._network).with_network_aliases(name)
        return container.with_bind_ports(LISTENS_ON[name], self.ports[name])

    def _postgres(self) -> DockerContainer:
        passwords = {f"POSTGRES_{name.upper()}_PASSWORD": self.passwords[name] for name in SERVICES}
        return (
            DockerContainer(base_images()["POSTGRES_IMAGE"])
            .with_envs(POSTGRES_PASSWORD=self.passwords["postgres"], **passwords)
            .with_copy_into_container(
                ROOT / "deploy/postgres/init.sh", "/docker-entrypoint-initdb.d/init.sh", 0o755
            )
        )

    def _nats(self) -> DockerContainer:
        users = (*SERVICES, "operator")
        container = (
            DockerContainer(base_images()["NATS_IMAGE"])
            .with_command(["--config", "/etc/nats/fourgood.conf"])
            .with_envs(**{f"NATS_{user.upper()}_PASSWORD": self.passwords[user] for user in users})
            .with_exposed_ports(8222)
            .with_copy_into_container(self._districts_conf().encode(), "/etc/nats/districts.conf")
        )
        for file in ("fourgood.conf", "bus.conf"):
            container.with_copy_into_container(ROOT / "deploy/nats" / file, f"/etc/nats/{file}")
        return container

    def _service(self, name: str) -> DockerContainer:
        public_key = self.signing_key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        environment = {
            "DATABASE_URL": f"postgresql://{name}:{self.passwords[name]}@postgres:5432/{name}",
            "NATS_URL": f"nats://{name}:{self.passwords[name]}@nats:4222",
            "AUTH_PUBLIC_KEY": public_key.decode(),
        }
        if name == "registry":
            environment["MASTER_KEY"] = base64.b64encode(secrets.token_bytes(32)).decode()
        return (
            DockerContainer(build(name))
            .with_envs(**environment, **self.settings.get(name, {}))
            .with_tmpfs_mount("/tmp")
            .with_kwargs(read_only=True, cap_drop=["ALL"], security_opt=["no-new-privileges:true"])
        )

    def _districts_conf(self) -> str:
        rows = (
            f'  {{user: "{code}", password: "{self.passwords[code]}", permissions: {{'
            f'publish: ["intake.{code}.>"], subscribe: ["receipts.{code}.>", "_INBOX_{code}.>"]}}}}\n'
            for code in self.districts
        )
        return f"users: [\n{''.join(rows)}]\n"


def _readiness(name: str) -> WaitStrategy:
    if name == "postgres":
        return ExecWaitStrategy(["pg_isready", "--quiet", "--host=127.0.0.1", "--username=postgres"])
    if name == "nats":
        return HttpWaitStrategy(8222, "/healthz")
    return HttpWaitStrategy(8000, "/readyz")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
