"""All that is outside the services on one machine: servers, databases, keys, and what each is told."""

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Self

from deploy.embedded.keys import EVERYWHERE, Keys, write_private
from deploy.embedded.nats import NatsServer
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.process import LOOPBACK, CannotStart, free_port, is_free

SERVICES = ("registry", "assessment", "classification", "notification", "reporting")
DISTRICTS = (
    *("QUANG-NINH", "LAI-CHAU", "THAN-UYEN", "QUANG-NAM", "TAM-KY", "BINH-THUAN", "LAO-CAI", "MUONG-KHUONG"),
)
"""The districts of the sample; each publishes as itself."""


@dataclass(frozen=True)
class Ports:
    """Where everything listens on loopback; 0 is any free port."""

    reporting: int = 8100
    registry: int = 8101
    assessment: int = 8102
    classification: int = 8103
    notification: int = 8104
    nats: int = 14222
    postgres: int = 15432
    offices: int = 17422

    @classmethod
    def free(cls) -> Self:
        """Return as many free ports."""
        return cls(**{field.name: free_port() for field in fields(cls)})

    def chosen(self) -> "Ports":
        """Return these with a free port in place of each 0."""
        return Ports(**{name: port or free_port() for name, port in asdict(self).items()})

    def check(self) -> None:
        """Raises CannotStart naming the first port that is taken, and how to choose another."""
        for name, port in asdict(self).items():
            if not is_free(port):
                raise CannotStart(
                    f"port {port} for {name} is taken: stop what listens there, "
                    f"or choose another with --{name}-port or FOURGOOD_PORT_{name.upper()}"
                )


class Embedded:
    """NATS and PostgreSQL on a data folder, for `fourgood up` and for tests (`with Embedded(folder)`)."""

    def __init__(
        self,
        data: Path,
        ports: Ports | None = None,
        districts: Iterable[str] = DISTRICTS,
        *,
        durable: bool = True,
        mail: str = "",
    ) -> None:
        self.data = data.absolute()
        self.ports = (ports or Ports.free()).chosen()
        self.mail = mail
        self.data.mkdir(parents=True, exist_ok=True)
        self.keys = Keys(self.data / "keys")
        self.nats = NatsServer(
            self.data / "nats",
            self.ports.nats,
            keys=self.keys,
            districts=districts,
            log=self.log("nats"),
            offices=f"{LOOPBACK}:{self.ports.offices}",
        )
        self.postgres = PostgresServer(
            self.data / "postgres",
            self.ports.postgres,
            keys=self.keys,
            log=self.log("postgres"),
            durable=durable,
        )
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start both servers and make what the services need. Raises CannotStart."""
        self.hold()
        try:
            self.ports.check()
            self.nats.start()
            self.postgres.start()
            self.postgres.create(SERVICES)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both in order and let go of the data folder."""
        self.nats.stop()
        self.postgres.stop()
        if self._lock:
            self._lock.close()
            self._lock = None

    def hold(self) -> None:
        """Make this process the only one on the data folder. Raises CannotStart."""
        if self._lock is None:
            self._lock = held(self.data)

    def log(self, name: str) -> Path:
        """Return the log file of a server or service."""
        return self.data / "logs" / f"{name}.log"

    # -- What the others are told

    def address(self, service: str) -> str:
        """Return where a service answers over HTTP."""
        return f"http://{LOOPBACK}:{getattr(self.ports, service)}"

    def nats_url(self, user: str) -> str:
        """Return NATS's address for a service, a district or `operator`."""
        return self.nats.url(user)

    def database_url(self, role: str, database: str = "") -> str:
        """Return PostgreSQL's address for a service, or for its owner `postgres`."""
        return self.postgres.url(role, database)

    def token(self, role: str = "", *, subtree: str = EVERYWHERE, days: float = 30, member: str = "") -> str:
        """Return a bearer token that every service here accepts."""
        return self.keys.token(role, subtree=subtree, days=days, member=member)

    def environment(self, service: str) -> dict[str, str]:
        """Return the settings of one service, and nothing of the others'."""
        settings = {
            "DATABASE_URL": self.database_url(service),
            "NATS_URL": self.nats_url(service),
            "AUTH_PUBLIC_KEY": self.keys.public_pem,
            "HOST": LOOPBACK,
            "PORT": str(getattr(self.ports, service)),
        }
        if service == "registry":
            settings["MASTER_KEY"] = self.keys.master_key
        if service == "reporting":
            settings["REGISTRY_URL"] = self.address("registry")
            settings["ASSESSMENT_URL"] = self.address("assessment")
            settings["CLASSIFICATION_URL"] = self.address("classification")
            settings["SIGN_IN_TOKENS"] = str(self.keys.folder / "tokens.json")
        if service == "notification" and self.mail:
            settings |= {
                "SMTP_URL": self.mail,
                "MAIL_DOMAIN": os.environ.get("MAIL_DOMAIN", "fourgood.example"),
            }
        return settings

    def describe(self) -> None:
        """Write run.json, where the command line looks for everything above."""
        where = {
            "process": os.getpid(),
            "ports": asdict(self.ports),
            "services": {service: self.address(service) for service in SERVICES},
        }
        write_private(self.data / "run.json", json.dumps(where, indent=2))


def held(data: Path) -> IO[str]:
    """Return the lock of a data folder, ours until it is closed. Raises CannotStart if another has it."""
    lock = (data / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        owner = lock.read().strip()
        lock.close()
        raise CannotStart(
            f"{data} is in use by process {owner or '?'}: stop that one (Ctrl-C there) or choose other --data"
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
