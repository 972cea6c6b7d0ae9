"""A line between a client and NATS that can be held or cut. `python -m tests.chaos.line FROM TO` carries it.

It is a process, so a signal is enough: held (SIGSTOP) it takes connections and forwards nothing, as a
network does that has stopped answering; cut (SIGKILL) it breaks every connection and refuses new ones.
"""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from deploy.embedded.process import LOOPBACK, free_port, spawn
from deploy.embedded.supervisor import ROOT


class Line:
    """One line to a port of this machine."""

    def __init__(self, to: int, log: Path) -> None:
        self.to = to
        self.port = free_port()
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Carry, on the same port as before."""
        command = (sys.executable, "-m", "tests.chaos.line", str(self.port), str(self.to))
        self.process = spawn(command, log=self.log, env={**os.environ, "PYTHONPATH": str(ROOT)})

    def hold(self) -> None:
        """Stop forwarding; whoever is connected stays so."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def release(self) -> None:
        """Forward again, beginning with what was held."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def cut(self) -> None:
        """Break every connection; nobody gets through before the next start."""
        if self.process:
            self.process.kill()
            self.process.wait()


async def carry(port: int, to: int) -> None:
    """Listen on one port and forward to the other."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_forward(reader, far_writer), _forward(far_reader, writer))

    server = await asyncio.start_server(join, LOOPBACK, port)
    await server.serve_forever()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(carry(int(sys.argv[1]), int(sys.argv[2])))
