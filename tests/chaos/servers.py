"""NATS as a test wants it: with a disk of a certain size, or as a cluster of three."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from deploy.embedded.keys import Keys, write_private
from deploy.embedded.nats import NatsServer
from deploy.embedded.process import LOOPBACK, free_port

PLENTY = 4 * 1024**3


class Server(NatsServer):
    """One server with the rules of deploy/nats, a bounded disk, and whatever else its configuration says."""

    def __init__(
        self, folder: Path, port: int, *, keys: Keys, districts: Iterable[str], log: Path, name: str = "chaos"
    ) -> None:
        super().__init__(folder, port, keys=keys, districts=districts, log=log)
        self.server_name = name
        self.disk_bytes = PLENTY
        """How much JetStream may store; as of the next start."""

        self.more = ""

    def used_bytes(self) -> int:
        """Return how much it stores now."""
        files = (path for path in (self.folder / "jetstream").rglob("*.blk"))
        return sum(path.stat().st_size for path in files)

    def _configure(self) -> None:
        super()._configure()
        write_private(
            self.folder / "server.conf",
            f'listen: "{LOOPBACK}:{self.port}"\n'
            f'server_name: "{self.server_name}"\n'
            f'jetstream {{ store_dir: "{self.folder}", max_file_store: {self.disk_bytes} }}\n'
            f'include "bus.conf"\n{self.more}',
        )


class Cluster:
    """Three servers, in place of the one of the embedded runtime."""

    name: ClassVar[str] = "NATS"
    SIZE = 3

    def __init__(self, folder: Path, port: int, *, keys: Keys, districts: Iterable[str], log: Path) -> None:
        ports = [port, *(free_port() for _ in range(self.SIZE - 1))]
        routes = [free_port() for _ in ports]
        self.nodes = {}
        for number, (one, route) in enumerate(zip(ports, routes, strict=True), 1):
            name = f"n{number}"
            node = Server(
                folder / name,
                one,
                keys=keys,
                districts=districts,
                log=log.with_name(f"nats-{name}.log"),
                name=name,
            )
            others = ", ".join(f'"nats://{LOOPBACK}:{other}"' for other in routes if other != route)
            # Clients are told all servers with their password, and need not discover them without one.
            node.more = (
                f'cluster {{ name: "chaos", listen: "{LOOPBACK}:{route}", no_advertise: true, '
                f"routes: [{others}] }}\n"
            )
            node.name = f"NATS {name}"
            self.nodes[name] = node

    def url(self, user: str) -> str:
        """Return the addresses of all servers, as NATS_URL takes them."""
        return ",".join(node.url(user) for node in self.nodes.values())

    def start(self) -> None:
        """Start all of them."""
        for node in self.nodes.values():
            node.start()

    def stop(self) -> None:
        """Stop all of them."""
        for node in self.nodes.values():
            node.stop()
